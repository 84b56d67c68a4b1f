/**
 * ReLU and the gradient of its input.
 * Twin: assembly/rectify.ts.
 */
import type { Floats } from "./matmul.js";

/** to = max(0, from); NaN stays NaN, as in PyTorch. */
export function rectify(to: Floats, from: Floats): void {
  for (let i = 0; i < to.length; ++i) to[i] = Math.max(0, from[i] as number);
}

/** to = gradient where the pre-activation is above 0, and 0 elsewhere. */
export function rectifySlope(to: Floats, gradient: Floats, preactivation: Floats): void {
  for (let i = 0; i < to.length; ++i) to[i] = (preactivation[i] as number) > 0 ? (gradient[i] as number) : 0;
}
