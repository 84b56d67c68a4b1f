/** One point of the plane, exactly, and the border at its bias. */
import { type MeanField, meanField } from "nn-init/lab";
import { labOptions, type SentOptions } from "../network.js";

interface PointInput {
  readonly network: Pick<SentOptions, "activation" | "formula" | "slope">;
  /** Standard deviations: of a weight times the root of its fan in, and of a bias. */
  readonly weight: number;
  readonly bias: number;
  /** Between which weights chi_1 passes 1 at this bias, if it does. */
  readonly bracket: readonly [low: number, high: number] | undefined;
}

export interface PointOutput {
  readonly field: MeanField;
  /** Whether signals keep any variance, as those of ReLU do on the border. The field's fixed point is then the one it began with. */
  readonly keepsVariance: boolean;
  /** Where chi_1 is 1 at this bias, to six digits. */
  readonly border: number | undefined;
}

export function run({ network, weight, bias, bracket }: PointInput): PointOutput {
  const { activation = "relu", slope, derivative } = labOptions(network);
  const at = (w: number, start = 1) =>
    meanField({ activation, slope, derivative, weightVariance: w * w, biasVariance: bias * bias, start });
  const field = at(weight);
  return {
    field,
    keepsVariance: field.fixedPoint === 1 && at(weight, 2).fixedPoint === 2,
    border: bracket === undefined ? undefined : borderIn(bracket, (w) => at(w).chi1 - 1),
  };
}

const NONE = 1e-8; // of chi_1 - 1: the error of theory
const STEPS = 24;

/**
 * The end of order, by bisection. Beyond the border chi_1 can rise as slowly as a square (with tanh and no biases), so only what is
 * below 1 counts.
 */
function borderIn([first, last]: readonly [number, number], growth: (x: number) => number): number | undefined {
  let [low, high] = [first, last];
  if (growth(low) >= -NONE || growth(high) < -NONE) return undefined;
  for (let step = 0; step < STEPS; ++step) {
    const middle = (low + high) / 2;
    if (growth(middle) < -NONE) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
