/** The plane of weight and bias scales, and the border between order and chaos in it (Poole et al. 2016, figure 1). */
import type { ActivationFunction } from "./activation.js";
import { quickMeanSquare } from "./meanfield.js";
import { tabulated } from "./table.js";

export interface PhasePoint {
  /** Standard deviation of a weight, times the root of its fan in. */
  readonly weight: number;
  /** Standard deviation of a bias. */
  readonly bias: number;
  readonly chi1: number;
}

const STEPS = 60; // of the length map: enough except at criticality itself

/**
 * chi_1 on a square grid.
 *
 * @param most the upper ends of both axes, which begin at 0.
 * @param points of each axis.
 */
export function phasePlane(
  activation: ActivationFunction,
  most: { readonly weight: number; readonly bias: number },
  points: number,
): PhasePoint[] {
  const fast = tabulated(activation);
  const at = (i: number, end: number) => ((i + 0.5) / points) * end;
  return Array.from({ length: points * points }, (_, i) => {
    const weight = at(i % points, most.weight);
    const bias = at(Math.floor(i / points), most.bias);
    return { weight, bias, chi1: chi(fast, weight * weight, bias * bias) };
  });
}

/** chi_1 at the fixed point of the length map q -> weight E f(sqrt(q) Z)^2 + bias. Both are variances. */
function chi(activation: ActivationFunction, weight: number, bias: number): number {
  let q = 1;
  for (let i = 0; i < STEPS; ++i) {
    const next = weight * quickMeanSquare(activation.f, q) + bias;
    if (!(next < 1e10) || next < 1e-12) {
      return weight * quickMeanSquare(activation.derivative, Math.min(1e10, Math.max(1e-12, next)));
    }
    if (Math.abs(next - q) < 1e-6 * q) break;
    q = next;
  }
  return weight * quickMeanSquare(activation.derivative, q);
}
