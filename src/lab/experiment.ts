/** One seed of an experiment: samples through a network, a gradient back, and what is measured on the way. */

import type { EngineName } from "../engine/engine.js";
import { columnsOf, products } from "../engine/product.js";
import { fill } from "../init.js";
import type { Seed } from "../stream.js";
import type { ActivationFunction } from "./activation.js";
import { MOST_PROBES, singularValues } from "./jacobian.js";
import { bytesOf, inputsOf, type LayerWeights, positionsOf } from "./layer.js";
import { correlation, equalUnits, histogram, life, meanSquare, type SignalShape } from "./measure.js";
import { type DrawWeights, network, type Spec, type Ways } from "./network.js";
import type { Experiment } from "./options.js";
import type { JacobianReport } from "./report.js";
import { tabulated } from "./table.js";

const CORRELATION = 0.5; // of the two samples of a pair

/** What one seed gave, layer by layer. */
export interface Measured {
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

/** A network in memory of its own, what goes into it, and whose weights it has. */
export interface Setup {
  readonly layout: SignalShape;
  readonly input: Float32Array;
  readonly gradient: Float32Array;
  readonly ways: Ways;
  readonly activation: ActivationFunction;
  start(weights: LayerWeights, seed: Seed): void;
}

export function setUp(spec: Spec, engine: EngineName, samples: number): Setup {
  const positions = positionsOf(spec.kind);
  const columns = samples * positions;
  const activation = tabulated(spec.activation);
  const made = products(engine, bytesOf(spec, columns));
  const [input, gradient] = [made.matrix(spec.width, columns), made.matrix(spec.width, columns)];
  const values = made.floats(spec.width * inputsOf(spec));
  let now: { readonly weights: LayerWeights; readonly seed: Seed } | undefined;
  const draw: DrawWeights = (layer, part) => {
    const { weights, seed } = now as NonNullable<typeof now>;
    const { shape, outFirst, distribution } = weights;
    fill(values, shape, distribution, { seed, name: `layers.${layer}.${part}`, engine });
    return { values, transposed: !outFirst, tapsInside: outFirst };
  };
  return {
    layout: { width: spec.width, columns, positions },
    ...{
      input,
      gradient,
      activation,
      ways: network({ ...spec, activation: activation }, { products: made, draw, columns }),
    },
    start(weights, seed) {
      now = { weights, seed };
    },
  };
}

export function measure(weights: LayerWeights, experiment: Experiment, seed: Seed, setup: Setup): Measured {
  const { spec, data } = experiment;
  const { layout, input, gradient, ways } = setup;
  setup.start(weights, seed);
  if (data === undefined) pairsOf(input, layout, seed, experiment.engine);
  else place(input, layout, data);
  const found: Measured = {
    ...{ input: meanSquare(input, layout), pairs: correlation(input, layout) },
    ...{ forward: [], backward: [], correlation: [], dead: [], saturated: [], equal: [], histogram: [] },
  };
  ways.forward(input, (l, signal, preactivation) => {
    found.forward[l] = meanSquare(signal, layout);
    found.correlation[l] = correlation(signal, layout);
    const equal = equalUnits(signal, layout);
    found.equal[l] = spec.residual && equal === 1 && found.forward[l] === 0 ? 0 : equal;
    if (seed === experiment.seed) found.histogram[l] = histogram(signal, layout);
    if (preactivation === undefined) return;
    const { dead, saturated } = life(preactivation, layout, setup.activation);
    found.dead[l] = dead;
    found.saturated[l] = saturated;
  });
  noise(gradient, layout, seed, "gradient", experiment.engine);
  const last = meanSquare(gradient, layout);
  ways.backward(gradient, (l, signal) => {
    found.backward[l] = meanSquare(signal, layout) / last;
  });
  return found;
}

/** Standard normal values in all columns. */
function noise(to: Float32Array, { width, columns }: SignalShape, seed: Seed, name: string, engine: EngineName): void {
  const stride = columnsOf(columns);
  const values = new Float32Array(width * columns);
  fill(values, [width, columns], { scheme: "normal", std: 1 }, { seed, name, engine });
  for (let i = 0; i < width; ++i) to.set(values.subarray(i * columns, (i + 1) * columns), i * stride);
}

/** The same, the second sample of each pair correlated with the first. */
function pairsOf(to: Float32Array, layout: SignalShape, seed: Seed, engine: EngineName): void {
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

function place(to: Float32Array, { width, columns, positions }: SignalShape, data: ArrayLike<number>): void {
  const stride = columnsOf(columns);
  for (let j = 0; j < columns; ++j) {
    const [sample, position] = [Math.floor(j / positions), j % positions];
    for (let i = 0; i < width; ++i) to[i * stride + j] = data[(sample * width + i) * positions + position] as number;
  }
}

/** Copies of one sample, and as many orthonormal directions of its output. */
export function jacobianOf(weights: LayerWeights, experiment: Experiment, setup: Setup): JacobianReport {
  const { spec, engine, seed } = experiment;
  const probes = Math.min(spec.width, MOST_PROBES);
  const { layout, input, gradient, ways } = setup;
  setup.start(weights, seed);
  gradient.fill(0);
  const stride = columnsOf(layout.columns);
  const { positions, width } = layout;
  const one = new Float32Array(width * positions);
  if (experiment.data === undefined)
    fill(one, [width, positions], { scheme: "normal", std: 1 }, { seed, name: "input", engine });
  else one.set(Array.from({ length: one.length }, (_, i) => (experiment.data as ArrayLike<number>)[i] as number));
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
    conditionNumber: (values[0] as number) / (values.at(-1) as number),
    meanSquare: values.reduce((sum, s) => sum + s * s, 0) / values.length,
  };
}
