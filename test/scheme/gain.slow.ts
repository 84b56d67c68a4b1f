/** Gains of functions with a threshold, by the normal tail: 8,208 thresholds, three kinds. */
import { expect, test } from "vitest";
import { gain } from "../../src/index.js";
import { upperTail } from "../../src/math/functions.js";

const tail = (z: number) => (z < 0 ? 1 - upperTail(-z) : upperTail(z));
const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

test.each<[string, (a: number) => (x: number) => number, (a: number) => number]>([
  ["a step", (a) => (x) => (x > a ? 1 : 0), tail],
  ["ternary", (a) => (x) => (Math.abs(x) > Math.abs(a) ? Math.sign(x) : 0), (a) => 2 * tail(Math.abs(a))],
  ["kinked", (a) => (x) => Math.max(x - a, 0), (a) => (1 + a * a) * tail(a) - a * density(a)],
])("%s: 8,208 thresholds in [-3, 3] to 1e-8", (_, f, meanSquare) => {
  let worst = 0;
  for (let i = 0; i < 8208; ++i) {
    const a = -3 + (6 * i) / 8207;
    worst = Math.max(worst, Math.abs(gain(f(a)) * Math.sqrt(meanSquare(a)) - 1));
  }
  expect(worst).toBeLessThan(1e-8);
});
