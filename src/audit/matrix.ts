/** A stored matrix, read row by row as often as power iteration asks for it. */

import { BITS, type FileType } from "../checkpoint/safetensors.js";
import { readAt } from "../file/checkpoint.js";
import { decodePattern } from "./pattern.js";
import { largestSingularValue } from "./spectrum.js";

export interface StoredMatrix {
  readonly path: string;
  readonly at: number;
  readonly type: FileType;
  readonly rows: number;
  readonly columns: number;
}

/** Bytes of floats that are held at a time: a larger matrix is read again at each step. */
const HELD = 2 ** 28;

/** Types whose values are whole bytes and real numbers. */
export const hasSpectrum = (type: FileType): boolean =>
  BITS[type] % 8 === 0 && type !== "C64" && !/^[UIB]\d|BOOL/.test(type);

export function singularValue(file: number, { at, type, rows, columns }: StoredMatrix): number {
  const rowBytes = (columns * BITS[type]) / 8;
  const numbers = reader(type);
  let memory = new Uint8Array(0);
  return largestSingularValue({
    rows,
    columns,
    rowsAtOnce: Math.max(1, Math.floor(HELD / (4 * columns))),
    read(first, count, to, stride) {
      if (memory.length < count * rowBytes) memory = new Uint8Array(count * rowBytes);
      const bytes = memory.subarray(0, count * rowBytes);
      readAt(file, bytes, at + first * rowBytes);
      numbers(bytes, to, columns, stride);
    },
  });
}

/** Bytes of a type as floats, in rows. */
function reader(
  type: FileType,
): (bytes: Uint8Array<ArrayBuffer>, to: Float32Array, columns: number, stride: number) => void {
  const values = valuesOf(type);
  return (bytes, to, columns, stride) => {
    const all = values(bytes);
    for (let i = 0; i * columns < all.length; ++i) to.set(all.subarray(i * columns, (i + 1) * columns), i * stride);
  };
}

function valuesOf(type: FileType): (bytes: Uint8Array<ArrayBuffer>) => Float32Array | Float64Array {
  if (type === "F32") return ({ buffer, length }) => new Float32Array(buffer, 0, length / 4);
  if (type === "F64") return ({ buffer, length }) => new Float64Array(buffer, 0, length / 8);
  const decode = Float32Array.from({ length: 2 ** BITS[type] }, (_, pattern) => decodePattern(pattern, type));
  return (bytes) => {
    const patterns = BITS[type] === 16 ? new Uint16Array(bytes.buffer, 0, bytes.length / 2) : bytes;
    const values = new Float32Array(patterns.length);
    for (let i = 0; i < patterns.length; ++i) values[i] = decode[patterns[i] as number] as number;
    return values;
  };
}
