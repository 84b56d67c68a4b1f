/** Where the bytes of a checkpoint come from, and its headers. */

import { checkCount, show, wrongType, wrongValue } from "../check.js";
import { type BlobSource, type ByteSource, readBlob, sourceInMemory } from "../checkpoint/bytes.js";
import { fileError, inFile } from "../checkpoint/place.js";
import { parseSafetensorsHeader, safetensorsHeaderLength } from "../checkpoint/safetensors.js";
import { MOST_FILES } from "../checkpoint/split.js";
import { type Shard, type StoredCheckpoint, tensorsIn } from "../checkpoint/stored.js";

/** A safetensors file that is read by ranges, with a name. */
export interface NamedSource extends ByteSource {
  /** For messages. Default: "checkpoint", with a number if there are several. */
  readonly name?: string | undefined;
}

/** What a `Blob` or `File` of a browser or of Node has. */
export interface SlicedSource extends BlobSource {
  /** For messages, as of a `File`. */
  readonly name?: string | undefined;
}

/** A file of a checkpoint. */
export type AuditSource = NamedSource | SlicedSource | Uint8Array | ArrayBuffer;

/** @internal The sources by their names, each with `read`. */
export function checkedSources(given: AuditSource | readonly AuditSource[]): ReadonlyMap<string, ByteSource> {
  const list = (Array.isArray(given) ? given : [given]) as readonly unknown[];
  if (list.length === 0) throw wrongValue("source", "one file or more", list);
  if (list.length > MOST_FILES) throw wrongValue("source", `at most ${MOST_FILES} files`, list.length);
  const sources = new Map<string, ByteSource>();
  for (const [i, one] of list.entries()) {
    const source = checkedSource(one, list.length === 1 ? "source" : `source[${i}]`);
    const { name = list.length === 1 ? "checkpoint" : `checkpoint ${i + 1}` } = source;
    if (sources.has(name)) throw wrongValue("source", "files with different names", name);
    sources.set(name, source);
  }
  return sources;
}

function checkedSource(given: unknown, place: string): NamedSource {
  const bytes = sourceInMemory(given);
  if (bytes !== undefined) return bytes;
  const expected = "a Uint8Array, a Blob, or an object with byteLength and read(begin, end)";
  if (typeof given !== "object" || given === null) throw wrongType(place, expected, given);
  const { name, size, byteLength, read, slice } = given as Partial<NamedSource & SlicedSource>;
  const isBlob = typeof slice === "function" && size !== undefined; // typed arrays have slices, too
  if (typeof read !== "function" && !isBlob) throw wrongType(place, expected, given);
  if (name !== undefined && typeof name !== "string") throw wrongType(`${place}.name`, "a string", name);
  if (typeof read === "function") {
    return { name, byteLength: checkCount(`${place}.byteLength`, byteLength), read: read.bind(given) };
  }
  return { name, byteLength: checkCount(`${place}.size`, size), read: readBlob(given as SlicedSource) };
}

/**
 * @internal The checkpoint that files are, from their headers.
 *
 * @param read bytes [begin, end) of a source.
 * @throws Error naming the file: one that is not whole, a tensor that is in two of them.
 */
export async function checkpointIn(
  sources: ReadonlyMap<string, ByteSource>,
  read: (path: string, begin: number, end: number) => Promise<Uint8Array>,
): Promise<StoredCheckpoint> {
  const shards: Shard[] = [];
  for (const [path, { byteLength: size }] of sources) {
    const start = await read(path, 0, Math.min(8, size));
    const length = inFile(path, () => safetensorsHeaderLength(start, size));
    const json = await read(path, 8, 8 + length);
    shards.push({ ...inFile(path, () => parseSafetensorsHeader(json, size - 8 - length)), path, data: 8 + length });
  }
  const tensors = shards.flatMap(tensorsIn);
  const found = new Map<string, string>();
  for (const { name, path } of tensors) {
    const other = found.get(name);
    if (other !== undefined) throw fileError(path, `${show(name)}: it is also in ${show(other)}`);
    found.set(name, path);
  }
  return { shards, tensors };
}
