/** What is measured of a layer's signals. */
import { columnsOf } from "../engine/product.js";
import type { ActivationFunction } from "./activation.js";

/** Matrices of units by columns, of which a sample has `positions` beside each other. */
export interface SignalShape {
  readonly width: number;
  readonly columns: number;
  readonly positions: number;
}

export function meanSquare(signal: Float32Array, { width, columns }: SignalShape): number {
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

const MOST_PAIRS = 32; // each a mean over all units: more change no digit that is looked at

/** The mean cosine between the samples of each pair: the first and second, the third and fourth, and so on. */
export function correlation(signal: Float32Array, { width, columns, positions }: SignalShape): number {
  const stride = columnsOf(columns);
  const pairs = Math.min(MOST_PAIRS, Math.floor(columns / (2 * positions)));
  const [ab, aa, bb] = [0, 1, 2].map(() => new Float64Array(pairs)) as [Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < width; ++i) {
    for (let p = 0; p < pairs; ++p) {
      for (let k = 0; k < positions; ++k) {
        const at = i * stride + 2 * p * positions + k;
        const [a, b] = [signal[at] as number, signal[at + positions] as number];
        ab[p] = (ab[p] as number) + a * b;
        aa[p] = (aa[p] as number) + a * a;
        bb[p] = (bb[p] as number) + b * b;
      }
    }
  }
  const cosines = ab.map((sum, p) => sum / Math.sqrt((aa[p] as number) * (bb[p] as number)));
  return pairs === 0 ? Number.NaN : cosines.reduce((sum, c) => sum + c, 0) / pairs;
}

const COMPARED = 8; // samples by which units are told apart

/** The share of units whose signal is that of another unit, for every sample that is compared. */
export function equalUnits(signal: Float32Array, { width, columns }: SignalShape): number {
  const stride = columnsOf(columns);
  const compared = Math.min(columns, COMPARED);
  const groups = new Map<number, { readonly unit: number; count: number }[]>();
  const same = (a: number, b: number): boolean => {
    for (let j = 0; j < compared; ++j) if (!Object.is(signal[a * stride + j], signal[b * stride + j])) return false;
    return true;
  };
  for (let i = 0; i < width; ++i) {
    const first = signal[i * stride] as number;
    const alike = groups.get(first) ?? [];
    const group = alike.find(({ unit: activation }) => same(activation, i));
    if (group !== undefined) group.count += 1;
    else groups.set(first, [...alike, { unit: i, count: 1 }]);
  }
  const counts = [...groups.values()].flat().map(({ count }) => count);
  return width === 1 ? 0 : counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0) / width;
}

export interface Life {
  /** Units whose slope is 0 for every sample. */
  readonly dead: number;
  /** Of an activation with two limits: units and samples whose slope is below a twentieth of its steepest. */
  readonly saturated: number;
}

const FLAT = 0.05;

export function life(
  preactivation: Float32Array,
  { width, columns }: SignalShape,
  activation: ActivationFunction,
): Life {
  const stride = columnsOf(columns);
  const steepest = activation.bounded
    ? STEPS.reduce((most, x) => Math.max(most, Math.abs(activation.derivative(x))), 0)
    : 0;
  let [dead, flat] = [0, 0];
  for (let i = 0; i < width; ++i) {
    let alive = false;
    for (let j = 0; j < columns; ++j) {
      const slope = Math.abs(activation.derivative(preactivation[i * stride + j] as number));
      if (slope > 0) alive = true;
      if (slope < FLAT * steepest) flat += 1;
    }
    if (!alive) dead += 1;
  }
  return { dead: dead / width, saturated: flat / (width * columns) };
}

const STEPS = Array.from({ length: 201 }, (_, i) => (i - 100) / 20);

const BARS = 41;

/** Shares of values between -4 and 4 root mean squares. */
export function histogram(signal: Float32Array, layout: SignalShape): number[] {
  const root = Math.sqrt(meanSquare(signal, layout));
  const counts = new Array<number>(BARS).fill(0);
  const stride = columnsOf(layout.columns);
  const columns = Math.min(layout.columns, MOST_PAIRS);
  for (let i = 0; i < layout.width; ++i) {
    for (let j = 0; j < columns; ++j) {
      const z = (signal[i * stride + j] as number) / root;
      const bar = Math.min(BARS - 1, Math.max(0, Math.floor(((z + 4) / 8) * BARS)));
      if (Number.isFinite(z)) counts[bar] = (counts[bar] as number) + 1;
    }
  }
  return counts.map((count) => count / (layout.width * columns));
}
