/** What a convolution over a ring of positions sees: each output's inputs, gathered, and their gradients, scattered. */
import { columnsOf } from "../engine/product.js";

export const TAPS = 3; // of a convolution's kernel
export const POSITIONS = 16; // on a ring, of a convolution; tokens, of attention

/** Calls back with the row of patches that an input's tap is, and for each column the one it is taken from. */
function forEachTap(width: number, inside: boolean, visit: (row: number, input: number, shift: number) => void): void {
  for (let tap = 0; tap < TAPS; ++tap) {
    for (let input = 0; input < width; ++input) {
      visit(inside ? input * TAPS + tap : tap * width + input, input, tap - (TAPS >> 1));
    }
  }
}

const around = (column: number, shift: number): number => {
  const position = column % POSITIONS;
  return column - position + ((position + shift + POSITIONS) % POSITIONS);
};

export function unfold(
  patches: Float32Array,
  from: Float32Array,
  width: number,
  columns: number,
  inside: boolean,
): void {
  const stride = columnsOf(columns);
  forEachTap(width, inside, (row, input, shift) => {
    for (let j = 0; j < columns; ++j) patches[row * stride + j] = from[input * stride + around(j, shift)] as number;
  });
}

export function fold(to: Float32Array, patches: Float32Array, width: number, columns: number, inside: boolean): void {
  const stride = columnsOf(columns);
  to.fill(0);
  forEachTap(width, inside, (row, input, shift) => {
    for (let j = 0; j < columns; ++j) {
      const at = input * stride + around(j, shift);
      to[at] = (to[at] as number) + (patches[row * stride + j] as number);
    }
  });
}
