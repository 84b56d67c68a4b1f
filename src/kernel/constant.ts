/** The same value everywhere; uses no random words. Twin: assembly/constant.ts. */
export function constant(out: Float32Array | Float64Array, count: number, value: number): void {
  out.fill(value, 0, count);
}
