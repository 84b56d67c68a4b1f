/**
 * Defects that only many values show. docs/quality.md says what each test finds in other libraries. `npm run
 * test:statistics` draws 2^26 values of each distribution, `COUNT=1000000000 npm run test:statistics` a billion; SEED= gives another seed. Seeds are
 * fixed. A test fails below p = 1e-6, and there are fewer than 200, so a correct library would have failed here at its first
 * choice of seeds with probability 2e-4.
 */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { engine } from "../../src/engine/choose.js";
import { stdOf } from "../../src/moments.js";
import { key } from "../../src/stream.js";
import { quantile, upper } from "../oracle.js";
import { Bins, chiSquare, chiSquareP, normalP, poissonP } from "./statistics.js";

const COUNT = Number(process.env.COUNT ?? 2 ** 26);
const SEED = Number(process.env.SEED ?? 20260301);
const ALPHA = 1e-6;
const FINE = 16384; // bins

interface Case {
  readonly title: string;
  /** Default f32. */
  readonly dtype?: "f32" | "f64";
  readonly distribution: Independent;
  /** The value above which lies the share `above`. */
  readonly quantile: (above: number) => number;
  /** Mean, variance, third and fourth central moment; and the sixth and eighth, for the standard errors. */
  readonly moments: readonly [number, number, number, number, number, number];
  /** P(|X| < x) for a small x, where the distribution has values around 0. */
  readonly near?: (x: number) => number;
  /** Density, from which follows how many values rounding alone makes equal. */
  readonly density: (x: number) => number;
  readonly tails: readonly number[];
  /** How many times as many equal values there may be as the last rounding makes; lattices of 24 bits make 4 to 8. */
  readonly equal: number;
}

const phi = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const MASS = 1 - 2 * upper(2); // of N(0, 1) within 2 std

/** Moments of N(0, 1) truncated at +-2, by integration by parts: m(k) = (k - 1) m(k - 2) - 2 * 2^(k - 1) phi(2) / mass. */
const truncatedMoment = (k: number): number =>
  k === 0 ? 1 : (k - 1) * truncatedMoment(k - 2) - (2 ** k * phi(2)) / MASS;

/** What holds for N(0, 1), and for N(0, 1) truncated where it has no values. */
const STANDARD: Omit<Case, "title" | "distribution"> = {
  quantile: (above) => quantile(-40, 40, above),
  moments: [0, 1, 0, 3, 15, 105],
  near: (x) => 1 - 2 * upper(x),
  density: phi,
  tails: [4.5, 5, 5.25, 5.5, 5.77, 6],
  equal: 1.1,
};

const SINGLE: readonly Case[] = [
  {
    title: "normal(0, 1)",
    distribution: { kind: "normal", mean: 0, std: 1 },
    ...STANDARD,
  },
  {
    title: "truncated at 2 std",
    distribution: { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 },
    quantile: (above) => quantile(-2, 2, above),
    moments: [0, truncatedMoment(2), 0, truncatedMoment(4), truncatedMoment(6), truncatedMoment(8)],
    near: (x) => (1 - 2 * upper(x)) / MASS,
    density: (x) => (Math.abs(x) < 2 ? phi(x) / MASS : 0),
    tails: [],
    equal: 1.5, // towards the bounds z is steep in t, which has 24 bits
  },
  {
    title: "truncated at 100 std",
    distribution: { kind: "truncated", mean: 0, std: 1, low: -100, high: 100 },
    ...STANDARD,
  },
  {
    title: "uniform(-1, 1)",
    distribution: { kind: "uniform", low: -1, high: 1 },
    quantile: (above) => 1 - 2 * above,
    moments: [0, 1 / 3, 0, 1 / 5, 1 / 7, 1 / 9],
    near: (x) => x,
    density: (x) => (Math.abs(x) < 1 ? 0.5 : 0),
    tails: [],
    equal: 1.1,
  },
];

const DOUBLE: readonly Case[] = [
  { title: "normal(0, 1), f64", dtype: "f64", distribution: { kind: "normal", mean: 0, std: 1 }, ...STANDARD },
  { ...(SINGLE[1] as Case), title: "truncated at 2 std, f64", dtype: "f64", equal: 1 },
  { ...(SINGLE[3] as Case), title: "uniform(-1, 1), f64", dtype: "f64" },
];

const PIECE = 2 ** 20;

/** Draws COUNT values in pieces and shows each to `visit`. No Box-Muller pair lies in two pieces. */
function draw({ distribution, dtype = "f32" }: Case, visit: (piece: Float32Array | Float64Array) => void): void {
  const piece = dtype === "f64" ? new Float64Array(PIECE) : new Float32Array(PIECE);
  for (let start = 0; start < COUNT; start += PIECE) {
    const part = piece.subarray(0, Math.min(PIECE, COUNT - start));
    engine().draw({ distribution, key: key(SEED, "quality"), dtype }, start, part);
    visit(part);
  }
}

/** Pairs of equal values that rounding to floats makes among n exact draws: n^2 / 2 * integral of density^2 ulp. */
function expectedPairs(density: (x: number) => number, n: number, digits: number): number {
  let sum = 0;
  for (let exponent = -40; exponent < 3; ++exponent) {
    for (let i = 0; i < 64; ++i) {
      const x = 2 ** exponent * (1 + (i + 0.5) / 64);
      sum += 2 * density(x) ** 2 * 2 ** (exponent - digits) * (2 ** exponent / 64);
    }
  }
  return (n * n * sum) / 2;
}

