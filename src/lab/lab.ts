/** An experiment: signals and gradients through a network as it starts, over several seeds, beside what theory predicts. */
import {
  checkBoolean,
  checkNotNegative,
  checkOneOf,
  checkOptions,
  checkPositive,
  wrongType,
  wrongValue,
} from "../check.js";
import { BYTES_BESIDES, bytesOfMatrix, columnsOf, products } from "../engine/product.js";
import { type EngineName, engine } from "../engine.js";
import { isStructured, lawsOf, spreadOf } from "../fill.js";
import type { Activation } from "../gain.js";
import { fill } from "../init.js";
import { resolve, SCHEME_NAMES, type Scheme, type SchemeName, scheme as schemeOf, usualLayout } from "../scheme.js";
import { type Unit, unitOf } from "./activation.js";
import { MOST_PROBES, singularValues } from "./jacobian.js";
import { type MeanField, meanField } from "./meanfield.js";
import { correlation, equalUnits, histogram, type Layout, life, meanSquare } from "./measure.js";
import {
  type Draw,
  type Kind,
  matricesOf,
  type Normalization,
  network,
  POSITIONS,
  type Spec,
  TAPS,
  type Ways,
} from "./network.js";
import { remedyFor } from "./remedy.js";
import { tabulated } from "./table.js";
import { type Theory, theoryOf } from "./theory.js";
import { type Verdict, verdictOf } from "./verdict.js";

export interface LabOptions {
  /** Default dense. `convolution`: 3 taps on a ring of 16 positions; `attention`: blocks of a transformer, 16 tokens. */
  readonly network?: Kind;
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
  readonly norm?: Normalization;
  /** What a branch is multiplied by before it is added. Default 1. */
  readonly branchScale?: number;
  /** How many times all is drawn anew. Default 3. */
  readonly seeds?: number;
  /** The first of them. Default 0. */
  readonly seed?: number;
  /** Samples of your own instead of random ones, one after the other: samples x width numbers (x positions, inside). */
  readonly data?: ArrayLike<number>;
  /** Whether to find singular values of the Jacobian. Default true. */
  readonly jacobian?: boolean;
  /** Whether to run what `recommend` advises besides. Default true. */
  readonly remedy?: boolean;
  /** Default: the best there is. It cannot change a bit. */
  readonly engine?: EngineName;
}

const OPTIONS = [
  ...["network", "depth", "width", "samples", "activation", "slope", "derivative", "scheme", "residual", "norm"],
  ...["branchScale", "seeds", "seed", "data", "jacobian", "remedy", "engine"],
];

/** Over the seeds. */
export interface Band {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** What mean field theory says; none where it says nothing. */
  readonly theory: number | null;
}

export interface LayerReport {
  /** From 1. */
  readonly layer: number;
  /** The mean square of the signal: of pre-activations, or of the residual stream. */
  readonly forward: Band;
  /** The mean square of the gradient there, that of the last layer being 1. */
  readonly backward: Band;
  /** The mean cosine of two samples that were correlated by 0.5. */
  readonly correlation: Band;
  /** Shares: of units that pass no gradient, of unit and sample pairs that are flat, of units equal to others. */
  readonly dead: number;
  readonly saturated: number;
  readonly equal: number;
  /** Shares of values in 41 bars from -4 to 4 root mean squares. */
  readonly histogram: readonly number[];
}

export interface JacobianReport {
  /** Of directions of the output, at one sample, by the first seed; descending. */
  readonly singularValues: readonly number[];
  /** The largest over the smallest. */
  readonly spread: number;
  readonly meanSquare: number;
}

export interface Run {
  readonly scheme: Scheme;
  readonly verdict: Verdict;
  readonly layers: readonly LayerReport[];
  readonly jacobian: JacobianReport | null;
  /** Of the network without normalization and residual connections; none for laws that it does not describe. */
  readonly meanField: MeanField | null;
}

export interface LabReport extends Run {
  readonly network: Omit<Spec, "unit"> & {
    readonly activation: string;
    readonly samples: number;
    readonly seeds: number;
  };
  readonly remedy: Remedy | null;
}

export interface Remedy {
  readonly scheme: Scheme;
  readonly reason: string;
  readonly source: string;
  /** None where it is the scheme that was run. */
  readonly run: Run | null;
}

const CORRELATION = 0.5; // of the two samples of a pair

/**
 * Sends samples through a network as a scheme starts it, and gradients back.
 *
 * @throws TypeError, RangeError naming the option, before anything is computed: unknown names, counts that are not whole or
 * past memory, data of another size or with values that are no numbers, a scheme that cannot take the layer.
 */
