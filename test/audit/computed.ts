/** A list of shapes with every kind of computed values, and a plan that says the same. */
import type { Plan } from "../../src/model.js";

export const LIST = [
  { name: "positions", shape: [300, 16], scheme: "sinusoidal", order: "halves", endpoint: true },
  { name: "ids", shape: [1, 50], scheme: "arange" },
  { name: "A_log", shape: [40, 16], scheme: "logArange", start: 1 },
  { name: "other.A_log", shape: [40, 16], scheme: "logArange", start: 1 }, // equal tensors, as they should be
  { name: "inv_freq", shape: [32], scheme: "powers", base: 10000, step: -1 / 32 },
  { name: "dt", shape: [600], scheme: "logUniform", low: 1e-3, high: 0.1, floor: 2e-3, inverse: "softplus" },
  { name: "decay", shape: [600], scheme: "logOfUniform", low: 1, high: 16 },
  { name: "up", shape: [64, 8, 3, 3], scheme: "icnr", factor: 2, of: { scheme: "normal", std: 0.1 } },
  { name: "v", shape: [30, 10, 4], scheme: "uniform", low: -0.2, high: 0.2 },
  { name: "g", shape: [1, 1, 4], norms: "v", axis: 2 },
  { name: "w", shape: [30, 10, 4], copy: "v", scale: 0.5 },
];
export const PLAN = {
  rules: LIST.map(({ name, shape: _, ...rule }) => ({ match: name, ...rule })),
} as unknown as Plan;
