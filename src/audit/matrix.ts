/** A stored matrix, read row by row as often as power iteration asks for it. */
import { BITS, type FileType } from "../model/safetensors.js";
import { decodePattern } from "./pattern.js";
import { readAt } from "./scan.js";
import { largestSingularValue } from "./spectrum.js";

export interface Matrix {
  readonly path: string;
  readonly at: number;
  readonly type: FileType;
  readonly rows: number;
  readonly columns: number;
}

/** Matrices up to this size are held in memory; larger ones are read again at each step. */
const HELD = 2 ** 28;
const PIECE = 2 ** 22;

/** Types whose values are whole bytes and real numbers. */
export const hasSpectrum = (type: FileType): boolean =>
  BITS[type] % 8 === 0 && type !== "C64" && !/^[UIB]\d|BOOL/.test(type);

export function singularValue(file: number, { at, type, rows, columns }: Matrix): number {
  const size = BITS[type] / 8;
  const rowBytes = columns * size;
  const most = Math.max(1, Math.floor((rows * rowBytes <= HELD ? HELD : PIECE) / rowBytes));
  const numbers = reader(type);
  let held: Float32Array | Float64Array | undefined;
  const part = (first: number): Float32Array | Float64Array => {
    const bytes = new Uint8Array(Math.min(most, rows - first) * rowBytes);
    readAt(file, bytes, at + first * rowBytes);
    return numbers(bytes);
  };
  return largestSingularValue(columns, (row) => {
    for (let first = 0; first < rows; first += most) {
      held = most >= rows ? (held ?? part(0)) : part(first);
      for (let i = 0; i * columns < held.length; ++i) row(held.subarray(i * columns, (i + 1) * columns), first + i);
    }
  });
}

/** Bytes of a type as numbers; those that are none count as 0, and are told of elsewhere. */
function reader(type: FileType): (bytes: Uint8Array<ArrayBuffer>) => Float32Array | Float64Array {
  const finite = (x: number): number => (Number.isFinite(x) ? x : 0);
  if (type === "F32") return ({ buffer }) => new Float32Array(buffer).map(finite);
  if (type === "F64") return ({ buffer }) => new Float64Array(buffer).map(finite);
  const table = Float32Array.from({ length: 2 ** BITS[type] }, (_, pattern) => finite(decodePattern(pattern, type)));
  return (bytes) => {
    const patterns = BITS[type] === 16 ? new Uint16Array(bytes.buffer) : bytes;
    const values = new Float32Array(patterns.length);
    for (let i = 0; i < patterns.length; ++i) values[i] = table[patterns[i] as number] as number;
    return values;
  };
}
