/** Checkpoints on disk: a safetensors file, or several under an index. Headers are read, tensors are not. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "../model/zod.js";
import { show } from "../check.js";
import { type Entry, type Header, headerLength, parseHeader } from "../checkpoint/safetensors.js";
import { cannotRead, inFile } from "./json.js";

export interface Shard extends Header {
  readonly path: string;
  /** Where in the file the tensors' bytes begin. */
  readonly data: number;
}

export interface StoredTensor extends Entry {
  readonly path: string;
  /** Bytes from the file's beginning. */
  readonly at: number;
}

export interface Checkpoint {
  readonly shards: readonly Shard[];
  readonly tensors: readonly StoredTensor[];
}

/** @throws Error naming the file, for one that is no whole safetensors file. */
export function readCheckpoint(path: string): Checkpoint {
  const shard = readShard(path);
  return { shards: [shard], tensors: tensorsOf(shard) };
}

const Index = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

export const isIndex = (json: unknown): boolean => Index.safeParse(json).success;

/** @throws Error naming the file: a shard that is not beside the index, a tensor that is not where the index has it. */
export function readIndex(path: string, json: unknown): Checkpoint {
  const { weight_map: map } = Index.parse(json);
  for (const [name, file] of Object.entries(map)) {
    if (/^[^/\\\0]+\.safetensors$/.test(file) && !file.startsWith("..")) continue;
    throw new Error(`${path}: ${show(name)}: expected the name of a .safetensors file beside it, got ${show(file)}`);
  }
  const files = [...new Set(Object.values(map))].sort();
  const shards = files.map((file) => readShard(join(dirname(path), file)));
  const tensors = shards.flatMap(tensorsOf);
  const found = new Map<string, string>();
  for (const { name, path: file } of tensors) {
    const other = found.get(name);
    if (other !== undefined) throw new Error(`${path}: ${show(name)} is in both ${other} and ${file}`);
    if (!Object.hasOwn(map, name)) throw new Error(`${path}: ${show(name)} of ${file} is not in the index`);
    found.set(name, file);
  }
  for (const [name, file] of Object.entries(map)) {
    const at = join(dirname(path), file);
    if (found.get(name) !== at) throw new Error(`${path}: ${show(name)} is not in ${at}, where the index has it`);
  }
  return { shards, tensors };
}

const tensorsOf = ({ path, data, entries }: Shard): StoredTensor[] =>
  entries.map((entry) => ({ ...entry, path, at: data + entry.begin }));

function readShard(path: string): Shard {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw cannotRead(path, error);
  }
  try {
    const { size } = fstatSync(file);
    return inFile(path, () => {
      const length = headerLength(readAt(file, new Uint8Array(Math.min(8, size)), 0), size);
      const header = parseHeader(readAt(file, new Uint8Array(length), 8), size - 8 - length);
      return { ...header, path, data: 8 + length };
    });
  } finally {
    closeSync(file);
  }
}

/** @throws Error where the file ends before the bytes do: it was cut off while it was read. */
export function readAt(file: number, bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, at + done);
    if (count === 0) throw new Error("the file ended while it was read");
    done += count;
  }
  return bytes;
}

const READ_BYTES = 0x400000; // bytes

/** A tensor's bytes, so many at a time; `done` is how many came before. */
export function* piecesOf({ path, at, begin, end }: StoredTensor) {
  const file = openSync(path, "r");
  try {
    for (let done = 0; done < end - begin; done += READ_BYTES) {
      yield { done, bytes: readAt(file, new Uint8Array(Math.min(READ_BYTES, end - begin - done)), at + done) };
    }
  } finally {
    closeSync(file);
  }
}
