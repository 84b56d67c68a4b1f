/** What a request can ask for, and what is sent of it. */
import type { ServedRange } from "./range.js";

/** Something of a fixed length, any bytes of which can be had. */
export interface Resource {
  readonly byteLength: number;
  /** Identifies its bytes; without quotes. */
  readonly etag: string;
  /** Media type. */
  readonly type: string;
  /** Other headers of answers that have the resource. */
  readonly headers: Readonly<Record<string, string>>;
  /** Returns a function that draws or copies bytes [begin, begin + out.length). Calls should go forward through a range. */
  reader(): (begin: number, out: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /** Where a chunk of at most so many bytes should end. Absent: anywhere. */
  chunkEnd?(begin: number, most: number): number;
}

/** Ranges of the resource, with texts between them. */
export interface Body {
  readonly parts: readonly (ServedRange | Uint8Array<ArrayBuffer>)[];
  readonly length: number;
}
