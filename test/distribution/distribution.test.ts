/**
 * The distributions, by Kolmogorov and Smirnov's test and by moments. Seeds are fixed, so every run gives the same results.
 * A correct library would have failed some test of this file at its first choice of seeds with probability below 0.05
 * (KS at 1.95 / sqrt(n), two-sided: 0.001 for each of 28 samples; moments at 4.5 std: 7e-6 each). `npm run
 * test:statistics` looks for the defects that such samples cannot show (docs/quality.md).
 */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { truncatedStd } from "../../src/math/truncation.js";
import { stdOf } from "../../src/moments.js";
import { key } from "../../src/stream.js";
import { bitsOf } from "../engines.js";

const N = 2 ** 17; // values in a sample

function erf(x: number): number {
  let sum = x; // Abramowitz and Stegun 7.1.6
  let term = x;
  for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); ++k) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return Math.abs(x) > 6 ? Math.sign(x) : (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
const phi = (z: number) => 0.5 * (1 + erf(z / Math.SQRT2));

/** A distribution, its cumulative distribution function and its mean. */
const DISTRIBUTIONS: readonly (readonly [Independent, (x: number) => number, number])[] = [
  [{ kind: "uniform", low: -0.1, high: 0.1 }, (x) => (x + 0.1) / 0.2, 0],
  [{ kind: "uniform", low: 2, high: 5 }, (x) => (x - 2) / 3, 3.5],
  [{ kind: "normal", mean: 0, std: 0.02 }, (x) => phi(x / 0.02), 0],
  [{ kind: "normal", mean: -1, std: 3 }, (x) => phi((x + 1) / 3), -1],
  [
    { kind: "truncated", mean: 0, std: 0.02, low: -2, high: 2 },
    (x) => (phi(x / 0.02) - phi(-2)) / (phi(2) - phi(-2)),
    0,
  ],
  [{ kind: "truncated", mean: 1, std: 1, low: -1, high: 1 }, (x) => (phi(x - 1) - phi(-1)) / (phi(1) - phi(-1)), 1],
  [
    { kind: "truncated", mean: 0, std: 1, low: 0.5, high: 3 },
    (x) => (phi(x) - phi(0.5)) / (phi(3) - phi(0.5)),
    // (density(0.5) - density(3)) / mass
    (Math.exp(-0.125) - Math.exp(-4.5)) / Math.sqrt(2 * Math.PI) / (phi(3) - phi(0.5)),
  ],
];

const CASES = DISTRIBUTIONS.flatMap(([distribution, cdf, mean]) =>
  (["f32", "f64"] as const).map((dtype) => [JSON.stringify(distribution), dtype, { distribution, cdf, mean }] as const),
);

describe.each(CASES)("%s in %s", (_, dtype, { distribution, cdf, mean }) => {
  const values = (seed: number) => {
    const { buffer } = bitsOf("simd", distribution, key(seed, "weight"), 0, N, dtype);
    return dtype === "f64" ? new Float64Array(buffer) : Float64Array.from(new Float32Array(buffer));
  };

  test.each([1, 2])("passes Kolmogorov and Smirnov's test with seed %d", (seed) => {
    const sorted = values(seed).sort();
    let distance = 0;
    sorted.forEach((x, i) => {
      distance = Math.max(distance, Math.abs(cdf(x) - i / N), Math.abs(cdf(x) - (i + 1) / N));
    });
    expect(distance * Math.sqrt(N)).toBeLessThan(1.95);
    expect(distance * Math.sqrt(N)).toBeGreaterThan(0.3); // a closer fit has P < 1e-5
  });

  test.each([4, 5])("has its mean and its variance with seed %d", (seed) => {
    const drawn = values(seed);
    const average = drawn.reduce((sum, x) => sum + x, 0) / N;
    const variance = drawn.reduce((sum, x) => sum + (x - average) ** 2, 0) / N;
    const fourth = drawn.reduce((sum, x) => sum + (x - average) ** 4, 0) / N;
    expect(Math.abs(average - mean)).toBeLessThan((4.5 * stdOf(distribution)) / Math.sqrt(N));
    expect(Math.abs(variance - stdOf(distribution) ** 2)).toBeLessThan(4.5 * Math.sqrt((fourth - variance ** 2) / N));
  });
});

test("tensors, seeds and neighbouring elements are uncorrelated", () => {
  const distribution: Independent = { kind: "normal", mean: 0, std: 1 };
  const draw = (seed: number, name: string) =>
    new Float32Array(bitsOf("simd", distribution, key(seed, name), 0, N).buffer);
  const one = draw(1, "a");
  for (const other of [draw(2, "a"), draw(1, "b"), draw(0, "a"), draw(2 ** 32 + 1, "a")]) {
    const product = one.reduce((sum, x, i) => sum + x * (other[i] as number), 0) / Math.sqrt(N);
    expect(Math.abs(product)).toBeLessThan(4.5);
  }
  for (const lag of [1, 2, 3, 4, 5, 8, 4096]) {
    let sum = 0;
    for (let i = lag; i < N; ++i) sum += (one[i] as number) * (one[i - lag] as number);
    expect(Math.abs(sum) / Math.sqrt(N - lag), `lag ${lag}`).toBeLessThan(4.5);
  }
});

// Computed with mpmath to 40 digits, by quadrature of the moments of the truncated density.
test.each([
  [-2, 2, 0.87962566103423975],
  [-1, 1, 0.53956009375489697],
  [-3, 3, 0.98657839255810862],
  [-4, 4, 0.9994645018070796],
  [-1e-6, 1e-6, 5.7735026918958725e-7],
  [0, 1e9, 0.60281027498908697],
  [0.5, 3, 0.49909822110990906],
  [-3, -0.5, 0.49909822110990906],
  [5, 6, 0.17161710511625307],
  [10, 1e9, 0.097187333668828785],
  [1e4, 1e9, 0.000099999997000000205],
  [-100, 100, 1],
])("truncatedStd is exact to 1e-12 for N(0, 1) truncated to (%d, %d)", (low, high, std) => {
  expect(Math.abs(truncatedStd(low, high) / std - 1)).toBeLessThan(1e-12);
});
