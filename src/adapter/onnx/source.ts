/** Bytes that are read by ranges: of an ONNX model, or of a file with data beside it. */
import { wrongType } from "../../check.js";
import { type BlobSource, type ByteSource, readBlob, sourceInMemory } from "../../checkpoint/bytes.js";

/** A whole file in memory, a File of a page, or a file that is read by ranges. */
export type OnnxSource = Uint8Array | ArrayBuffer | BlobSource | ByteSource;

/** @throws TypeError for what bytes cannot be read from. */
export function byteSource(name: string, source: OnnxSource): ByteSource {
  const bytes = sourceInMemory(source);
  if (bytes !== undefined) return bytes;
  const { size, slice, byteLength, read } = Object(source) as Partial<BlobSource & ByteSource>;
  if (typeof size === "number" && typeof slice === "function")
    return { byteLength: size, read: readBlob(source as BlobSource) };
  if (typeof byteLength === "number" && typeof read === "function") return source as ByteSource;
  throw wrongType(name, "a Uint8Array, a Blob, or an object with byteLength and read(begin, end)", source);
}

/** @throws RangeError if the source gives fewer bytes than it says it has. */
export async function readExactly(source: ByteSource, begin: number, end: number): Promise<Uint8Array> {
  const read = source.read(begin, end);
  const bytes = read instanceof Uint8Array ? read : await read;
  if (bytes.length === end - begin) return bytes;
  throw new RangeError(`expected bytes ${begin} to ${end}, got ${bytes.length} of them: the file became shorter`);
}
