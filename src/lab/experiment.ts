/** One seed of an experiment: samples through a network, a gradient back, and what is measured on the way. */

import type { EngineName } from "../engine/choose.js";
import { columnsOf, products } from "../engine/product.js";
import { fill } from "../init.js";
import type { Scheme } from "../scheme/scheme.js";
import type { Unit } from "./activation.js";
import { MOST_PROBES, singularValues } from "./jacobian.js";
import { bytesOf, inputsOf, positionsOf, shapeOf } from "./layer.js";
import { correlation, equalUnits, histogram, type Layout, life, meanSquare } from "./measure.js";
import { type Draw, network, type Spec, type Ways } from "./network.js";
import type { Plan } from "./options.js";
import type { JacobianReport } from "./report.js";
import { tabulated } from "./table.js";

const CORRELATION = 0.5; // of the two samples of a pair

/** What one seed gave, layer by layer. */
export interface Passed {
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
  readonly layout: Layout;
  readonly input: Float32Array;
  readonly gradient: Float32Array;
  readonly ways: Ways;
  readonly unit: Unit;
  start(scheme: Scheme, seed: number): void;
}

export function setUp(spec: Spec, engine: EngineName, samples: number): Setup {
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

export function pass(scheme: Scheme, plan: Plan, seed: number, setup: Setup): Passed {
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
export function jacobianOf(scheme: Scheme, plan: Plan, setup: Setup): JacobianReport {
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
    meanSquare: values.reduce((sum, s) => sum + s * s, 0) / values.length,
  };
}
