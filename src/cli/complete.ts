/** Whether the files of a checkpoint are all there, and what makes them one: the index and the list of hashes. */
import { availableParallelism } from "node:os";
import { printable, show } from "../check.js";
import { hashOf } from "../checkpoint/hash.js";
import { INDEX_NAME, indexOf, indexText } from "../checkpoint/indexed.js";
import { type FileRecord, headerAlone, recordOf } from "../checkpoint/record.js";
import { parseSafetensorsHeader, type SafetensorsHeader, safetensorsHeaderLength } from "../checkpoint/safetensors.js";
import { fileName, MOST_FILES } from "../checkpoint/split.js";
import { MOST_LIST } from "../file/json.js";
import { readAhead } from "./ahead.js";
import { type Hasher, OwnHasher, ThreadHasher } from "./hash.js";
import type { Io } from "./io.js";
import { inLanes } from "./lanes.js";
import type { Listed, Store } from "./store.js";
import { HASH_SUFFIX, hashIn, hashLine, SUMS_NAME } from "./sums.js";
import { mayStartThread } from "./thread.js";

/** A file that is there and whole. */
export interface WholeFile extends Listed {
  /** Where its tensors begin. */
  readonly headerBytes: number;
  readonly header: SafetensorsHeader;
  /** What its record says, but for the schemes: of very many tensors they take more memory than all else. */
  readonly record: Omit<FileRecord, "schemes">;
}

/** What a folder holds of a checkpoint. */
export interface Examined {
  /** In the order of the checkpoint. */
  readonly files: readonly WholeFile[];
  /** How many files the checkpoint has. */
  readonly count: number;
  /** Names of files that are not there, or not whole. */
  readonly missing: readonly string[];
  /** Names of files that do not belong to the checkpoint. One may stand where a file of the checkpoint belongs. */
  readonly foreign: readonly string[];
  /** The index that lies beside them, right or wrong. */
  readonly index: Listed | undefined;
}

/** What is in a store is no checkpoint, whichever files were added. */
export class NoCheckpointError extends Error {
  /** @param names of the files among which some are in the wrong place. */
  constructor(
    message: string,
    readonly names: readonly string[] = [],
  ) {
    super(message);
  }
}

export interface Completed extends Omit<Examined, "files" | "index"> {
  readonly complete: boolean;
  /** How many are there and whole. */
  readonly files: number;
  readonly bytes: number;
}

const SAFETENSORS = /\.safetensors$/;
const NUMBERED = /^model-(\d{5,})-of-(\d{5,})\.safetensors$/;
const AT_ONCE = 8; // headers that are read at the same time

/** A file that is named as a file of a checkpoint of `count`, and is whole. */
type Candidate = WholeFile & { readonly count: number };

/**
 * Looks at the files of a store. A file says by its name how many there are, and by its record which checkpoint it belongs
 * to. The checkpoint that most files belong to is meant; the others are foreign.
 *
 * @throws NoCheckpointError if there is no file of a checkpoint, or if whole files are not the checkpoint that their records name.
 */
export async function examine(store: Store): Promise<Examined> {
  const all = await store.list();
  const listed = all.filter(({ name }) => SAFETENSORS.test(name));
  if (listed.length === 0) {
    throw new NoCheckpointError(`${store.name}: expected files of a checkpoint, got no .safetensors file`);
  }
  const { whole, broken } = await readAll(store, listed);
  const meant = mostOf(whole);
  const [first] = meant;
  const count = first?.count ?? listed.reduce((most, { name }) => Math.max(most, countIn(name)), 0);
  if (count === 0) {
    const [[name, why] = ["", ""]] = broken;
    const message = `${store.name}: expected files of a checkpoint, got ${printable(name)}: ${why}`;
    throw new NoCheckpointError(message, [...broken.keys()]);
  }
  const names = Array.from({ length: count }, (_, i) => fileName(i, count));
  const found = new Map(meant.map((file) => [file.name, file]));
  const files = names.flatMap((name) => found.get(name) ?? []);
  const isForeign = (name: string) => !found.has(name) && !(broken.has(name) && names.includes(name));
  const foreign = listed.map(({ name }) => name).filter(isForeign);
  const missing = names.filter((name) => !found.has(name) && !foreign.includes(name));
  const index = all.find(({ name }) => name === INDEX_NAME);
  if (count === 1 && index !== undefined) foreign.push(INDEX_NAME); // it is of another checkpoint
  if (files.length === count) checkTogether(store, files);
  return { files, count, missing, foreign, index };
}

