/** Checkpoints on disk: one safetensors file, or several with an index. Only headers are read, not the tensors. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { printable, show } from "../check.js";
import { type Entry, type Header, headerLength, parseHeader } from "../checkpoint/safetensors.js";
import * as z from "../model/zod.js";
import { cannotRead, fileError, inFile } from "./json.js";

/** One file of a checkpoint. */
export interface Shard extends Header {
  readonly path: string;
  /** The offset in the file where the bytes of the tensors begin. */
  readonly data: number;
}

/** A tensor of a checkpoint, and where it lies. */
export interface StoredTensor extends Entry {
  readonly path: string;
  /** The offset of its first byte in the file. */
  readonly at: number;
}

export interface Checkpoint {
  readonly shards: readonly Shard[];
  readonly tensors: readonly StoredTensor[];
}

/** @throws Error naming the file, unless it is a complete safetensors file. */
export function readCheckpoint(path: string): Checkpoint {
  const shard = readShard(path);
  return { shards: [shard], tensors: tensorsOf(shard) };
}

const Index = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** Whether JSON is the index of a sharded checkpoint. */
export const isIndex = (json: unknown): boolean => Index.safeParse(json).success;

/**
 * The checkpoint of an index.
 *
 * @param json what the index contains.
 * @throws Error naming the file: a shard that is missing, a tensor that is not where the index says.
 */
export function readIndex(path: string, json: unknown): Checkpoint {
  const { weight_map: map } = Index.parse(json);
  const fail = (name: string, message: string): never => {
    throw fileError(path, `${show(name)}: ${message}`);
  };
  for (const [name, file] of Object.entries(map)) {
    if (/^[^/\\\0]+\.safetensors$/.test(file) && !file.startsWith("..")) continue;
    fail(name, `expected the name of a .safetensors file in the same folder, got ${show(file)}`);
  }
  const files = [...new Set(Object.values(map))].sort();
  const shards = files.map((file) => readShard(join(dirname(path), file)));
  const tensors = shards.flatMap(tensorsOf);
  const found = new Map<string, string>();
  for (const { name, path: file } of tensors) {
    const other = found.get(name);
    if (other !== undefined) fail(name, `expected it in one file, got ${printable(other)} and ${printable(file)}`);
    if (!Object.hasOwn(map, name)) fail(name, `it is in ${printable(file)}, but not in the index`);
    found.set(name, file);
  }
  for (const [name, file] of Object.entries(map)) {
    const expected = join(dirname(path), file);
    if (found.get(name) !== expected) fail(name, `expected it in ${printable(expected)}, as the index says`);
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

/**
 * Fills `bytes` from a file, from the offset `at` on.
 *
 * @throws Error if the file ends first, because something shortened it after its header was read.
 */
export function readAt(file: number, bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, at + done);
    if (count === 0) throw new Error("the file became shorter while it was read");
    done += count;
  }
  return bytes;
}

const READ_BYTES = 0x400000;

/** The bytes of a tensor in pieces of at most 4 MiB; `done` counts the bytes before each piece. */
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
