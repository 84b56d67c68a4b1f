/** A structured tensor before it is rounded to its dtype: of 16-bit ones, numbers of single precision. */
import type { DType, Values } from "../dtype.js";
import { roundBf16, roundF16 } from "../kernel/round.js";

export type WorkingArray = Float32Array | Float64Array;

/** The dtype whose values it is made of. */
export const workingDType = (dtype: DType): "f32" | "f64" => (dtype === "f64" ? "f64" : "f32");

export const workingArray = (dtype: DType, length: number): WorkingArray =>
  workingDType(dtype) === "f64" ? new Float64Array(length) : new Float32Array(length);

/** The twin of the last step to 16 bits; undefined where there is none. */
export function rounding(dtype: DType): typeof roundF16 | undefined {
  if (dtype === "f16") return roundF16;
  return dtype === "bf16" ? roundBf16 : undefined;
}

/** Writes the numbers, all that their buffer holds, rounded to the dtype. */
export function writeRounded(numbers: WorkingArray, dtype: DType, out: Values): void {
  const round = rounding(dtype);
  if (round === undefined) out.set(numbers);
  else round(out as Uint16Array, out.length, new Int32Array(numbers.buffer));
}
