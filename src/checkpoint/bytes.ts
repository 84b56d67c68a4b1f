/** Files that are read by ranges. */

/** A file that is read by ranges, so that what is not needed is not read: on disk, in a bucket, behind HTTP. */
export interface ByteSource {
  /** Size of the file. */
  readonly byteLength: number;
  /** Bytes [begin, end) of it, which the caller does not change. */
  read(begin: number, end: number): Uint8Array | Promise<Uint8Array>;
}
