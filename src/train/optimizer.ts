/** The optimizers. Their formulas and constants are PyTorch's defaults. */
import type { TrainingArithmetic } from "../engine/training.js";
import type { Floats } from "../kernel/matmul.js";
import type { OptimizerName } from "./names.js";
import type { Parameter } from "./parameter.js";

/** Updates all parameters by their gradients. */
type Update = (learningRate: number) => void;

const MOMENTUM = 0.9;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** How many moments, arrays like its values, an optimizer keeps of each parameter. */
export const MOMENTS: Readonly<Record<OptimizerName, number>> = { sgd: 0, momentum: 1, adam: 2 };

export function optimizer(
  name: OptimizerName,
  parameters: readonly Parameter[],
  { descend, roll, adapt }: TrainingArithmetic,
): Update {
  if (name === "sgd") {
    return (rate) => {
      for (const { values, gradient } of parameters) descend(values, gradient, rate);
    };
  }
  if (name === "momentum") {
    return (rate) => {
      for (const { values, gradient, moments } of parameters) {
        roll(values, gradient, moments[0] as Floats, MOMENTUM, rate);
      }
    };
  }
  const fixed = { rest1: 1 - BETA1, beta2: BETA2, rest2: 1 - BETA2, epsilon: EPSILON };
  let [decay1, decay2] = [1, 1]; // the betas, to the power of the step
  return (rate) => {
    decay1 *= BETA1;
    decay2 *= BETA2;
    const by = { ...fixed, size: rate / (1 - decay1), root: 1 / Math.sqrt(1 - decay2) };
    for (const { values, gradient, moments } of parameters) {
      adapt(values, gradient, moments[0] as Floats, moments[1] as Floats, by);
    }
  };
}
