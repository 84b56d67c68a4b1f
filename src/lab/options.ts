/** The options of the lab, and the experiment that they describe once they are checked. */

import {
  checkBoolean,
  checkCallback,
  checkNotNegative,
  checkOneOf,
  checkOptions,
  checkPositive,
  wrongType,
  wrongValue,
} from "../check.js";
import { engine } from "../engine/choose.js";
import type { EngineName } from "../engine/engine.js";
import { NORMALIZATIONS } from "../recipes/recommend/recommendation.js";
import type { Normalization } from "../recipes/recommend.js";
import type { Activation } from "../scheme/gain.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { SCHEME_NAMES, scheme as schemeOf } from "../scheme/scheme.js";
import { aliased } from "../spelling.js";
import { checkSeed, type Seed } from "../stream.js";
import { activationFunction } from "./activation.js";
import { networkBytes, positionsOf } from "./layer.js";
import type { NetworkKind, NetworkShape, NetworkSpec, NormalizationPlace } from "./network.js";

/** The options of `lab`. */
export interface LabOptions {
  /** The kind of layer. Default "dense". */
  readonly network?: NetworkKind | undefined;
  /** The number of layers, or of blocks for attention, from 1. Default 50. */
  readonly depth?: number | undefined;
  /** Units of each layer, or channels of a convolution, from 1. Default 256. */
  readonly width?: number | undefined;
  /** An even number, since samples are correlated in pairs. Default 128; 16 for networks whose samples have 16 positions. */
  readonly samples?: number | undefined;
  /** The name of an activation function, or any function of one number. Default "relu". */
  readonly activation?: Activation | ((x: number) => number) | undefined;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
  /** The derivative of an activation function of your own. Default: it is computed numerically. */
  readonly derivative?: ((x: number) => number) | undefined;
  /** The scheme of every layer. Default: the scheme that `recommend` gives for the network. */
  readonly scheme?: Scheme | SchemeName | undefined;
  /** Whether each layer is a branch whose output is added to its input. Attention always has this. Default false. */
  readonly residual?: boolean | undefined;
  /**
   * Layer, RMS or batch normalization. Batch normalization uses statistics over all samples and positions, as in training.
   * Default "none".
   */
  readonly normalization?: Normalization | undefined;
  /**
   * Where the network is normalized: "pre", before each activation function or at the beginning of each residual branch; or
   * "post", after each residual addition, which only residual networks have. Default "pre".
   */
  readonly normalizationAt?: NormalizationPlace | undefined;
  /** The variance of the biases, drawn from a normal distribution: not negative. Default 0: no biases. */
  readonly biasVariance?: number | undefined;
  /** The factor on the output of a residual branch, not negative. Default 1. */
  readonly branchScale?: number | undefined;
  /** How many times weights and samples are drawn anew, from 1 to 10,000. Default 3. */
  readonly seeds?: number | undefined;
  /** The first seed, from 0 to 2^64 - 1; the others follow it. Default 0. */
  readonly seed?: Seed | undefined;
  /**
   * Your own samples instead of random ones, one after the other: samples x width numbers; for networks with positions,
   * samples x width x 16.
   */
  readonly data?: ArrayLike<number> | undefined;
  /**
   * Whether singular values of the Jacobian are computed. Default true; false with batch normalization, where no sample has a
   * Jacobian of its own.
   */
  readonly jacobian?: boolean | undefined;
  /** Whether mean field theory's fixed point, chi_1 and depth scale are computed: 1 to 50 ms. Default true. */
  readonly meanField?: boolean | undefined;
  /** Whether the recommended scheme is measured too. Default true. */
  readonly recommendation?: boolean | undefined;
  /**
   * Called after each part of the work with how many parts are done, and of how many. What it throws ends the call.
   */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** The engine that draws and multiplies. Default: the best one available. It cannot change a bit. */
  readonly engine?: EngineName | undefined;
}

const OPTIONS = aliased(
  [
    ...["network", "depth", "width", "samples", "activation", "slope", "derivative", "scheme", "residual"],
    ...["normalization", "normalizationAt", "biasVariance", "branchScale", "seeds", "seed", "data", "jacobian"],
    ...["meanField", "recommendation", "onProgress", "engine"],
  ],
  { normalization: "norm" },
);

export const NETWORK_KINDS: readonly NetworkKind[] = ["dense", "convolution", "attention"];

