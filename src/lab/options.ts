/** What an experiment is asked to do, checked. */
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
import { bytesOf, positionsOf } from "./layer.js";
import type { NetworkKind, Spec } from "./network.js";
import type { LabNormalization } from "./normalization.js";

export interface LabOptions {
  /** Default dense. `convolution`: 3 taps on a ring of 16 positions; `attention`: blocks of a transformer, 16 tokens. */
  readonly network?: NetworkKind;
  /** Layers, or blocks. Default 50. */
  readonly depth?: number;
  /** Units in each; channels. Default 256. */
  readonly width?: number;
  /** Default 128; 16 where each has positions. An even number: samples are correlated in pairs. */
  readonly samples?: number;
  /** Default relu. Or any function of one number. */
  readonly activation?: Activation | ((x: number) => number);
  /** Of leakyRelu. Default 0.01. */
  readonly slope?: number;
  /** Of a function of yours; without one it is found numerically. */
  readonly derivative?: (x: number) => number;
  /** Default: what `recommend` advises for the network. */
  readonly scheme?: Scheme | SchemeName;
  /** Whether each layer is added to what went into it. Attention always is. Default false. */
  readonly residual?: boolean;
  /** Before each activation; with `residual` at the beginning of each branch. Default none. */
  readonly normalization?: LabNormalization;
  /** What a branch is multiplied by before it is added. Default 1. */
  readonly branchScale?: number;
  /** How many times all is drawn anew. Default 3. */
  readonly seeds?: number;
  /** The first of them. Default 0. */
  readonly seed?: Seed;
  /** Samples of your own instead of random ones, one after the other: samples x width numbers (x positions, inside). */
  readonly data?: ArrayLike<number>;
  /** Whether to find singular values of the Jacobian. Default true. */
  readonly jacobian?: boolean;
  /** Whether to run what `recommend` advises besides. Default true. */
  readonly recommendation?: boolean;
  /** Default: the best there is. It cannot change a bit. */
  readonly engine?: EngineName;
}

const OPTIONS = [
  ...[
    "network",
    "depth",
    "width",
    "samples",
    "activation",
    "slope",
    "derivative",
    "scheme",
    "residual",
    "normalization",
  ],
  ...["branchScale", "seeds", "seed", "data", "jacobian", "recommendation", "engine"],
];

export interface Experiment {
  readonly spec: Spec;
  readonly scheme: Scheme | undefined;
  readonly samples: number;
  readonly seeds: number;
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
  if (samples % 2 !== 0) throw wrongValue("samples", "an even number: they are correlated in pairs", samples);
  const spec: Spec = {
    kind,
    depth: checkPositive("depth", options.depth ?? 50),
    width: checkPositive("width", options.width ?? 256),
    residual: kind === "attention" || checkBoolean("residual", options.residual ?? false),
    normalization: checkOneOf("normalization", options.normalization ?? "none", ["none", "layer", "rms"]),
    branchScale: checkNotNegative("branchScale", options.branchScale ?? 1),
    activation: activationFunction(options.activation ?? "relu", options.slope, options.derivative),
  };
  const { scheme, data } = options;
  const given = typeof scheme === "string" ? schemeOf({ scheme: checkOneOf("scheme", scheme, SCHEME_NAMES) }) : scheme;
  if (data !== undefined) checkData(data, samples * positions * spec.width);
  const seeds = checkPositive("seeds", options.seeds ?? 3);
  const bytes = bytesOf(spec, samples * positions);
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

const MOST_BYTES = 0xfff00000; // an arena's 4 GiB, less a little

/** The first of so many seeds in a row. */
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
