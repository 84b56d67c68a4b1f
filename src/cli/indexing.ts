/** `nn-init index`: the last step of writing a checkpoint in shares. */
import { counted } from "../chart/words.js";
import { complete, NoCheckpointError } from "./complete.js";
import type { Io } from "./io.js";
import { storeOf } from "./stores.js";
import { faultLines } from "./text.js";

export interface IndexFlags {
  readonly json?: boolean;
}

/**
 * What `look` finds in a store.
 *
 * @param none what is printed before the error where there is no checkpoint, with the names of files that are not where they
 * belong: `--json` prints an object in any case.
 */
export async function orJson<T>(
  look: () => Promise<T>,
  none: ((names: readonly string[]) => object) | undefined,
  io: Io,
): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (none !== undefined && error instanceof NoCheckpointError) {
      await io.print(`${JSON.stringify(none(error.names))}\n`);
    }
    throw error;
  }
}

/** @returns whether the checkpoint is complete. */
export async function runIndex(path: string, { json }: IndexFlags, io: Io): Promise<boolean> {
  const store = await storeOf(path);
  const {
    complete: isComplete,
    files,
    count,
    bytes,
    missing,
    foreign,
  } = await orJson(
    () => complete(store, io),
    json ? (foreign) => ({ complete: false, files: 0, bytes: 0, missing: [], foreign }) : undefined,
    io,
  );
  if (json) {
    await io.print(`${JSON.stringify({ complete: isComplete, files, bytes, missing, foreign })}\n`);
    return isComplete;
  }
  const lines = [
    ...faultLines({ missing, foreign }, count),
    isComplete
      ? `${store.name}: complete, ${counted(files, "file")}, ${bytes.toLocaleString("en")} bytes`
      : "no index was written",
  ];
  await io.print(`${lines.join("\n")}\n`);
  return isComplete;
}
