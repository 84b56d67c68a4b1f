/** Drawing a planned tensor piece by piece, as the bytes of a file. Everything that draws whole models does it here. */

import { isWhole } from "../distribution.js";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { type Draw, draws } from "../engine/compose.js";
import { bytesOf, type ElementType, integerOf, integerView, isInteger } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { key, type Seed } from "../stream.js";

/**
 * The draws that fill `bytes`, little-endian, with the elements from `start` on. The caller carries each draw out before it
 * asks for the next one. `bytes` begins at a multiple of the element's size.
 */
export type DrawPiece = (bytes: Uint8Array<ArrayBufferLike>, start: number) => Iterable<Draw>;

/**
 * How the pieces of a tensor are drawn. Where a piece costs as much as the whole tensor, the whole is drawn once and kept.
 *
 * @param type the element type of the bytes.
 */
export function pieceDrawer(
  { name, shape, distribution }: Pick<PlannedTensor, "name" | "shape" | "distribution">,
  type: ElementType,
  seed: Seed,
): DrawPiece {
  if (isInteger(type)) {
    const value = integerOf(distribution, type);
    return (bytes) => {
      const elements = integerView(type, bytes);
      if (elements instanceof BigInt64Array) elements.fill(BigInt(value));
      else elements.fill(value);
      return [];
    };
  }
  const tensorKey = key(seed, name);
  const drawsFrom = (start: number, out: Values) => draws(distribution, tensorKey, type, start, out);
  const valuesOf = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>) =>
    view(type, buffer, byteOffset, byteLength / bytesOf(type));
  if (isWhole(distribution)) return wholeFirst(sizeOf(shape), type, drawsFrom, valuesOf);
  return (bytes, start) => drawsFrom(start, valuesOf(bytes));
}

function wholeFirst(
  size: number,
  dtype: DType,
  drawsFrom: (start: number, out: Values) => Iterable<Draw>,
  valuesOf: (bytes: Uint8Array<ArrayBufferLike>) => Values,
): DrawPiece {
  let whole: Values | undefined;
  return function* (bytes, start) {
    const out = valuesOf(bytes);
    if (whole === undefined && out.length === size) {
      yield* drawsFrom(0, out);
      return;
    }
    if (whole === undefined) {
      whole = new FORMATS[dtype].array(size);
      yield* drawsFrom(0, whole);
    }
    out.set(whole.subarray(start, start + out.length));
  };
}