export function lab(options: LabOptions = {}): LabReport {
  const plan = checked(options);
  const advice = remedyFor(plan.spec, options.activation ?? "relu", options.slope);
  const scheme = plan.scheme ?? advice.scheme;
  checkLayer(scheme, plan.spec);
  const setups = setUps(plan);
  const own = run(scheme, plan, setups);
  const same = JSON.stringify(scheme) === JSON.stringify(advice.scheme);
  const remedy = (options.remedy ?? true) ? { ...advice, run: same ? null : run(advice.scheme, plan, setups) } : null;
  const { unit, ...rest } = plan.spec;
  return {
    network: { ...rest, activation: unit.name, samples: plan.samples, seeds: plan.seeds },
    ...own,
    remedy,
  };
}

interface Plan {
  readonly spec: Spec;
  readonly scheme: Scheme | undefined;
  readonly samples: number;
  readonly seeds: number;
  readonly seed: number;
  readonly data: ArrayLike<number> | undefined;
  readonly jacobian: boolean;
  readonly engine: EngineName;
  readonly options: LabOptions;
}

function checked(options: LabOptions): Plan {
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
    norm: checkOneOf("norm", options.norm ?? "none", ["none", "layer", "rms"]),
    branchScale: checkNotNegative("branchScale", options.branchScale ?? 1),
    unit: unitOf(options.activation ?? "relu", options.slope, options.derivative),
  };
  const { scheme, data } = options;
  const given = typeof scheme === "string" ? schemeOf({ scheme: checkOneOf("scheme", scheme, SCHEME_NAMES) }) : scheme;
  if (data !== undefined) checkData(data, samples * positions * spec.width);
  const bytes = bytesOf(spec, samples * positions);
  if (!(bytes < MOST_BYTES)) {
    const expected = `a network whose signals take less than ${MOST_BYTES} bytes`;
    throw wrongValue("depth, width, samples", expected, [spec.depth, spec.width, samples]);
  }
  return {
    ...{ spec, samples, data, options },
    scheme: given === undefined ? undefined : schemeOf(given),
    seeds: checkPositive("seeds", options.seeds ?? 3),
    seed: options.seed ?? 0,
    jacobian: checkBoolean("jacobian", options.jacobian ?? true),
    engine: engine(options.engine).name,
  };
}

const MOST_BYTES = 2 ** 32 - 2 ** 20;

const positionsOf = (kind: Kind): number => (kind === "dense" ? 1 : POSITIONS);
const inputsOf = ({ kind, width }: Spec): number => (kind === "convolution" ? TAPS * width : width);

/** Of all that a run keeps. */
const bytesOf = (spec: Spec, columns: number): number =>
  (matricesOf(spec) + (spec.kind === "convolution" ? TAPS : 0) + 2) * bytesOfMatrix(spec.width, columns) +
  4 * spec.width * inputsOf(spec) +
  BYTES_BESIDES;

function checkData(data: ArrayLike<number>, size: number): void {
  if (typeof data !== "object" || data === null || typeof data.length !== "number") {
    throw wrongType("data", "an array of numbers", data);
  }
  if (data.length !== size) throw wrongValue("data.length", `samples x width (x 16 positions), ${size}`, data.length);
  for (let i = 0; i < size; ++i) {
    if (!Number.isFinite(data[i])) throw wrongValue(`data[${i}]`, "a finite number", data[i]);
  }
}

/** The shape of a layer's weights as the scheme has it. */
function shapeOf(
  scheme: Scheme,
  { kind, width }: Spec,
): { readonly shape: readonly number[]; readonly outFirst: boolean } {
  const layout = "layout" in scheme ? scheme.layout : undefined;
  const outFirst = (layout ?? usualLayout(scheme.scheme)) === "oi";
  if (kind !== "convolution") return { shape: [width, width], outFirst };
  return { shape: outFirst ? [width, width, TAPS] : [TAPS, width, width], outFirst };
}

function checkLayer(scheme: Scheme, spec: Spec): void {
  const { shape } = shapeOf(scheme, spec);
  try {
    resolve(scheme, shape);
  } catch (error) {
    const message = `scheme: expected one that a layer of shape [${shape.join(", ")}] takes: ${(error as Error).message}`;
    throw new RangeError(message, { cause: error });
  }
}

/** The memory of all runs. */
interface Setups {
  readonly signals: Setup;
  readonly jacobian: Setup | undefined;
}

function setUps({ spec, engine, samples, jacobian }: Plan): Setups {
  const probes = Math.min(spec.width, MOST_PROBES);
  return { signals: setUp(spec, engine, samples), jacobian: jacobian ? setUp(spec, engine, probes) : undefined };
}

