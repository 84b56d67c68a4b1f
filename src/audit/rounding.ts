/** How far rounding to a type moves a value. */
import type { FileType } from "../checkpoint/safetensors.js";

/** Half the distance between neighbouring values: relative to them, and of the smallest ones. */
export const HALF_STEP: Readonly<Partial<Record<FileType, readonly [relative: number, smallest: number]>>> = {
  F64: [2 ** -20, 2 ** -1074], // as coarse as a good generator's values may be, like F32
  F32: [2 ** -20, 2 ** -150],
  F16: [2 ** -11, 2 ** -25],
  BF16: [2 ** -8, 2 ** -134],
};
