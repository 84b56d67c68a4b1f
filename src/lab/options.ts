/** The options of the lab, and the experiment that they describe once they are checked. */
import {
  checkBoolean,
  checkNotNegative,
  checkOneOf,
  checkOptions,
  checkPositive,
  wrongType,
  wrongValue,
} from "../check.js";
import { engine } from "../engine/choose.js";
import type { EngineName } from "../engine/engine.js";
import type { Activation } from "../scheme/gain.js";
import type { Scheme, SchemeName } from "../scheme/options.js";
import { SCHEME_NAMES, scheme as schemeOf } from "../scheme/scheme.js";
import { checkSeed, type Seed } from "../stream.js";
import { activationFunction } from "./activation.js";
import { networkBytes, positionsOf } from "./layer.js";
import type { NetworkKind, NetworkSpec } from "./network.js";
import type { LabNormalization } from "./normalization.js";

/** The options of `lab`. */
export interface LabOptions {
  /** The kind of layer. Default "dense". */
  readonly network?: NetworkKind;
  /** The number of layers, or of blocks for attention, from 1. Default 50. */
  readonly depth?: number;
  /** Units of each layer, or channels of a convolution, from 1. Default 256. */
  readonly width?: number;
  /** An even number, since samples are correlated in pairs. Default 128; 16 for networks whose samples have 16 positions. */
  readonly samples?: number;
  /** The name of an activation function, or any function of one number. Default "relu". */
  readonly activation?: Activation | ((x: number) => number);
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number;
  /** The derivative of an activation function of your own. Default: it is computed numerically. */
  readonly derivative?: (x: number) => number;
  /** The scheme of every layer. Default: the scheme that `recommend` gives for the network. */
  readonly scheme?: Scheme | SchemeName;
  /** Whether each layer is a branch whose output is added to its input. Attention always has this. Default false. */
  readonly residual?: boolean;
  /** The normalization before each activation function; with `residual`, at the beginning of each branch. Default "none". */
  readonly normalization?: LabNormalization;
  /** The factor on the output of a residual branch, not negative. Default 1. */
  readonly branchScale?: number;
  /** How many times weights and samples are drawn anew. Default 3. */
  readonly seeds?: number;
  /** The first seed, from 0 to 2^64 - 1; the others follow it. Default 0. */
  readonly seed?: Seed;
  /**
   * Your own samples instead of random ones, one after the other: samples x width numbers; for networks with positions,
   * samples x width x 16.
   */
  readonly data?: ArrayLike<number>;
  /** Whether singular values of the Jacobian are computed. Default true. */
  readonly jacobian?: boolean;
  /** Whether the recommended scheme is measured too. Default true. */
  readonly recommendation?: boolean;
  /** The engine that draws and multiplies. Default: the best one available. It cannot change a bit. */
  readonly engine?: EngineName;
}

const OPTIONS = [
  ...["network", "depth", "width", "samples", "activation", "slope", "derivative", "scheme", "residual"],
  ...["normalization", "branchScale", "seeds", "seed", "data", "jacobian", "recommendation", "engine"],
];

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
  readonly engine: EngineName;
  readonly options: LabOptions;
}

export function checkedExperiment(options: LabOptions): Experiment {
  checkOptions("options", options, OPTIONS);
  const kind = checkOneOf("network", options.network ?? "dense", ["dense", "convolution", "attention"]);
  const positions = positionsOf(kind);
  const samples = checkPositive("samples", options.samples ?? (positions === 1 ? 128 : 16));
  if (samples % 2 !== 0) throw wrongValue("samples", "an even number, since they are correlated in pairs", samples);
  const spec: NetworkSpec = {
    kind,
    depth: checkPositive("depth", options.depth ?? 50),
    width: checkPositive("width", options.width ?? 256),
    residual: kind === "attention" || checkBoolean("residual", options.residual ?? false),
    normalization: checkNormalization(options.normalization ?? "none"),
    branchScale: checkNotNegative("branchScale", options.branchScale ?? 1),
    activation: activationFunction(options.activation ?? "relu", options.slope, options.derivative),
  };
  const { scheme, data } = options;
  const given = typeof scheme === "string" ? schemeOf({ scheme: checkOneOf("scheme", scheme, SCHEME_NAMES) }) : scheme;
  if (data !== undefined) checkData(data, samples * positions * spec.width);
  const seeds = checkPositive("seeds", options.seeds ?? 3);
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
    jacobian: checkBoolean("jacobian", options.jacobian ?? true),
    engine: engine(options.engine).name,
  };
}

const NORMALIZATIONS: readonly LabNormalization[] = ["none", "layer", "rms"];

function checkNormalization(given: unknown): LabNormalization {
  if (given !== "batch") return checkOneOf("normalization", given, NORMALIZATIONS);
  const expected = 'expected one of "none", "layer", "rms", got "batch"';
  throw new RangeError(
    `normalization: ${expected}: the lab has no batch normalization, which would couple its samples`,
  );
}

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
