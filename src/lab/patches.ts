/** Convolution over a ring of positions, as a matrix product: the inputs of each output are gathered, gradients scattered. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";

export const TAPS = 3; // kernel positions of a convolution
export const POSITIONS = 16; // of a sample: on the ring of a convolution, or tokens of attention

/**
 * Visits each tap of each input.
 *
 * @param tapsInside whether the taps of one input are adjacent rows, or else the inputs of one tap.
 * @param visit receives the row of the patches, the input, and the offset of the tap from the middle.
 */
function forEachTap(
  width: number,
  tapsInside: boolean,
  visit: (row: number, input: number, shift: number) => void,
): void {
  for (let tap = 0; tap < TAPS; ++tap) {
    for (let input = 0; input < width; ++input) {
      visit(tapsInside ? input * TAPS + tap : tap * width + input, input, tap - (TAPS >> 1));
    }
  }
}

/** The column at an offset on the ring of the column's sample. */
const neighbour = (column: number, shift: number): number => {
  const position = column % POSITIONS;
  return column - position + ((position + shift + POSITIONS) % POSITIONS);
};

/** Gathers: each column of `patches` receives the inputs of that position. */
export function unfold(patches: Floats, from: Floats, width: number, columns: number, tapsInside: boolean): void {
  const stride = columnsOf(columns);
  forEachTap(width, tapsInside, (row, input, shift) => {
    for (let j = 0; j < columns; ++j) patches[row * stride + j] = from[input * stride + neighbour(j, shift)] as number;
  });
}

/** Scatters: adds each column of `patches` to the inputs of that position. */
export function fold(to: Floats, patches: Floats, width: number, columns: number, tapsInside: boolean): void {
  const stride = columnsOf(columns);
  to.fill(0);
  forEachTap(width, tapsInside, (row, input, shift) => {
    for (let j = 0; j < columns; ++j) {
      const at = input * stride + neighbour(j, shift);
      to[at] = (to[at] as number) + (patches[row * stride + j] as number);
    }
  });
}