/** The number of files that a name speaks of; 0 for a name that no file of a checkpoint has. */
function countIn(name: string): number {
  if (name === fileName(0, 1)) return 1;
  const [, number, of] = NUMBERED.exec(name) ?? [];
  const [i, count] = [Number(number) - 1, Number(of)];
  return i >= 0 && i < count && count <= MOST_FILES && name === fileName(i, count) ? count : 0;
}

/**
 * The files that are whole and have a record; and of the others, what is wrong.
 *
 * @throws Error for a file that cannot be read, which is not missing.
 */
async function readAll(store: Store, listed: readonly Listed[]) {
  const broken = new Map<string, string>();
  const orBroken = <T>(name: string, look: () => T): T | undefined => {
    try {
      return look();
    } catch (error) {
      broken.set(name, (error as Error).message);
      return undefined;
    }
  };
  const read = async ({ name, bytes }: Listed): Promise<readonly Candidate[]> => {
    const first = await store.read(name, 0, 8);
    const headerBytes = orBroken(name, () => 8 + safetensorsHeaderLength(first, bytes));
    if (headerBytes === undefined) return [];
    const begin = await store.read(name, 0, headerBytes);
    const whole = orBroken(name, () => candidate({ name, bytes }, begin));
    return whole === undefined ? [] : [whole];
  };
  const whole = await inLanes(listed, Array(AT_ONCE).fill(undefined), read); // in order: of as many files, the first are meant
  return { whole: whole.flat(), broken };
}

const NOT_NUMBERED = "no file of a checkpoint has this name; its files are named model-00001-of-00002.safetensors";

/** @throws Error for a file that is not whole, or none of a checkpoint. */
function candidate({ name, bytes }: Listed, begin: Uint8Array): Candidate {
  const header = parseSafetensorsHeader(begin.subarray(8), bytes - begin.length);
  const { schemes: _, ...record } = recordOf(header);
  const count = countIn(name);
  if (count === 0) throw new Error(NOT_NUMBERED);
  return { name, bytes, headerBytes: begin.length, header, record, count };
}

