/** Checkpoints on disk: one safetensors file, or several with an index. Only headers are read, not the tensors. */
import { closeSync, existsSync, fstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { printable, show, wrongType, wrongValue } from "../check.js";
import { POINTER } from "../checkpoint/format.js";
import { fileError, inFile } from "../checkpoint/place.js";
import { parseSafetensorsHeader, safetensorsHeaderLength } from "../checkpoint/safetensors.js";
import { MOST_FILES } from "../checkpoint/split.js";
import { type Shard, type StoredCheckpoint, tensorsIn } from "../checkpoint/stored.js";
import { readAt } from "./bytes.js";
import { cannotRead } from "./json.js";
import { openRegular } from "./regular.js";

/** @throws Error naming the file, unless it is a complete safetensors file. */
export function readCheckpoint(path: string): StoredCheckpoint {
  const shard = readShard(path);
  return { shards: [shard], tensors: tensorsIn(shard) };
}

/** Whether JSON is the index of a sharded checkpoint. */
export const isIndex = (json: unknown): boolean =>
  typeof json === "object" && json !== null && Object.hasOwn(json, "weight_map");

/**
 * The checkpoint of an index.
 *
 * @param json what the index contains.
 * @throws Error naming the file: a shard that is missing, a tensor that is not where the index says.
 */
export function readIndex(path: string, json: unknown): StoredCheckpoint {
  const fail = (name: string, message: string): never => {
    throw fileError(path, `${show(name)}: ${message}`);
  };
  const { map, files } = indexedFiles(path, json);
  const shards = [...files, ...unlisted(dirname(path), files)].map((file) => readShard(join(dirname(path), file)));
  const tensors = shards.flatMap(tensorsIn);
  const found = new Map<string, string>();
  for (const { name, path: file } of tensors) {
    const other = found.get(name);
    if (other !== undefined) fail(name, `expected it in one file, got ${printable(other)} and ${printable(file)}`);
    if (!map.has(name)) fail(name, `it is in ${printable(file)}, but not in the index`);
    found.set(name, file);
  }
  for (const [name, file] of map) {
    const expected = join(dirname(path), file);
    if (found.get(name) !== expected) fail(name, `expected it in ${printable(expected)}, as the index says`);
  }
  return { shards, tensors };
}

const NUMBERED = /^(.*-)\d+(-of-\d+\.safetensors)$/;

/** Files of a folder that the names of an index's files count with them, such as model-00002-of-00003.safetensors. */
function unlisted(folder: string, files: readonly string[]): readonly string[] {
  const seriesOf = (file: string) => file.replace(NUMBERED, "$1$2");
  const series = new Set(files.filter((file) => NUMBERED.test(file)).map(seriesOf));
  if (series.size === 0) return [];
  const listed = new Set(files);
  return readdirSync(folder)
    .filter((file) => NUMBERED.test(file) && series.has(seriesOf(file)) && !listed.has(file))
    .sort();
}

/** What an index says, with the names of its files. */
function indexedFiles(path: string, json: unknown) {
  const map = inFile(path, () => weightMap(json));
  for (const [name, file] of map) {
    if (typeof file !== "string" || !/^[^/\\\0]+\.safetensors$/.test(file) || file.startsWith("..")) {
      const expected = `expected the name of a .safetensors file in the same folder, got ${show(file)}`;
      throw fileError(path, `${show(name)}: ${expected}`);
    }
  }
  const files = [...new Set(map.values())].sort();
  if (files.length > MOST_FILES) throw fileError(path, `expected at most ${MOST_FILES} files, got ${files.length}`);
  return { map, files };
}

/** The names of an index's tensors. */
export const indexedNames = (json: unknown): IterableIterator<string> => weightMap(json).keys();

/** The files of an index that are not there, or that are Git LFS pointers, by their paths. */
export const absentFiles = (path: string, json: unknown): readonly string[] =>
  indexedFiles(path, json)
    .files.map((file) => join(dirname(path), file))
    .filter((file) => !existsSync(file) || isPointer(file));

const MOST_POINTER = 1024; // bytes: the size that Git LFS allows

function isPointer(path: string): boolean {
  const stats = statSync(path);
  return stats.isFile() && stats.size <= MOST_POINTER && readFileSync(path, "latin1").startsWith(POINTER);
}

/** Tensor -> file. A Map, since an object would lose a tensor named `__proto__`. */
function weightMap(json: unknown): Map<string, string> {
  const { weight_map: map } = Object(json) as { weight_map?: unknown };
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw wrongType("weight_map", "an object that says which file each tensor is in", map);
  }
  const entries = Object.entries(map as Readonly<Record<string, string>>);
  if (entries.length === 0) throw wrongValue("weight_map", "at least one tensor", {});
  return new Map(entries);
}

function readShard(path: string): Shard {
  let file: number;
  try {
    file = openRegular(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
  try {
    const { size } = fstatSync(file);
    return inFile(path, () => {
      const length = safetensorsHeaderLength(readAt(file, new Uint8Array(Math.min(8, size)), 0), size);
      const header = parseSafetensorsHeader(readAt(file, new Uint8Array(length), 8), size - 8 - length);
      return { ...header, path, data: 8 + length };
    });
  } finally {
    closeSync(file);
  }
}
