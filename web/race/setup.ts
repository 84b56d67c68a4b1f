/** What is raced: the fields of the panel in the address, and the options of the library that follow. */
import type { NetworkOptions, OptimizerName, StrategyName, TrainOptions } from "nn-init/train";
import { hasBranches, LAB } from "../network.js";
import { decimal, type Field, oneOf, type StateOf, whole } from "../state.js";

/** The starts that have a name, and what people call them. */
export const STARTS: Readonly<Record<StrategyName, string>> = {
  zero: "all zeros",
  small: "small: normal, std 0.01",
  large: "large: normal, std 1",
  xavier: "Xavier, uniform",
  he: "He, normal",
  orthogonal: "orthogonal, with the gain",
  recommended: "recommended",
  lsuv: "LSUV: scaled on a batch",
};

const NAMES = Object.keys(STARTS) as StrategyName[];

export const OPTIMIZERS: Readonly<Record<OptimizerName, string>> = {
  sgd: "SGD",
  momentum: "SGD with momentum",
  adam: "Adam",
};

export const DATA = { digits: "1,797 handwritten digits", spiral: "two spirals" } as const;
export type DataName = keyof typeof DATA;

/** What the maps of layers show. */
export const MEASURES = {
  gradient: "gradient norm",
  dead: "dead units",
  saturated: "saturated activations",
  variance: "variance of signals",
  update: "update ratio",
} as const;
export type Measure = keyof typeof MEASURES;

/** A few of them, in their own order: `he,small`. */
const starts: Field<readonly StrategyName[]> = {
  ...{ key: "st", initial: ["small", "large", "xavier", "he", "orthogonal"] },
  expected: `one or more of ${NAMES.join(", ")}`,
  parse(text) {
    const given = text.split(",");
    const known = NAMES.filter((name) => given.includes(name));
    return known.length === given.length ? known : undefined;
  },
  format: (value) => value.join(","),
};

export const MOST_STEPS = 5000;

export const RACE = {
  ...{ network: LAB.network, activation: LAB.activation, formula: LAB.formula, slope: LAB.slope },
  depth: whole("d", { low: 1, high: 100 }, 12),
  width: whole("w", { low: 8, high: 512 }, 64),
  ...{
    normalization: LAB.normalization,
    place: LAB.place,
    residual: LAB.residual,
    branchScale: LAB.branchScale,
    seed: LAB.seed,
  },
  starts,
  data: oneOf("data", Object.keys(DATA) as DataName[], "digits"),
  optimizer: oneOf("opt", Object.keys(OPTIMIZERS) as OptimizerName[], "sgd"),
  rate: decimal("lr", { low: 0, high: 100 }, 0),
  steps: whole("t", { low: 10, high: MOST_STEPS }, 300),
  measure: oneOf("m", Object.keys(MEASURES) as Measure[], "gradient"),
};
export type RaceState = StateOf<typeof RACE>;

/** What the worker is sent: names and numbers. */
export interface RaceSetup {
  readonly network: Omit<NetworkOptions, "activation" | "derivative">;
  /** The name of an activation function, or a formula. */
  readonly activation: string;
  readonly isFormula: boolean;
  readonly data: DataName;
  readonly starts: readonly StrategyName[];
  readonly training: Omit<TrainOptions, "onStep" | "strategy">;
}

/** About how often the layers are measured and the network is evaluated on the validation data. */
const MEASUREMENTS = 30;

export function setupOf(state: RaceState): RaceSetup {
  const { network: kind, depth, width, slope, residual, branchScale, rate, optimizer, steps, seed } = state;
  const isFormula = state.activation === "own";
  const branches = hasBranches(state);
  return {
    network: {
      ...{ kind, depth, width, normalization: state.normalization },
      ...(state.activation === "leakyRelu" && { slope }),
      ...(kind !== "attention" && { residual }),
      ...(branches && { branchScale }),
      ...(branches && state.normalization !== "none" && { normalizationAt: state.place }),
    },
    ...{ activation: isFormula ? state.formula : state.activation, isFormula, data: state.data, starts: state.starts },
    training: { ...{ optimizer, steps, seed, measurements: MEASUREMENTS }, ...(rate > 0 && { learningRate: rate }) },
  };
}
