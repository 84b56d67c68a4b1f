/** What a step does to the parameters. The formulas, with their defaults, are those of PyTorch. */
import type { Floats } from "../kernel/matmul.js";
import type { OptimizerName } from "./names.js";
import type { Parameter } from "./parameter.js";

/** Changes all parameters by their gradients. */
export type Update = (learningRate: number) => void;

const MOMENTUM = 0.9;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export function optimizer(name: OptimizerName, parameters: readonly Parameter[]): Update {
  const like = ({ values }: Parameter): Floats => values.slice().fill(0);
  if (name === "sgd") {
    return (rate) => {
      for (const { values, gradient } of parameters) descend(values, gradient, rate);
    };
  }
  const firsts = parameters.map(like);
  if (name === "momentum") {
    return (rate) => {
      for (const [i, parameter] of parameters.entries()) roll(parameter, firsts[i] as Floats, rate);
    };
  }
  const seconds = parameters.map(like);
  let [decay1, decay2] = [1, 1]; // the betas, to the power of the step
  return (rate) => {
    decay1 *= BETA1;
    decay2 *= BETA2;
    const size = rate / (1 - decay1);
    const root = 1 / Math.sqrt(1 - decay2); // a factor: divisions are what takes time (measured)
    for (const [i, parameter] of parameters.entries()) {
      adapt(parameter, firsts[i] as Floats, seconds[i] as Floats, size, root);
    }
  };
}

/** p -= rate g */
function descend(values: Floats, gradient: Floats, rate: number): void {
  for (let i = 0; i < values.length; ++i) values[i] = (values[i] as number) - rate * (gradient[i] as number);
}

/** v = momentum v + g; p -= rate v. (In the first step v is g, as v starts as 0.) */
function roll({ values, gradient }: Parameter, velocity: Floats, rate: number): void {
  for (let i = 0; i < values.length; ++i) {
    velocity[i] = MOMENTUM * (velocity[i] as number) + (gradient[i] as number);
    values[i] = (values[i] as number) - rate * (velocity[i] as number);
  }
}

/** m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= size m / (root sqrt(v) + epsilon) */
function adapt({ values, gradient }: Parameter, first: Floats, second: Floats, size: number, root: number): void {
  for (let i = 0; i < values.length; ++i) {
    const g = gradient[i] as number;
    const m = (first[i] as number) + (g - (first[i] as number)) * (1 - BETA1);
    const v = (second[i] as number) * BETA2 + (1 - BETA2) * g * g;
    first[i] = m;
    second[i] = v;
    values[i] = (values[i] as number) - (size * m) / (root * Math.sqrt(v) + EPSILON);
  }
}
