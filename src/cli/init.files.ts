/** Writing the files of a checkpoint into a folder or a bucket: skips what is whole, draws what is not. */
import { printable } from "../check.js";
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { readAhead } from "./ahead.js";
import { complete } from "./complete.js";
import type { Drawing } from "./drawing.js";
import type { SchemeGroups } from "./init.measure.js";
import type { WrittenFile } from "./init.table.js";
import type { Io } from "./io.js";
import type { Lane, MadeFile } from "./lane.js";
import { inLanes } from "./lanes.js";
import { moving, progress } from "./progress.js";
import type { Share } from "./share.js";
import type { Listed, Store } from "./store.js";
import { HASH_SUFFIX, hashLine, SUMS_NAME } from "./sums.js";
import { faultLines, foreignText } from "./text.js";
import type { Writing } from "./write.js";

export interface FilesFlags {
  readonly shard?: Share;
  readonly verify?: boolean;
  readonly force?: boolean;
  readonly store: Store;
  readonly drawing: Drawing;
  readonly checkpoint: Checkpoint;
  /** Takes in what is drawn. */
  readonly groups: SchemeGroups;
  readonly io: Io;
}

/** Writes these files, and unless another task has a share, the index and SHA256SUMS. */
export async function writeFiles(files: readonly CheckpointFile[], flags: FilesFlags): Promise<readonly WrittenFile[]> {
  const { shard, store, checkpoint, io } = flags;
  const written = await writeShare(files, flags);
  if (files.length === 0) {
    const { length } = checkpoint.files;
    io.warn(`${store.name}: nothing to write; the ${length} files belong to the tasks before this one\n`);
  }
  if (shard === undefined) {
    const completed = await complete(store, io);
    const faults = faultLines(completed, checkpoint.files.length);
    if (!completed.complete) throw new Error(`${store.name}: ${faults.join("\n")}\nno index was written`);
  }
  return written;
}

async function writeShare(
  files: readonly CheckpointFile[],
  { verify = false, force = false, store, drawing, checkpoint, groups, io }: FilesFlags,
): Promise<readonly WrittenFile[]> {
  const there = new Map((await store.list()).map((listed) => [listed.name, listed]));
  checkForeign(store, [...there.keys()], checkpoint.files);
  const states = new Map<string, FileState>(); // of all files, before the first is written
  for (const file of files) {
    const state = await stateOf(store, file, there.get(file.name));
    if (state === "other" && !force) throw refused(store, file);
    states.set(file.name, state);
  }
  const isThere = ({ name }: CheckpointFile) => states.get(name) === "whole";
  const missing = files.filter((file) => !isThere(file)).map(({ name, byteLength: bytes }) => ({ name, bytes }));
  await store.prepare(missing);
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  const bar = progress(bytes, `bytes in ${files.length} files`, io);
  const progressed = moving(bar);
  const drawn = new Map<CheckpointFile, MadeFile["measured"]>();
  const writeMissing = async (file: CheckpointFile, lane: Lane): Promise<WrittenFile> => {
    const written = { path: store.pathOf(file.name), bytes: file.byteLength };
    const writing = { checkpoint, lane, progressed };
    if (isThere(file) && (!verify || (await isEqual(store, file, writing)))) {
      return { ...written, sha256: null, skipped: true };
    }
    if (isThere(file))
      io.warn(`${printable(written.path)}: its bytes differ from what is drawn; it is written again\n`);
    const { sha256, measured } = await write(store, file, writing, there.has(SUMS_NAME));
    drawn.set(file, measured);
    return { ...written, sha256, skipped: false };
  };
  try {
    const written = await inLanes(files, await drawing.lanes(files.length, checkpoint.seed, store.cut), writeMissing);
    for (const file of files) if (drawn.has(file)) groups.add(file, drawn.get(file) ?? []); // in order: files end as they do
    return written;
  } finally {
    bar?.stop();
  }
}

/** Readers of a folder may take every .safetensors file in it. */
function checkForeign(store: Store, names: readonly string[], files: readonly CheckpointFile[]): void {
  const own = new Set(files.map(({ name }) => name));
  const foreign = names.filter((name) => name.endsWith(".safetensors") && !own.has(name));
  if (foreign.length > 0) throw new Error(`${store.name}: ${foreignText(foreign)}`);
}

/**
 * The hash comes after the file, so that no hash stands beside a file that is not whole or of other bytes.
 *
 * @param isListed whether an older list may have a hash of the file, which an empty one beside the file makes void: this task may
 * be killed between the file and its hash.
 */
async function write(store: Store, file: CheckpointFile, writing: Writing, isListed: boolean): Promise<MadeFile> {
  const beside = file.name + HASH_SUFFIX;
  await (isListed ? store.put(beside, "") : store.remove(beside));
  const made = await store.write(file, writing);
  await store.put(beside, hashLine(made.sha256, file.name));
  return made;
}

/** What stands under a file's name: nothing; the file; a part of it, or the file with other bytes; or another file. */
type FileState = "absent" | "whole" | "part" | "other";

async function stateOf(
  store: Store,
  { name, byteLength, header }: CheckpointFile,
  listed: Listed | undefined,
): Promise<FileState> {
  if (listed === undefined) return "absent";
  const begin = await store.read(name, 0, header.length);
  if (Buffer.compare(begin, header.subarray(0, begin.length)) !== 0) return "other";
  return listed.bytes === byteLength ? "whole" : "part";
}

function refused(store: Store, { name }: CheckpointFile): Error {
  const what = `${printable(store.pathOf(name))} is another file: of another model, seed, plan, dtype or shard size`;
  return new Error(`${what}; --force replaces it`);
}

/** Draws a file again and compares. */
async function isEqual(store: Store, file: CheckpointFile, { checkpoint, lane }: Writing): Promise<boolean> {
  const [buffer] = lane.buffers as readonly [Uint8Array];
  lane.start(file, checkpoint);
  for await (const { begin, bytes } of readAhead(store, file.name, file.byteLength)) {
    for (let at = 0; at < bytes.length; at += buffer.length) {
      const stored = bytes.subarray(at, at + buffer.length);
      const drawn = buffer.subarray(0, stored.length);
      await lane.draw(begin + at, drawn);
      if (Buffer.compare(stored, drawn) !== 0) return false;
    }
  }
  return true;
}
