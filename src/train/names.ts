/** Names that options take, apart from the code that trains: the command reads them before it loads that code. */

/**
 * The strategies that have a name: all zeros; normal values of std 0.01 and 1; Xavier (`glorotUniform`); He (`heNormal`);
 * orthogonal with the activation function's gain; what `recommend` says; and LSUV.
 */
export type StrategyName = "zero" | "small" | "large" | "xavier" | "he" | "orthogonal" | "recommended" | "lsuv";
/** @internal */
export const STRATEGY_NAMES: readonly StrategyName[] = [
  ...(["zero", "small", "large", "xavier", "he", "orthogonal", "recommended", "lsuv"] as const),
];

/**
 * `sgd`: stochastic gradient descent. `momentum`: with a momentum of 0.9 (Polyak 1964). `adam`: Kingma and Ba 2015, with
 * betas of 0.9 and 0.999 and an epsilon of 1e-8.
 */
export type OptimizerName = "sgd" | "momentum" | "adam";
/** @internal */
export const OPTIMIZERS: readonly OptimizerName[] = ["sgd", "momentum", "adam"];

/** @internal The data sets of the package. */
export const DATA_NAMES = ["digits", "spiral", "waves"] as const;
/** @internal */
export type DataName = (typeof DATA_NAMES)[number];
