/** The store that a path names. */
import { UsageError } from "./arguments.js";
import { folderStore } from "./folder.js";
import type { Store } from "./store.js";

/** Whether a path names a prefix in a bucket. */
export const isBucket = (path: string): boolean => /^s3:\/\//i.test(path);

export async function storeOf(path: string): Promise<Store> {
  if (!isBucket(path)) return folderStore(path);
  throw new UsageError("--out: expected a folder, got a bucket");
}
