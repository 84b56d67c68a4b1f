/** The options of a training, and what they become once they are checked. */
import {
  checkAboveZero,
  checkBoolean,
  checkOneOf,
  checkOptions,
  checkPositive,
  wrongType,
  wrongValue,
} from "../check.js";
import { engine } from "../engine/choose.js";
import type { EngineName } from "../engine/engine.js";
import { activationFunction } from "../lab/activation.js";
import { positionsOf } from "../lab/layer.js";
import { NETWORK_KINDS, networkShape } from "../lab/options.js";
import type { NetworkKind, NormalizationPlace } from "../lab/spec.js";
import type { Normalization } from "../recipes/recommend.js";
import type { Activation } from "../scheme/gain.js";
import { aliased } from "../spelling.js";
import { checkSeed, type Seed } from "../stream.js";
import { type CheckedData, checkedData, type TrainingData } from "./data.js";
import { type LayerOptions, layerList } from "./list.js";
import { baselineOf } from "./loss.js";
import { OPTIMIZERS, type OptimizerName } from "./names.js";
import type { TrainableSpec } from "./network.js";
import type { StrategyContext } from "./strategy.js";

/** A network to train: as in the lab, between a layer that takes the features and one that gives the outputs. */
export interface NetworkOptions {
  /**
   * The kind of its layers. Default "dense". `convolution`: 3 taps over a ring of 16 positions; `attention`: blocks of a
   * transformer with one head over 16 tokens. These two take features as 16 positions with features / 16 channels each, and
   * average over the positions in the end.
   */
  readonly kind?: NetworkKind | undefined;
  /** The number of hidden layers, or of blocks for attention, from 1. Default 12. */
  readonly depth?: number | undefined;
  /** Units of each layer, or channels, from 1. Default 64. */
  readonly width?: number | undefined;
  /** The name of an activation function, or any function of one number. Default "relu". */
  readonly activation?: Activation | ((x: number) => number) | undefined;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
  /** The derivative of an activation function of your own. Default: it is computed numerically. */
  readonly derivative?: ((x: number) => number) | undefined;
  /** Whether each layer is a branch whose output is added to its input. Attention always has this. Default false. */
  readonly residual?: boolean | undefined;
  /** Layer, RMS or batch normalization, with a scale and a bias for each unit that are learned. Default "none". */
  readonly normalization?: Normalization | undefined;
  /** Whether branches normalize their input ("pre") or their sum ("post"), as in the lab. Default "pre". */
  readonly normalizationAt?: NormalizationPlace | undefined;
  /** The factor on the output of a residual branch, not negative. Default 1. */
  readonly branchScale?: number | undefined;
}

/** How a network is trained. */
export interface TrainingOptions {
  /** Default "sgd". */
  readonly optimizer?: OptimizerName | undefined;
  /** Above 0. Default 0.05 for sgd, 0.01 for momentum, 0.001 for adam. */
  readonly learningRate?: number | undefined;
  /** Batches to learn from, from 1 to 2^27. Default 600. */
  readonly steps?: number | undefined;
  /** Samples of a batch, from 2. Default 32. */
  readonly batch?: number | undefined;
  /** The seed of the weights and of the order of samples, from 0 to 2^64 - 1. Default 0. */
  readonly seed?: Seed | undefined;
  /** Whether a run ends early once it can no longer learn. Default true. */
  readonly early?: boolean | undefined;
  /** At how many steps, about, the layers are measured and the network is evaluated on the validation data. Default 30. */
  readonly measurements?: number | undefined;
  /** The engine that multiplies matrices. Default: the best one available. The result is the same with each. */
  readonly engine?: EngineName | undefined;
}

const NETWORK_OPTIONS = aliased(
  [
    ...["kind", "depth", "width", "activation", "slope", "derivative", "residual", "normalization", "normalizationAt"],
    "branchScale",
  ],
  { normalization: "norm" },
);
/** @internal The names of a training's options, and of those that a call takes beside them. */
export const withTrainingOptions = (others: readonly string[]): readonly string[] =>
  aliased(["optimizer", "learningRate", "steps", "batch", "seed", "early", "measurements", "engine", ...others], {
    learningRate: "lr",
    batch: "batchSize",
  });

const DEFAULT_RATES: Readonly<Record<OptimizerName, number>> = { sgd: 0.05, momentum: 0.01, adam: 0.001 };

