/** The store that a path names. */
import { show } from "../check.js";
import { UsageError } from "./arguments.js";
import { folderStore } from "./folder.js";
import { isBucket, parseAddress } from "./s3/address.js";
import type { Store } from "./store.js";

export { isBucket } from "./s3/address.js";

/** @throws UsageError for an address that is neither a path nor s3://bucket/prefix. */
export async function storeOf(path: string): Promise<Store> {
  if (path === "") throw new UsageError("expected a folder or s3://bucket/prefix, got an empty name");
  if (isBucket(path)) return (await import("./s3/store.js")).bucketStore(parseAddress(path));
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return folderStore(path);
  throw new UsageError(`expected a folder or s3://bucket/prefix, got ${show(path)}`);
}
