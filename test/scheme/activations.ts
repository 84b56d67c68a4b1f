/** Activation functions by Math, independent of the library's own. */
import type { Activation } from "../../src/index.js";

export const erf = (x: number) => {
  // Abramowitz and Stegun 7.1.6; beyond 5 it is 1 to 1e-12.
  if (Math.abs(x) > 5) return Math.sign(x) * (1 - 1e-12);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); ++n) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
};
const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

export const FUNCTIONS: Record<Exclude<Activation, "leakyRelu">, (x: number) => number> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => clamp(x, 0, 6),
  reluSquared: (x) => Math.max(x, 0) ** 2,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  geluTanh: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  quickGelu: (x) => x * logistic(1.702 * x),
  silu: (x) => x * logistic(x),
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  hardSwish: (x) => (x * clamp(x + 3, 0, 6)) / 6,
  tanh: Math.tanh,
  hardTanh: (x) => clamp(x, -1, 1),
  sigmoid: logistic,
  hardSigmoid: (x) => clamp(x + 3, 0, 6) / 6,
  softplus: (x) => Math.log1p(Math.exp(x)),
  softsign: (x) => x / (1 + Math.abs(x)),
  erf,
  sin: Math.sin,
};