/** @internal Checked options. */
export interface Training {
  readonly data: CheckedData;
  readonly spec: TrainableSpec;
  /** What strategies are resolved with. */
  readonly context: StrategyContext;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: bigint;
  readonly early: boolean;
  /** The loss on the training data of the best constant prediction: the same outputs for every sample. */
  readonly baseline: number;
  /** Steps from one measurement to the next. */
  readonly every: number;
  readonly engine: EngineName;
}

/** @internal @param options whose names are checked. @throws TypeError, RangeError naming the option, before anything is computed. */
export function checkedTraining(
  network: NetworkOptions | readonly LayerOptions[],
  data: TrainingData,
  options: TrainingOptions,
): Training {
  const batch = checkPositive("batch", options.batch ?? 32);
  if (batch < 2) throw wrongValue("batch", "2 or more samples", batch);
  const checked = checkedData(data, batch);
  const { context, spec } = isLayers(network) ? listedNetwork(network, checked) : checkedNetwork(network, checked);
  const optimizer = checkOneOf("optimizer", options.optimizer ?? "sgd", OPTIMIZERS);
  const steps = checkPositive("steps", options.steps ?? 600);
  if (steps > MOST_STEPS) throw wrongValue("steps", `at most ${MOST_STEPS}, whose losses are kept`, steps);
  const measurements = checkPositive("measurements", options.measurements ?? 30);
  return {
    ...{ data: checked, spec, context, optimizer, steps, batch },
    learningRate: checkAboveZero("learningRate", options.learningRate ?? DEFAULT_RATES[optimizer]),
    seed: BigInt(checkSeed(options.seed ?? 0)),
    baseline: baselineOf(checked),
    early: checkBoolean("early", options.early ?? true),
    every: Math.max(1, Math.round(steps / measurements)),
    engine: engine(options.engine).name,
  };
}

/** @internal At most this many steps: the loss of each is kept. */
export const MOST_STEPS = 134217728; // 2^27

/** At most this many weights: their gradients and what optimizers keep of them take five times the memory. */
const MOST_WEIGHTS = 134217728; // 2^27
const FEW_WEIGHTS = `a network of less than ${MOST_WEIGHTS} weights`;

const isLayers = (network: NetworkOptions | readonly LayerOptions[]): network is readonly LayerOptions[] =>
  Array.isArray(network);

/** A network that is given as a list of layers. */
function listedNetwork(given: readonly LayerOptions[], { features, outputs }: CheckedData) {
  const { spec: network, contextOf, weights, layers, positions } = layerList(given, features);
  const all = weights + outputs * (layers.at(-1)?.units ?? 0);
  if (!(all < MOST_WEIGHTS)) throw wrongValue("network", FEW_WEIGHTS, all);
  const { activation } = network;
  return {
    spec: { network, features, outputs, list: { layers, positions } },
    context: { spec: network, options: { activation: activation.f }, contextOf },
  };
}

function checkedNetwork(network: NetworkOptions, { features, outputs }: CheckedData) {
  checkOptions("network", network, NETWORK_OPTIONS);
  const { kind: asked = "dense", activation = "relu", slope, derivative, depth = 12, width = 64, ...shape } = network;
  const kind = checkOneOf("network.kind", asked, NETWORK_KINDS);
  const positions = positionsOf(kind);
  if (features % positions !== 0) {
    const expected = `a multiple of ${positions}, the positions of ${kind} networks`;
    throw wrongValue("data.features", `${expected}; use a dense network for other data`, features);
  }
  const options = { activation, ...(slope !== undefined && { slope }) };
  if (typeof activation !== "string" && typeof activation !== "function") {
    throw wrongType("network.activation", "a name or a function", activation);
  }
  const spec = {
    ...networkShape(kind, { ...shape, depth, width }),
    activation: activationFunction(activation, slope, derivative),
  };
  const inside = spec.depth * spec.width * spec.width * (kind === "attention" ? 6 : kind === "convolution" ? 3 : 1);
  const ends = spec.width * (features / positions + outputs);
  if (!(inside + ends < MOST_WEIGHTS)) {
    throw wrongValue("depth, width", `${FEW_WEIGHTS}, ${ends} of which are in its two ends`, [spec.depth, spec.width]);
  }
  return { spec: { network: spec, features, outputs }, context: { spec, options } };
}
