/** The one place where a planned tensor is drawn piece by piece, as the bytes of a file have it. */

import { isWhole } from "../distribution.js";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { type Draw, draws } from "../engine/compose.js";
import { bytesOf, type ElementType, elementsIn, integerOf, isInteger } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { key, type Seed } from "../stream.js";

/**
 * The draws that write the elements from `start` on to `bytes`, as many as it holds, little-endian; the caller carries
 * each out before it asks for the next. `bytes` begins at a multiple of the element's size.
 */
export type DrawPiece = (bytes: Uint8Array<ArrayBufferLike>, start: number) => Iterable<Draw>;

/** How the pieces of a tensor are drawn. Where a slice would cost the whole, the whole is drawn once and kept. */
export function pieceDrawer(
  { name, shape, distribution }: Pick<PlannedTensor, "name" | "shape" | "distribution">,
  type: ElementType,
  seed: Seed,
): DrawPiece {
  if (isInteger(type)) {
    const value = integerOf(distribution, type);
    return (bytes) => {
      const elements = elementsIn(type, bytes);
      if (elements instanceof BigInt64Array) elements.fill(BigInt(value));
      else elements.fill(value);
      return [];
    };
  }
  const tensorKey = key(seed, name);
  const run = (start: number, out: Values) => draws(distribution, tensorKey, type, start, out);
  const part = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>) =>
    view(type, buffer, byteOffset, byteLength / bytesOf(type));
  return isWhole(distribution) ? wholeFirst(sizeOf(shape), type, run, part) : (bytes, start) => run(start, part(bytes));
}

function wholeFirst(
  size: number,
  dtype: DType,
  run: (start: number, out: Values) => Iterable<Draw>,
  part: (bytes: Uint8Array<ArrayBufferLike>) => Values,
): DrawPiece {
  let kept: Values | undefined;
  return function* (bytes, start) {
    const out = part(bytes);
    if (kept === undefined && out.length === size) {
      yield* run(0, out);
      return;
    }
    if (kept === undefined) {
      kept = new FORMATS[dtype].array(size);
      yield* run(0, kept);
    }
    out.set(kept.subarray(start, start + out.length));
  };
}
