/** Measurements of a signal. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import type { ActivationFunction } from "./activation.js";

/** A signal is a matrix of units by columns. Each sample has `positions` adjacent columns. */
export interface SignalShape {
  readonly width: number;
  readonly columns: number;
  readonly positions: number;
}

/** The mean of the squares of all values. */
export function meanSquare(signal: Floats, { width, columns }: SignalShape): number {
  const stride = columnsOf(columns);
  let sum = 0;
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < columns; ++j) {
      const x = signal[i * stride + j] as number;
      sum += x * x;
    }
  }
  return sum / (width * columns);
}

/** The mean square of what all columns share: the mean over the units of their squared means. */
export function sharedSquare(signal: Floats, { width, columns }: SignalShape): number {
  const stride = columnsOf(columns);
  let sum = 0;
  for (let i = 0; i < width; ++i) {
    let mean = 0;
    for (let j = 0; j < columns; ++j) mean += (signal[i * stride + j] as number) / columns;
    sum += mean * mean;
  }
  return sum / width;
}

const MOST_PAIRS = 32; // enough for the digits that are shown, since each cosine sums over all units

/** The mean cosine between the samples of each pair: the first and the second, the third and the fourth, and so on. */
export function correlation(signal: Floats, { width, columns, positions }: SignalShape): number {
  const pairs = Math.min(MOST_PAIRS, Math.floor(columns / (2 * positions)));
  if (pairs === 0) return Number.NaN;
  let sum = 0;
  for (let p = 0; p < pairs; ++p) sum += cosine(signal, { width, columns, positions }, 2 * p * positions);
  return sum / pairs;
}

/** The cosine between the samples that begin at a column and at the next sample's. */
function cosine(signal: Floats, { width, columns, positions }: SignalShape, column: number): number {
  const stride = columnsOf(columns);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < width; ++i) {
    const begin = i * stride + column;
    for (let at = begin; at < begin + positions; ++at) {
      const a = signal[at] as number;
      const b = signal[at + positions] as number;
      ab += a * b;
      aa += a * a;
      bb += b * b;
    }
  }
  return ab / Math.sqrt(aa * bb);
}

const COMPARED = 8; // columns: enough to distinguish units

/** The share of units whose signal equals that of another unit in every compared column. */
export function equalUnits(signal: Floats, { width, columns }: SignalShape): number {
  const stride = columnsOf(columns);
  const compared = Math.min(columns, COMPARED);
  // Groups of equal units, by their first value.
  const groups = new Map<number, { readonly unit: number; count: number }[]>();
  const same = (a: number, b: number): boolean => {
    for (let j = 0; j < compared; ++j) if (!Object.is(signal[a * stride + j], signal[b * stride + j])) return false;
    return true;
  };
  for (let i = 0; i < width; ++i) {
    const first = signal[i * stride] as number;
    const candidates = groups.get(first) ?? [];
    const group = candidates.find(({ unit }) => same(unit, i));
    if (group !== undefined) group.count += 1;
    else groups.set(first, [...candidates, { unit: i, count: 1 }]);
  }
  const counts = [...groups.values()].flat().map(({ count }) => count);
  return width === 1 ? 0 : counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0) / width;
}

/** How much of a layer still passes a gradient. */
interface Activity {
  /** Share of units whose slope is 0 for every sample. */
  readonly dead: number;
  /** Share of pre-activations where a bounded activation function is flat; 0 for other activation functions. */
  readonly saturated: number;
}

const FLAT = 0.05; // of the steepest slope

export function activityOf(
  preactivation: Floats,
  { width, columns }: SignalShape,
  activation: ActivationFunction,
): Activity {
  const stride = columnsOf(columns);
  const steepest = activation.bounded ? Math.max(...POINTS.map((x) => Math.abs(activation.derivative(x)))) : 0;
  let [dead, flat] = [0, 0];
  for (let i = 0; i < width; ++i) {
    let alive = false;
    for (let j = 0; j < columns && !(alive && steepest === 0); ++j) {
      const slope = Math.abs(activation.derivative(preactivation[i * stride + j] as number));
      if (slope > 0) alive = true;
      if (slope < FLAT * steepest) flat += 1;
    }
    if (!alive) dead += 1;
  }
  return { dead: dead / width, saturated: flat / (width * columns) };
}

const POINTS = Array.from({ length: 201 }, (_, i) => (i - 100) / 20); // from -5 to 5

const BINS = 41;

/** Shares of the values in bins of equal width from -4 to 4 root mean squares. The outer bins count all that is beyond. */
export function histogram(signal: Floats, shape: SignalShape): number[] {
  const root = Math.sqrt(meanSquare(signal, shape));
  const counts = new Array<number>(BINS).fill(0);
  const stride = columnsOf(shape.columns);
  const columns = Math.min(shape.columns, MOST_PAIRS);
  for (let i = 0; i < shape.width; ++i) {
    for (let j = 0; j < columns; ++j) {
      const z = (signal[i * stride + j] as number) / root;
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(((z + 4) / 8) * BINS)));
      if (Number.isFinite(z)) counts[bin] = (counts[bin] as number) + 1;
    }
  }
  return counts.map((count) => count / (shape.width * columns));
}