describe.each([...SINGLE, ...DOUBLE])(`${COUNT} values of $title`, (given) => {
  const results: [test: string, measured: string, p: number][] = [];
  const record = (name: string, measured: number | string, p: number) =>
    results.push([name, typeof measured === "number" ? measured.toPrecision(5) : measured, p]);

  test("have the bins, moments, tails and equal values of exact draws", { timeout: 3_600_000 }, () => {
    const edges = Float64Array.from({ length: FINE - 1 }, (_, i) => given.quantile(1 - (i + 1) / FINE));
    const bins = new Bins(edges);
    const near = new Float64Array(512); // bins of |x| < 2^-8
    const sums = [0, 0, 0, 0, 0];
    const above = given.tails.map(() => 0);
    const below = given.tails.map(() => 0);
    const radii = [1e-7, 1e-5];
    const small = radii.map(() => 0);
    let zeros = 0;
    let first: Float32Array | Float64Array | undefined;
    const pairing = given.dtype === "f64" ? 2 : 4; // how far on the other value of a Box-Muller pair is

    draw(given, (piece) => {
      first ??= piece.slice();
      const part = [0, 0, 0, 0, 0];
      for (let i = 0; i < piece.length; ++i) {
        const x = piece[i] as number;
        bins.add(x);
        if (x === 0) ++zeros;
        const size = Math.abs(x);
        if (size < 2 ** -8) {
          const bin = Math.floor((x + 2 ** -8) * 2 ** 16);
          near[bin] = (near[bin] as number) + 1;
        }
        if (given.tails.length > 0 && size > (given.tails[0] as number)) {
          given.tails.forEach((t, k) => {
            if (x > t) above[k] = (above[k] as number) + 1;
            else if (x < -t) below[k] = (below[k] as number) + 1;
          });
        }
        const square = x * x;
        part[1] = (part[1] as number) + x;
        part[2] = (part[2] as number) + square;
        part[3] = (part[3] as number) + square * x;
        part[4] = (part[4] as number) + square * square;
        if ((i & pairing) === 0 && size < 0.004) {
          const pair = square + (piece[i + pairing] as number) ** 2;
          radii.forEach((r, k) => {
            if (pair < r) small[k] = (small[k] as number) + 1;
          });
        }
      }
      for (let k = 1; k < 5; ++k) sums[k] = (sums[k] as number) + (part[k] as number);
    });

    const n = COUNT;
    for (const count of [64, 1024, FINE]) {
      const x = chiSquare(bins.counts, n, FINE / count);
      record(`chi-square, ${count} bins`, x, chiSquareP(x, count - 1));
    }
    const share = (given.near as (x: number) => number)(2 ** -8);
    const inNear = near.reduce((a, b) => a + b, 0);
    record("values below 2^-8", inNear, normalP((inNear - n * share) / Math.sqrt(n * share)));
    const fine = chiSquare(near, inNear);
    record("chi-square, 512 bins below 2^-8", fine, chiSquareP(fine, 511));

    const [mean, m2, m3, m4, m6, m8] = given.moments;
    const raw = sums.map((sum) => sum / n) as [number, number, number, number, number];
    record("mean", raw[1], normalP((raw[1] - mean) / Math.sqrt(m2 / n)));
    record("variance", raw[2], normalP((raw[2] - m2) / Math.sqrt((m4 - m2 ** 2) / n)));
    record("third moment", raw[3], normalP((raw[3] - m3) / Math.sqrt(m6 / n)));
    record("fourth moment", raw[4], normalP((raw[4] - m4) / Math.sqrt((m8 - m4 ** 2) / n)));

    given.tails.forEach((t, k) => {
      record(`above ${t}`, String(above[k]), poissonP(above[k] as number, n * upper(t)));
      record(`below -${t}`, String(below[k]), poissonP(below[k] as number, n * upper(t)));
    });
    if (given.distribution.kind === "normal") {
      radii.forEach((r, k) => {
        record(`radii^2 below ${r}`, String(small[k]), poissonP(small[k] as number, -(n / 2) * Math.expm1(-r / 2)));
      });
    }
    record("exact zeros", String(zeros), zeros === 0 ? 1 : 0);

    const drawn = first as Float32Array | Float64Array;
    const equal = drawn.length - new Set(drawn).size;
    const ideal = expectedPairs(given.density, drawn.length, given.dtype === "f64" ? 52 : 23);
    const excess = (equal - given.equal * ideal) / Math.sqrt(ideal);
    record(
      `equal values among the first ${drawn.length} (by rounding: ${ideal.toFixed(0)})`,
      String(equal),
      excess < 5 ? 1 : 0,
    );

    console.info(
      [`${given.title}, ${n} values, std ${stdOf(given.distribution)}`]
        .concat(results.map(([name, measured, p]) => `  ${name}: ${measured}, p = ${p.toPrecision(2)}`))
        .join("\n"),
    );
    expect(results.filter(([, , p]) => !(p > ALPHA))).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });
});
