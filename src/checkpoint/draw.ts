/** Drawing a planned tensor piece by piece, as the bytes of a file. Everything that draws whole models does it here. */

import { reserve } from "../arena.js";
import { costsWhole } from "../computed/computed.js";
import { drawsOfTensor } from "../computed/draws.js";
import { checkKeepsSubnormal } from "../computed/extent.js";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import type { Draw } from "../engine/compose.js";
import { bytesOf, type ElementType, integerView, isInteger } from "../model/element.js";
import { checkIntegers, writeIntegers } from "../model/integer.js";
import type { PlannedSlice, PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";
import type { Seed } from "../stream.js";
import type { Kept } from "./kept.js";

/**
 * The draws that fill `bytes`, little-endian, with the elements from `start` on. The caller carries each draw out before it
 * asks for the next one. `bytes` begins at a multiple of the element's size.
 */
export type DrawPiece = (bytes: Uint8Array<ArrayBufferLike>, start: number) => Iterable<Draw>;

/**
 * How the pieces of a tensor are drawn.
 *
 * @param type the element type of the bytes.
 * @param kept where the whole tensor is kept if a piece costs as much as the whole. Default: nowhere.
 */
export function pieceDrawer(
  {
    name,
    shape,
    distribution,
    copyOf,
    plannedSlices,
  }: Pick<PlannedTensor, "name" | "shape" | "distribution" | "copyOf" | "plannedSlices">,
  type: ElementType,
  seed: Seed,
  kept?: Kept,
): DrawPiece {
  if (plannedSlices !== undefined) return sliceDrawer(plannedSlices, type, seed, kept);
  if (isInteger(type)) {
    checkIntegers(distribution, type);
    return (bytes, start) => {
      writeIntegers(distribution, start, integerView(type, bytes));
      return [];
    };
  }
  checkKeepsSubnormal(distribution, type); // again: a library may have been loaded since the model was checked
  const source = copyOf ?? name; // from whose stream it is drawn, and by whose name it is kept
  const drawsFrom = (start: number, out: Values) => drawsOfTensor(distribution, source, seed, type, start, out);
  const valuesOf = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>) =>
    view(type, buffer, byteOffset, byteLength / bytesOf(type));
  if (!costsWhole(distribution)) return (bytes, start) => drawsFrom(start, valuesOf(bytes));
  return function* (bytes, start) {
    const out = valuesOf(bytes);
    const size = sizeOf(shape);
    let whole = kept?.get(source);
    if (whole === undefined && out.length === size) return yield* drawsFrom(0, out);
    if (whole === undefined) {
      whole = allocate(type, size);
      yield* drawsFrom(0, whole);
      kept?.set(source, whole);
    }
    out.set(whole.subarray(start, start + out.length));
  };
}

/** A tensor in memory: slices of saved ones, each drawn from the stream of its own. */
function sliceDrawer(slices: readonly PlannedSlice[], type: ElementType, seed: Seed, kept?: Kept): DrawPiece {
  const width = bytesOf(type);
  return function* (bytes, start) {
    const stop = start + bytes.length / width;
    let at = 0; // where the slice begins in the tensor
    for (const { tensor, begin, end } of slices) {
      const [first, last] = [Math.max(start, at), Math.min(stop, at + end - begin)];
      if (first < last) {
        const out = bytes.subarray((first - start) * width, (last - start) * width);
        yield* pieceDrawer(tensor, type, seed, kept)(out, begin + first - at);
      }
      at += end - begin;
    }
  };
}

const allocate = (dtype: DType, size: number): Values =>
  reserve(() => new FORMATS[dtype].array(size), size * FORMATS[dtype].bytes);
