/** One run of an experiment: samples go through a network, a gradient comes back, and both are measured at every layer. */
import type { EngineName } from "../engine/engine.js";
import { columnsOf, products } from "../engine/product.js";
import { fill } from "../init.js";
import type { Seed } from "../stream.js";
import type { ActivationFunction } from "./activation.js";
import { MOST_PROBES, singularValues } from "./jacobian.js";
import { inputsOf, networkBytes, positionsOf, type WeightsSpec } from "./layer.js";
import type { DrawBiases, DrawWeights } from "./linear.js";
import { type Network, type NetworkSpec, network } from "./network.js";
import type { Experiment } from "./options.js";
import type { JacobianReport } from "./report.js";
import {
  activityOf,
  correlation,
  equalUnits,
  histogram,
  meanSquare,
  type SignalShape,
  sharedSquare,
} from "./signal.js";
import { tabulated } from "./table.js";

const CORRELATION = 0.5; // of the two samples of a pair

/** What was measured with one seed. The lists have an item for each layer; see `LayerReport`. */
export interface Measurement {
  /** Mean square of the input. */
  readonly input: number;
  /** Correlation of the pairs in the input. */
  readonly inputCorrelation: number;
  /** Mean square of what all samples of the input share: of the units' means. */
  readonly inputShared: number;
  readonly forward: number[];
  readonly backward: number[];
  readonly correlation: number[];
  readonly dead: number[];
  readonly saturated: number[];
  readonly equal: number[];
  readonly histogram: number[][];
}

/** A network in memory of its own, its input and the gradient of its output. */
export interface NetworkInstance {
  readonly shape: SignalShape;
  readonly input: Float32Array;
  readonly gradient: Float32Array;
  readonly network: Network;
  readonly activation: ActivationFunction;
  /** Decides what the weights are drawn from, from now on. */
  useWeights(weights: WeightsSpec, seed: Seed): void;
}

export function networkInstance(spec: NetworkSpec, engine: EngineName, samples: number): NetworkInstance {
  const positions = positionsOf(spec.kind);
  const columns = samples * positions;
  const activation = tabulated(spec.activation);
  const memory = products(engine, networkBytes(spec, columns));
  const [input, gradient] = [memory.matrix(spec.width, columns), memory.matrix(spec.width, columns)];
  const values = memory.floats(spec.width * inputsOf(spec));
  let current: { readonly weights: WeightsSpec; readonly seed: Seed } | undefined;
  const draw: DrawWeights = (layer, part) => {
    const { weights, seed } = current as NonNullable<typeof current>;
    const { shape, outFirst, distribution } = weights;
    fill(values, shape, distribution, { seed, name: `layers.${layer}.${part}`, engine });
    return { values, transposed: !outFirst, tapsInside: outFirst };
  };
  const biases = memory.floats(spec.width);
  const distribution = { scheme: "normal", std: Math.sqrt(spec.biasVariance) } as const;
  const drawBiases: DrawBiases = (layer, part) => {
    const { seed } = current as NonNullable<typeof current>;
    fill(biases, [spec.width], distribution, { seed, name: `layers.${layer}.${part}.bias`, engine });
    return biases;
  };
  const context = { products: memory, draw, columns, ...(spec.biasVariance > 0 && { drawBiases }) };
  return {
    shape: { width: spec.width, columns, positions },
    input,
    gradient,
    network: network({ ...spec, activation }, context),
    activation,
    useWeights(weights, seed) {
      current = { weights, seed };
    },
  };
}