function run(scheme: Scheme, plan: Plan, setups: Setups): Run {
  const { spec, seeds } = plan;
  const variance = weightVariance(scheme, spec);
  const passes = Array.from({ length: seeds }, (_, i) => pass(scheme, plan, plan.seed + i, setups.signals));
  const theory =
    variance === undefined
      ? null
      : theoryOf(spec, {
          variance,
          meanSquare: average(passes, (p) => p.input),
          correlation: average(passes, (p) => p.pairs),
        });
  const layers = Array.from({ length: spec.depth }, (_, l) => layerReport(passes, l, theory));
  return {
    scheme,
    verdict: verdictOf(layers),
    layers,
    jacobian: setups.jacobian === undefined ? null : jacobianOf(scheme, plan, setups.jacobian),
    meanField: variance === undefined || variance === 0 ? null : fieldOf(plan, variance),
  };
}

function fieldOf({ options, spec }: Plan, weightVariance: number): MeanField | null {
  if (spec.kind === "attention") return null;
  const { activation = "relu", slope, derivative } = options;
  try {
    return meanField({
      activation,
      weightVariance,
      ...(slope !== undefined && { slope }),
      ...(derivative && { derivative }),
    });
  } catch {
    return null; // the activation has no means
  }
}

/** The variance of a weight times its fan in; none of laws whose elements are not random about 0. */
function weightVariance(scheme: Scheme, spec: Spec): number | undefined {
  const laws = lawsOf(resolve(scheme, shapeOf(scheme, spec).shape));
  const [law] = laws;
  if (law === undefined || laws.length > 1) return undefined;
  if (isStructured(law)) return law.law === "orthogonal" ? inputsOf(spec) * spreadOf(law) ** 2 : undefined;
  const mean = law.law === "uniform" ? (law.low + law.high) / 2 : law.law === "constant" ? law.value : law.mean;
  return mean === 0 ? inputsOf(spec) * spreadOf(law) ** 2 : undefined;
}

/** What one seed gave, layer by layer. */
interface Passed {
  readonly input: number;
  readonly pairs: number;
  readonly forward: number[];
  readonly backward: number[];
  readonly correlation: number[];
  readonly dead: number[];
  readonly saturated: number[];
  readonly equal: number[];
  readonly histogram: number[][];
}

const average = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0) / all.length;

function layerReport(passes: readonly Passed[], l: number, theory: Theory | null): LayerReport {
  const band = (of: (p: Passed) => readonly number[], predicted: readonly number[] | undefined): Band => {
    const values = passes.map((p) => of(p)[l] as number);
    const known = predicted?.[l];
    return {
      mean: average(values, (x) => x),
      low: Math.min(...values),
      high: Math.max(...values),
      theory: known === undefined || Number.isNaN(known) ? null : known,
    };
  };
  const share = (of: (p: Passed) => readonly number[]) => average(passes, (p) => of(p)[l] ?? 0);
  return {
    layer: l + 1,
    forward: band((p) => p.forward, theory?.forward),
    backward: band((p) => p.backward, theory?.backward),
    correlation: band((p) => p.correlation, theory?.correlation),
    dead: share((p) => p.dead),
    saturated: share((p) => p.saturated),
    equal: share((p) => p.equal),
    histogram: passes[0]?.histogram[l] ?? [],
  };
}

/** A network in memory of its own, what goes into it, and whose weights it has. */
interface Setup {
  readonly layout: Layout;
  readonly input: Float32Array;
  readonly gradient: Float32Array;
  readonly ways: Ways;
  readonly unit: Unit;
  start(scheme: Scheme, seed: number): void;
}

function setUp(spec: Spec, engine: EngineName, samples: number): Setup {
  const positions = positionsOf(spec.kind);
  const columns = samples * positions;
  const unit = tabulated(spec.unit);
  const made = products(engine, bytesOf(spec, columns));
  const [input, gradient] = [made.matrix(spec.width, columns), made.matrix(spec.width, columns)];
  const values = made.floats(spec.width * inputsOf(spec));
  let now: { readonly scheme: Scheme; readonly seed: number } | undefined;
  const draw: Draw = (layer, part) => {
    const { scheme, seed } = now as NonNullable<typeof now>;
    const { shape, outFirst } = shapeOf(scheme, spec);
    fill(values, shape, scheme, { seed, name: `layers.${layer}.${part}`, engine });
    return { values, across: !outFirst, tapsInside: outFirst };
  };
  return {
    layout: { width: spec.width, columns, positions },
    ...{ input, gradient, unit, ways: network({ ...spec, unit }, { products: made, draw, columns }) },
    start(scheme, seed) {
      now = { scheme, seed };
    },
  };
}

