/** The neighbours of a number among the finite floats of 32 bits, so that bounds given as doubles are kept exactly. */
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The smallest float greater than x. */
export function above(x: number): number {
  const nearest = Math.fround(x);
  return nearest > x ? nearest + 0 : next(nearest); // + 0: never -0
}

/** The largest float less than x. */
export function below(x: number): number {
  return -above(-x);
}

function next(x: number): number {
  if (x === 0) return 1.401298464324817e-45; // 2^-149
  float[0] = x;
  bits[0] = (bits[0] as number) + (x > 0 ? 1 : -1);
  return float[0] as number;
}