/** Runs the experiment with one seed. */
export function measure(
  weights: WeightsSpec,
  experiment: Experiment,
  seed: Seed,
  instance: NetworkInstance,
): Measurement {
  const { spec, data, engine } = experiment;
  const { shape, input, gradient, network, activation } = instance;
  instance.useWeights(weights, seed);
  if (data === undefined) drawPairs(input, shape, seed, engine);
  else copySamples(input, shape, data);
  const measurement: Measurement = {
    ...{ input: meanSquare(input, shape), inputCorrelation: correlation(input, shape) },
    inputShared: sharedSquare(input, shape),
    ...{ forward: [], backward: [], correlation: [], dead: [], saturated: [], equal: [], histogram: [] },
  };
  network.forward(input, (l, signal, preactivation) => {
    measurement.forward[l] = meanSquare(signal, shape);
    measurement.correlation[l] = correlation(signal, shape);
    const equal = equalUnits(signal, shape);
    // Zeros from an input of zeros, or as a residual signal, say nothing of the weights.
    const isZero = measurement.forward[l] === 0 && (spec.residual || measurement.input === 0);
    measurement.equal[l] = equal === 1 && isZero ? 0 : equal;
    if (seed === experiment.seed) measurement.histogram[l] = histogram(signal, shape);
    if (preactivation === undefined) return;
    const { dead, saturated } = activityOf(preactivation, shape, activation);
    measurement.dead[l] = dead;
    measurement.saturated[l] = saturated;
  });
  drawNormal(gradient, shape, seed, "gradient", engine);
  const last = meanSquare(gradient, shape);
  network.backward(gradient, (l, signal) => {
    measurement.backward[l] = meanSquare(signal, shape) / last;
  });
  return measurement;
}

/** Fills the columns with standard normal values. */
function drawNormal(to: Float32Array, { width, columns }: SignalShape, seed: Seed, name: string, engine: EngineName) {
  const stride = columnsOf(columns);
  const values = new Float32Array(width * columns);
  fill(values, [width, columns], { scheme: "normal", std: 1 }, { seed, name, engine });
  for (let i = 0; i < width; ++i) to.set(values.subarray(i * columns, (i + 1) * columns), i * stride);
}

/** Fills the columns with standard normal samples. The second of each pair is correlated with the first. */
function drawPairs(to: Float32Array, shape: SignalShape, seed: Seed, engine: EngineName): void {
  const { width, columns, positions } = shape;
  drawNormal(to, shape, seed, "input", engine);
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

/** Fills the columns with the caller's samples. */
function copySamples(to: Float32Array, { width, columns, positions }: SignalShape, data: ArrayLike<number>): void {
  const stride = columnsOf(columns);
  for (let j = 0; j < columns; ++j) {
    const [sample, position] = [Math.floor(j / positions), j % positions];
    for (let i = 0; i < width; ++i) to[i * stride + j] = data[(sample * width + i) * positions + position] as number;
  }
}

/** The Jacobian at one sample, by as many copies of it as there are directions of the output. */
export function jacobianOf(
  weights: WeightsSpec,
  experiment: Experiment,
  { shape, input, gradient, network, useWeights }: NetworkInstance,
): JacobianReport {
  const { engine, seed, data } = experiment;
  const { positions, width } = shape;
  const probes = Math.min(width, MOST_PROBES);
  useWeights(weights, seed);
  const sample = new Float32Array(width * positions);
  if (data !== undefined) sample.set(Array.from({ length: sample.length }, (_, i) => data[i] as number));
  else fill(sample, [width, positions], { scheme: "normal", std: 1 }, { seed, name: "input", engine });
  const directions = new Float32Array(width * probes);
  fill(directions, [width, probes], { scheme: "orthogonal" }, { seed, name: "directions", engine });
  gradient.fill(0);
  const stride = columnsOf(shape.columns);
  for (let i = 0; i < width; ++i) {
    for (let p = 0; p < probes; ++p) {
      input.set(sample.subarray(i * positions, (i + 1) * positions), i * stride + p * positions);
      gradient[i * stride + p * positions] = directions[i * probes + p] as number;
    }
  }
  network.forward(input, () => {});
  network.backward(gradient, () => {});
  const values = singularValues(gradient, shape, probes);
  return {
    singularValues: values,
    conditionNumber: (values[0] as number) / (values.at(-1) as number),
    meanSquare: values.reduce((sum, s) => sum + s * s, 0) / values.length,
  };
}
