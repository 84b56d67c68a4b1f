/** The precision in which structured tensors are made: f64 for f64, f32 for all others, which are rounded at the end. */
import type { DType, Values } from "../dtype.js";
import { roundBf16, roundF16 } from "../kernel/round.js";

export type WorkingArray = Float32Array | Float64Array;

export const workingDType = (dtype: DType): "f32" | "f64" => (dtype === "f64" ? "f64" : "f32");

export const workingArray = (dtype: DType, length: number): WorkingArray =>
  workingDType(dtype) === "f64" ? new Float64Array(length) : new Float32Array(length);

/** The twin of the kernel that rounds f32 values to a dtype of 16 bits; undefined for other dtypes. */
export function roundingTwin(dtype: DType): typeof roundF16 | undefined {
  if (dtype === "f16") return roundF16;
  return dtype === "bf16" ? roundBf16 : undefined;
}

/** Writes `numbers`, which fill their whole buffer, to `out`, rounded to its dtype. */
export function writeRounded(numbers: WorkingArray, dtype: DType, out: Values): void {
  const round = roundingTwin(dtype);
  if (round === undefined) out.set(numbers);
  else round(out as Uint16Array, out.length, new Int32Array(numbers.buffer));
}