/** Checked options. */
export interface Experiment {
  readonly spec: NetworkSpec;
  /** The scheme that was asked for, if any. */
  readonly scheme: Scheme | undefined;
  readonly samples: number;
  readonly seeds: number;
  /** The first seed. */
  readonly seed: bigint;
  readonly data: ArrayLike<number> | undefined;
  readonly jacobian: boolean;
  readonly meanField: boolean;
  readonly recommendation: boolean;
  readonly onProgress: (done: number, total: number) => void;
  readonly engine: EngineName;
  readonly options: LabOptions;
}

export function checkedExperiment(asked: LabOptions): Experiment {
  checkOptions("options", asked, OPTIONS);
  const options = { ...asked }; // each is read once
  const kind = checkOneOf("network", options.network ?? "dense", NETWORK_KINDS);
  const positions = positionsOf(kind);
  const samples = checkPositive("samples", options.samples ?? (positions === 1 ? 128 : 16));
  if (samples % 2 !== 0) throw wrongValue("samples", "an even number, since they are correlated in pairs", samples);
  const { activation = "relu", slope, derivative, scheme, data } = options;
  const spec: NetworkSpec = {
    ...networkShape(kind, options),
    activation: activationFunction(activation, slope, derivative),
  };
  const given = typeof scheme === "string" ? schemeOf({ scheme: checkOneOf("scheme", scheme, SCHEME_NAMES) }) : scheme;
  if (data !== undefined) checkData(data, samples * positions * spec.width);
  const seeds = checkPositive("seeds", options.seeds ?? 3);
  if (seeds > MOST_SEEDS) throw wrongValue("seeds", `at most ${MOST_SEEDS}`, seeds);
  const bytes = networkBytes(spec, samples * positions);
  if (!(bytes < MOST_BYTES)) {
    const expected = `a network whose signals take less than ${MOST_BYTES} bytes`;
    throw wrongValue("depth, width, samples", expected, [spec.depth, spec.width, samples]);
  }
  return {
    ...{ spec, samples, data, options },
    scheme: given === undefined ? undefined : schemeOf(given),
    seeds,
    seed: checkSeeds(options.seed ?? 0, seeds),
    jacobian: checkJacobian(options.jacobian, spec),
    meanField: checkBoolean("meanField", options.meanField ?? true),
    recommendation: checkBoolean("recommendation", options.recommendation ?? true),
    onProgress: checkCallback("onProgress", options.onProgress) ?? (() => {}),
    engine: engine(options.engine).name,
  };
}

/** The shape of a network, checked. */
export function networkShape(kind: NetworkKind, options: LabOptions): NetworkShape {
  const residual = kind === "attention" || checkBoolean("residual", options.residual ?? false);
  const normalization = checkOneOf("normalization", options.normalization ?? "none", NORMALIZATIONS);
  const normalizationAt = checkOneOf("normalizationAt", options.normalizationAt ?? "pre", ["pre", "post"]);
  if (normalizationAt === "post" && (!residual || normalization === "none")) {
    const expected = '"pre" unless the network has residual branches and a normalization';
    throw wrongValue("normalizationAt", expected, normalizationAt);
  }
  return {
    kind,
    depth: checkPositive("depth", options.depth ?? 50),
    width: checkPositive("width", options.width ?? 256),
    ...{ residual, normalization, normalizationAt },
    branchScale: checkNotNegative("branchScale", options.branchScale ?? 1),
    biasVariance: checkNotNegative("biasVariance", options.biasVariance ?? 0),
  };
}

/** With batch normalization, the samples of a batch have one Jacobian together. */
function checkJacobian(given: unknown, { normalization }: NetworkSpec): boolean {
  if (given === true && normalization === "batch") {
    throw wrongValue(
      "jacobian",
      "false with batch normalization, which makes each output depend on all samples",
      given,
    );
  }
  return checkBoolean("jacobian", given ?? normalization !== "batch");
}

const MOST_SEEDS = 10_000; // each is a run of the network, and its report is kept
const MOST_BYTES = 0xfff00000; // an arena holds 4 GiB, and some of it is reserved

/** @returns the first of `seeds` seeds in a row. */
function checkSeeds(first: unknown, seeds: number): bigint {
  const seed = BigInt(checkSeed(first));
  checkSeed(seed + BigInt(seeds - 1));
  return seed;
}

function checkData(data: ArrayLike<number>, size: number): void {
  if (typeof data !== "object" || data === null || typeof data.length !== "number") {
    throw wrongType("data", "an array of numbers", data);
  }
  if (data.length !== size) throw wrongValue("data.length", `samples x width (x 16 positions), ${size}`, data.length);
  for (let i = 0; i < size; ++i) {
    if (!Number.isFinite(data[i])) throw wrongValue(`data[${i}]`, "a finite number", data[i]);
  }
}