/** The files of the checkpoint that most of them belong to. */
function mostOf(files: readonly Candidate[]): readonly Candidate[] {
  const groups = new Map<string, Candidate[]>();
  for (const file of files) {
    const key = `${file.count} ${file.record.checkpoint} ${file.record.seed}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

/** Checks that the files are what their records say they are together: a file may lie under another's name. */
function checkTogether(store: Store, files: readonly WholeFile[]): void {
  const [first] = files;
  if (files.length === 1 || hashOf(headers(files)) === first?.record.checkpoint) return;
  const places = new Map<string, string>();
  for (const { name: file, header } of files) {
    for (const { name } of header.tensors) {
      const other = places.get(name);
      if (other !== undefined) {
        const message = `${store.name}: ${show(name)} is in two files: ${other} and ${file}; remove them`;
        throw new NoCheckpointError(message, [other, file]);
      }
      places.set(name, file);
    }
  }
  throw new NoCheckpointError(
    `${store.name}: the files are not the checkpoint that their records name; write them again`,
    files.map(({ name }) => name),
  );
}

function* headers(files: readonly WholeFile[]) {
  for (const { header } of files) yield headerAlone(header);
}

/**
 * Writes the index and the list of hashes, once every file is there and no other. Hashes that lie beside files are
 * collected; files without one are read.
 */
export async function complete(store: Store, io: Pick<Io, "scripts">): Promise<Completed> {
  const { files, index: _, ...examined } = await examine(store);
  const { missing, foreign } = examined;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const isComplete = missing.length === 0 && foreign.length === 0;
  await store.sweep(files); // also while files are missing: what killed tasks left takes room
  if (isComplete) await writeIndex(store, files, io);
  return { complete: isComplete, files: files.length, bytes, ...examined };
}

async function writeIndex(store: Store, files: readonly WholeFile[], io: Pick<Io, "scripts">): Promise<void> {
  const sizes = new Map((await store.list()).map(({ name, bytes }) => [name, bytes]));
  const there = await textOf(store, SUMS_NAME, sizes.get(SUMS_NAME));
  const known = hashesIn(there ?? "");
  for (const { name } of files) {
    const size = sizes.get(name + HASH_SUFFIX);
    const beside = size === undefined ? known.get(name) : await hashBeside(store, name, size);
    if (beside === undefined) known.delete(name);
    else known.set(name, beside);
  }
  const hashed = await hashesOf(
    store,
    files.filter(({ name }) => !known.has(name)),
    io,
  );
  const sums = files.map(({ name }) => hashLine((known.get(name) ?? hashed.get(name)) as string, name)).join("");
  if (sums !== there) await store.put(SUMS_NAME, sums);
  if (files.length > 1) {
    const index = indexTextOf(files);
    if (index !== (await textOf(store, INDEX_NAME, sizes.get(INDEX_NAME)))) await store.put(INDEX_NAME, index);
  }
  for (const { name } of files) if (sizes.has(name + HASH_SUFFIX)) await store.remove(name + HASH_SUFFIX);
}

const indexTextOf = (files: readonly WholeFile[]): string =>
  indexText(indexOf(files.map(({ name, header }) => ({ name, tensors: header.tensors }))));

/** Whether all files of a checkpoint have an index beside them that says something else than they do. */
export async function hasOtherIndex(
  store: Store,
  { files, index }: Pick<Examined, "files" | "index">,
): Promise<boolean> {
  if (index === undefined || files.length === 1) return false;
  const text = await textOf(store, INDEX_NAME, index.bytes);
  try {
    return text === undefined || JSON.stringify(JSON.parse(text)) !== JSON.stringify(JSON.parse(indexTextOf(files)));
  } catch {
    return true; // it is no JSON
  }
}

const MOST_LINE = 1000; // bytes of a file that holds one hash

/** The hash that lies beside a file; undefined if there is none, or another run of this step has just collected it. */
async function hashBeside(store: Store, name: string, bytes: number): Promise<string | undefined> {
  try {
    return hashIn((await textOf(store, name + HASH_SUFFIX, bytes, MOST_LINE)) ?? "", name);
  } catch {
    return undefined; // if more is wrong, reading the file will say it
  }
}

/** A small file; undefined if it is not there, or larger than `most` bytes: by default, than an index can be. */
async function textOf(store: Store, name: string, bytes: number | undefined, most = MOST_LIST) {
  if (bytes === undefined || bytes > most) return undefined;
  return new TextDecoder().decode(await store.read(name, 0, bytes));
}

/** The hashes of a list, by file. A file keeps the hash that it was listed with, so that a changed byte still shows. */
const hashesIn = (text: string): Map<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const name = line.slice(66);
      const sha256 = hashIn(`${line}\n`, name);
      return sha256 === undefined ? [] : [[name, sha256] as const];
    }),
  );

const WORTH_THREADS = 2 ** 25; // bytes: fewer are hashed before threads have started
const MOST_THREADS = 8;

/** Hashes of files that are read, in as many threads as there are files, if there are as many processors. */
async function hashesOf(
  store: Store,
  files: readonly Listed[],
  io: Pick<Io, "scripts">,
): Promise<ReadonlyMap<string, string>> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const threads = Math.min(files.length, availableParallelism(), MOST_THREADS);
  const hashers = threads > 1 && bytes >= WORTH_THREADS && mayStartThread() ? threads : 0;
  const lanes: readonly Hasher[] =
    hashers === 0 ? [new OwnHasher(false)] : Array.from({ length: hashers }, () => new ThreadHasher(false, io));
  try {
    const hash = async (file: Listed, hasher: Hasher) => [file.name, await sha256Of(store, file, hasher)] as const;
    return new Map(await inLanes(files, lanes, hash));
  } finally {
    for (const lane of lanes) lane.end();
  }
}

async function sha256Of(store: Store, { name, bytes }: Listed, hasher: Hasher): Promise<string> {
  hasher.start();
  for await (const piece of readAhead(store, name, bytes)) await hasher.update(piece.bytes);
  return hasher.digest();
}
