/** Files that are read by ranges. */

/** A Blob, such as a File of a page. */
export interface BlobSource {
  /** Size of the file. */
  readonly size: number;
  /** Stands for bytes [begin, end) without reading them. */
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** Reads bytes [begin, end) of a Blob. */
export const readBlob =
  (blob: BlobSource): ByteSource["read"] =>
  async (begin, end) =>
    new Uint8Array(await blob.slice(begin, end).arrayBuffer());

/** A file that is read by ranges, so that what is not needed is not read: on disk, in a bucket, behind HTTP. */
export interface ByteSource {
  /** Size of the file. */
  readonly byteLength: number;
  /** Bytes [begin, end) of it, which the caller does not change. */
  read(begin: number, end: number): Uint8Array | Promise<Uint8Array>;
}
