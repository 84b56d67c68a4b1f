/** Writing the files of a checkpoint into a folder or a bucket: skips what is whole, draws what is not. */
import { printable } from "../check.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { readAhead } from "./ahead.js";
import { complete } from "./complete.js";
import { type Buffers, type Drawing, PIECE_BYTES } from "./drawing.js";
import type { WrittenFile } from "./init.table.js";
import { inLanes } from "./lanes.js";
import { progress } from "./progress.js";
import type { Share } from "./share.js";
import type { Listed, Store } from "./store.js";
import { HASH_SUFFIX, hashLine } from "./sums.js";
import { faultLines, foreignText } from "./text.js";
import { type Writing, withBar } from "./write.js";

export interface FilesFlags {
  readonly shard?: Share;
  readonly verify?: boolean;
  readonly force?: boolean;
  readonly store: Store;
  readonly drawing: Drawing;
  readonly writing: Writing;
}

/** Writes these files, and unless another task has a share, the index and SHA256SUMS. */
export async function writeFiles(files: readonly CheckpointFile[], flags: FilesFlags): Promise<readonly WrittenFile[]> {
  const { shard, store, writing } = flags;
  const written = await writeShare(files, flags);
  if (files.length === 0) {
    const { files: all } = writing.checkpoint;
    writing.io.warn(`${store.name}: nothing to write; the ${all.length} files belong to the tasks before this one\n`);
  }
  if (shard === undefined) {
    const completed = await complete(store);
    const faults = faultLines(completed, writing.checkpoint.files.length);
    if (!completed.complete) throw new Error(`${store.name}: ${faults.join("\n")}\nno index was written`);
  }
  return written;
}

async function writeShare(
  files: readonly CheckpointFile[],
  { verify = false, force = false, store, drawing, writing }: FilesFlags,
): Promise<readonly WrittenFile[]> {
  const there = new Map((await store.list()).map((listed) => [listed.name, listed]));
  checkForeign(store, [...there.keys()], writing.checkpoint.files);
  const states = new Map<string, FileState>(); // of all files, before the first is written
  for (const file of files) {
    const state = await stateOf(store, file, there.get(file.name));
    if (state === "other" && !force) throw refused(store, file);
    states.set(file.name, state);
  }
  const isThere = ({ name }: CheckpointFile) => states.get(name) === "whole";
  const bytes = files.reduce((sum, file) => sum + (isThere(file) ? 0 : file.byteLength), 0);
  await store.prepare(bytes);
  const bar = progress(bytes, `bytes in ${files.length} files`, writing.io);
  const barred = withBar(writing, bar);
  const writeMissing = async (file: CheckpointFile, buffers: Buffers): Promise<WrittenFile> => {
    const skipped = isThere(file) && (!verify || (await isEqual(store, file, buffers, writing)));
    const sha256 = skipped ? null : await write(store, file, buffers, barred);
    return { path: store.pathOf(file.name), bytes: file.byteLength, sha256, skipped };
  };
  try {
    return await inLanes(files, drawing.open(Math.min(drawing.threads, files.length)), writeMissing);
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

/** The hash comes after the file, so that no hash stands beside a file that is not whole or of other bytes. */
async function write(store: Store, file: CheckpointFile, buffers: Buffers, writing: Writing): Promise<string> {
  await store.remove(file.name + HASH_SUFFIX);
  const sha256 = await store.write(file, buffers, writing);
  await store.put(file.name + HASH_SUFFIX, hashLine(sha256, file.name));
  return sha256;
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
async function isEqual(store: Store, file: CheckpointFile, [buffer]: Buffers, { checkpoint, io }: Writing) {
  const draw = checkpoint.reader(file);
  for await (const { begin, bytes } of readAhead(store, file.name, file.byteLength)) {
    const drawn = draw(begin, (buffer as Uint8Array).subarray(0, Math.min(file.byteLength - begin, PIECE_BYTES)));
    if (Buffer.compare(bytes, drawn) === 0) continue;
    io.warn(`${printable(store.pathOf(file.name))}: its bytes differ from what is drawn; it is written again\n`);
    return false;
  }
  return true;
}
