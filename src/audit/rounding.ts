/** How far rounding to a type moves a value. */
import type { FileType } from "../checkpoint/safetensors.js";

/** Half the distance between neighbouring values: relative to them, and of the smallest ones. */
export const HALF_STEP: Readonly<Partial<Record<FileType, readonly [relative: number, smallest: number]>>> = {
  F64: [2 ** -20, 2 ** -1074], // as coarse as a good generator's values may be, like F32
  F32: [2 ** -20, 2 ** -150],
  F16: [2 ** -11, 2 ** -25],
  BF16: [2 ** -8, 2 ** -134],
};

/** By how much rounding to the type moves a value. */
export function roundingOf(type: FileType, value: number): number {
  const [relative, smallest] = type === "F32" || type === "F64" ? [2 ** -22, 2 ** -149] : (HALF_STEP[type] ?? [0, 0]);
  return relative * Math.abs(value) + smallest;
}

/** What arithmetic in binary32 makes of an angle or an exponent: libraries compute these values so. */
export const SINGLE = 2 ** -20;