function pass(scheme: Scheme, plan: Plan, seed: number, setup: Setup): Passed {
  const { spec, data } = plan;
  const { layout, input, gradient, ways } = setup;
  setup.start(scheme, seed);
  if (data === undefined) pairsOf(input, layout, seed, plan.engine);
  else place(input, layout, data);
  const found: Passed = {
    ...{ input: meanSquare(input, layout), pairs: correlation(input, layout) },
    ...{ forward: [], backward: [], correlation: [], dead: [], saturated: [], equal: [], histogram: [] },
  };
  ways.forward(input, (l, signal, into) => {
    found.forward[l] = meanSquare(signal, layout);
    found.correlation[l] = correlation(signal, layout);
    const equal = equalUnits(signal, layout);
    found.equal[l] = spec.residual && equal === 1 && found.forward[l] === 0 ? 0 : equal;
    if (seed === plan.seed) found.histogram[l] = histogram(signal, layout);
    if (into === undefined) return;
    const { dead, saturated } = life(into, layout, setup.unit);
    found.dead[l] = dead;
    found.saturated[l] = saturated;
  });
  noise(gradient, layout, seed, "gradient", plan.engine);
  const last = meanSquare(gradient, layout);
  ways.backward(gradient, (l, signal) => {
    found.backward[l] = meanSquare(signal, layout) / last;
  });
  return found;
}

/** Standard normal values in all columns. */
function noise(to: Float32Array, { width, columns }: Layout, seed: number, name: string, engine: EngineName): void {
  const stride = columnsOf(columns);
  const values = new Float32Array(width * columns);
  fill(values, [width, columns], { scheme: "normal", std: 1 }, { seed, name, engine });
  for (let i = 0; i < width; ++i) to.set(values.subarray(i * columns, (i + 1) * columns), i * stride);
}

/** The same, the second sample of each pair correlated with the first. */
function pairsOf(to: Float32Array, layout: Layout, seed: number, engine: EngineName): void {
  const { width, columns, positions } = layout;
  noise(to, layout, seed, "input", engine);
  const stride = columnsOf(columns);
  const rest = Math.sqrt(1 - CORRELATION * CORRELATION);
  for (let i = 0; i < width; ++i) {
    for (let first = 0; first + 2 * positions <= columns; first += 2 * positions) {
      for (let k = 0; k < positions; ++k) {
        const at = i * stride + first + k;
        to[at + positions] = CORRELATION * (to[at] as number) + rest * (to[at + positions] as number);
      }
    }
  }
}

function place(to: Float32Array, { width, columns, positions }: Layout, data: ArrayLike<number>): void {
  const stride = columnsOf(columns);
  for (let j = 0; j < columns; ++j) {
    const [sample, position] = [Math.floor(j / positions), j % positions];
    for (let i = 0; i < width; ++i) to[i * stride + j] = data[(sample * width + i) * positions + position] as number;
  }
}

/** Copies of one sample, and as many orthonormal directions of its output. */
function jacobianOf(scheme: Scheme, plan: Plan, setup: Setup): JacobianReport {
  const { spec, engine, seed } = plan;
  const probes = Math.min(spec.width, MOST_PROBES);
  const { layout, input, gradient, ways } = setup;
  setup.start(scheme, seed);
  gradient.fill(0);
  const stride = columnsOf(layout.columns);
  const { positions, width } = layout;
  const one = new Float32Array(width * positions);
  if (plan.data === undefined)
    fill(one, [width, positions], { scheme: "normal", std: 1 }, { seed, name: "input", engine });
  else one.set(Array.from({ length: one.length }, (_, i) => (plan.data as ArrayLike<number>)[i] as number));
  const directions = new Float32Array(width * probes);
  fill(directions, [width, probes], { scheme: "orthogonal" }, { seed, name: "directions", engine });
  for (let i = 0; i < width; ++i) {
    for (let p = 0; p < probes; ++p) {
      input.set(one.subarray(i * positions, (i + 1) * positions), i * stride + p * positions);
      gradient[i * stride + p * positions] = directions[i * probes + p] as number;
    }
  }
  ways.forward(input, () => {});
  ways.backward(gradient, () => {});
  const values = singularValues(gradient, layout, probes);
  return {
    singularValues: values,
    spread: (values[0] as number) / (values.at(-1) as number),
    meanSquare: average(values, (s) => s * s),
  };
}
