/** `nn-init index`: the last step of writing a checkpoint in shares. */
import { complete } from "./complete.js";
import type { Io } from "./io.js";
import { storeOf } from "./stores.js";
import { faultLines } from "./text.js";

export interface IndexFlags {
  readonly json?: boolean;
}

/** @returns whether the checkpoint is complete. */
export async function runIndex(path: string, { json }: IndexFlags, io: Io): Promise<boolean> {
  const store = await storeOf(path);
  const { complete: isComplete, files, bytes, missing, foreign } = await complete(store);
  if (json) {
    await io.print(`${JSON.stringify({ complete: isComplete, files, bytes, missing, foreign })}\n`);
    return isComplete;
  }
  const lines = [
    ...faultLines({ missing, foreign }, files + missing.length),
    isComplete
      ? `${store.name}: complete, ${files} files, ${bytes.toLocaleString("en")} bytes`
      : "no index was written",
  ];
  await io.print(`${lines.join("\n")}\n`);
  return isComplete;
}
