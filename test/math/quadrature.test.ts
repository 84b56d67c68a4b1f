/** Means, integrals and zeros by closed forms. */
import { describe, expect, test } from "vitest";
import { integral, smoothMean } from "../../src/math/kronrod.js";
import { normalMean, normalMeanSquare } from "../../src/math/quadrature.js";
import { rootOf } from "../../src/math/root.js";
import { slopeSquare } from "../../src/math/slope.js";

const relative = (a: number, b: number) => Math.abs(a / b - 1);

test.each<[string, (z: number) => number, number]>([
  ["z^2", (z) => z * z, 1],
  ["z^10", (z) => z ** 10, 945],
  ["exp(3 z)", (z) => Math.exp(3 * z), Math.exp(4.5)],
  ["cos(5 z)", (z) => Math.cos(5 * z) + 1, 1 + Math.exp(-12.5)],
  ["|z|", Math.abs, Math.sqrt(2 / Math.PI)],
  ["z > 0", (z) => (z > 0 ? 1 : 0), 0.5],
])("both rules: E %s", (_, g, mean) => {
  expect(relative(normalMean(g), mean)).toBeLessThan(1e-11);
  expect(relative(smoothMean(g, [0]), mean)).toBeLessThan(1e-12);
});

describe("means that are not there", () => {
  test.each<[string, (z: number) => number, number]>([
    ["grows too fast", (z) => Math.exp(0.5 * z * z), Number.POSITIVE_INFINITY],
    ["overflows", (z) => Math.exp(z ** 4), Number.POSITIVE_INFINITY],
    ["is not a number", () => Number.NaN, Number.NaN],
    ["noise", (z) => Math.sin(1e9 * z) * Math.sin(1e15 * z) + 1, Number.NaN],
  ])("%s", (_, g, value) => expect(normalMean(g)).toBe(value));

  test("a square that exceeds all doubles is none, though the function does not", () => {
    expect(
      relative(
        normalMeanSquare((z) => Math.exp(12 * z)),
        Math.exp(288),
      ),
    ).toBeLessThan(1e-11);
    expect(normalMeanSquare((z) => 1e200 * z)).toBe(Number.POSITIVE_INFINITY);
  });
});

test("a jump is reported where it is", () => {
  const ends: number[] = [];
  normalMean((z) => (z > 0.12345 ? 1 : 0), { onHalved: (begin, end, depth) => depth > 25 && ends.push(begin, end) });
  expect(ends.length).toBeGreaterThan(0);
  for (const end of ends) expect(end).toBeCloseTo(0.12345, 8);
});

test("an integral that needs more evaluations than it may have is NaN", () => {
  expect(integral((x) => Math.sin(1e4 * x) ** 2, [0, 1], 1e-12, 300)).toBeNaN();
  expect(
    relative(
      integral((x) => x * x, [3, 0]),
      9,
    ),
  ).toBeLessThan(1e-14);
});

test("mean squares of slopes: a kink anywhere; none at a jump", () => {
  expect(relative(slopeSquare((z) => Math.abs(z - 0.4321)).value, 1)).toBeLessThan(1e-8);
  expect(slopeSquare((z) => (z > 0.4321 ? 1 : 0))).toEqual({ value: Number.NaN, place: expect.closeTo(0.4321, 5) });
  expect(slopeSquare(() => 3).value).toBe(0);
});

test.each([1, 1e-3, 1e3, 1e-150])(
  "mean squares of slopes: a jump of 2e-7 of a slope of %d is found anywhere",
  (slope) => {
    for (const place of [-2.71, -1, 0, 0.05, 0.12345, 1e-9, 1.5]) {
      const found = slopeSquare((z) => slope * (Math.sin(z) + (z > place ? 2e-7 : 0)));
      expect(found).toEqual({ value: Number.NaN, place: expect.closeTo(place, 8) });
    }
    const exact = (slope * slope * (1 + Math.exp(-2))) / 2;
    for (const jump of [0, 1e-8, 5e-8]) {
      // below 1e-7 of the slope, and without effect
      expect(relative(slopeSquare((z) => slope * (Math.sin(z) + (z > 0.12345 ? jump : 0))).value, exact)).toBeLessThan(
        1e-7,
      );
    }
  },
);

test.each<[string, (x: number) => number, number, number, number]>([
  ["a line", (x) => x - 0.3, 0, 1, 0.3],
  ["a cube, flat at its zero", (x) => (x - 0.3) ** 3, 0, 1, 0.3],
  ["steep", (x) => Math.tanh(1e6 * (x - 0.3)), 0, 1, 0.3],
  ["a jump", (x) => (x > 0.3 ? 1 : -1), 0, 1, 0.3],
  ["falling", (x) => 2 - Math.exp(x), -5, 5, Math.LN2],
  ["at an end", (x) => x, 0, 1, 0],
])("the zero of %s", (_, f, begin, end, zero) => {
  let count = 0;
  const counted = (x: number): number => {
    count += 1;
    return f(x);
  };
  expect(Math.abs(rootOf(counted, begin, end) - zero)).toBeLessThan(1e-5 * (_.startsWith("a cube") ? 1 : 1e-9));
  expect(count).toBeLessThan(160);
});
