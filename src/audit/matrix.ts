/** A stored matrix, whose rows are read as often as the search for its largest singular value asks for them. */
import { BITS, type FileType } from "../checkpoint/safetensors.js";
import type { Reading } from "../checkpoint/stored.js";
import { decoderOf } from "./decode.js";
import { largestSingularValue } from "./spectrum.js";

export interface StoredMatrix {
  readonly path: string;
  readonly at: number;
  readonly type: FileType;
  readonly rows: number;
  readonly columns: number;
}

const MOST_BYTES = 2 ** 28;

/** @param most bytes of floats in memory. A larger matrix is read anew at each step. */
export function* singularValue(
  { path, at, type, rows, columns }: StoredMatrix,
  most: number = MOST_BYTES,
): Reading<number> {
  const rowBytes = (columns * BITS[type]) / 8;
  const copyRows = rowCopier(type);
  let memory = new Uint8Array(0);
  return yield* largestSingularValue({
    rows,
    columns,
    rowsAtOnce: Math.max(1, Math.floor(most / (4 * columns))),
    *read(first, count, to, stride) {
      if (type === "F32" && stride === columns) {
        yield {
          path,
          at: at + first * rowBytes,
          to: new Uint8Array(to.buffer as ArrayBuffer, to.byteOffset, count * rowBytes),
        };
        return;
      }
      if (memory.length < count * rowBytes) memory = new Uint8Array(count * rowBytes);
      const bytes = memory.subarray(0, count * rowBytes);
      yield { path, at: at + first * rowBytes, to: bytes };
      copyRows(bytes, to, columns, stride);
    },
  });
}

/** Copies bytes of the type as rows of floats. */
function rowCopier(
  type: FileType,
): (bytes: Uint8Array<ArrayBuffer>, to: Float32Array, columns: number, stride: number) => void {
  const values = decoderOf(type);
  return (bytes, to, columns, stride) => {
    const all = values(bytes);
    for (let i = 0; i * columns < all.length; ++i) to.set(all.subarray(i * columns, (i + 1) * columns), i * stride);
  };
}
