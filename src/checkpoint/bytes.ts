/** Files that are read by ranges. */
import { wrongType } from "../check.js";

/** A Blob, such as a File of a page. */
export interface BlobSource {
  /** Size of the file. */
  readonly size: number;
  /** Stands for bytes [begin, end) without reading them. */
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** What workers of browsers have. */
interface SyncReader {
  readAsArrayBuffer(blob: unknown): ArrayBuffer;
}

/**
 * Reads bytes [begin, end) of a Blob: at once in a worker of a browser, else by its promises. Firefox keeps what those give until
 * it collects garbage, half a gigabyte for a file of two (measured).
 */
export function readBlob(blob: BlobSource): ByteSource["read"] {
  const { FileReaderSync, Blob } = globalThis as unknown as {
    readonly FileReaderSync?: new () => SyncReader;
    readonly Blob?: new () => unknown;
  };
  if (FileReaderSync === undefined || Blob === undefined || !(blob instanceof Blob)) {
    return async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer());
  }
  const reader = new FileReaderSync();
  return (begin, end) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(begin, end)));
}

/** A file that is read by ranges, so that what is not needed is not read: on disk, in a bucket, behind HTTP. */
export interface ByteSource {
  /** Size of the file. */
  readonly byteLength: number;
  /** Bytes [begin, end) of it, which the caller does not change. */
  read(begin: number, end: number): Uint8Array | Promise<Uint8Array>;
}

/** A file that is in memory; undefined for what is no bytes. */
export function sourceInMemory(source: unknown): ByteSource | undefined {
  if (!(source instanceof Uint8Array) && !(source instanceof ArrayBuffer)) return undefined;
  const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  return { byteLength: bytes.length, read: (begin, end) => bytes.subarray(begin, end) };
}

/** @throws TypeError for what is no Uint8Array. */
export function checkUint8Array(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw wrongType(name, "a Uint8Array", value);
}

/** The bytes of all pieces, one after the other. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
