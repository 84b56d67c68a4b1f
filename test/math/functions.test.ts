/** Portable functions against mpmath's values (test/vectors/functions.py), and where doubles end. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as elementary from "../../src/math/functions.js";
import * as transcendental from "../../src/math/transcendental.js";

const VECTORS = readFileSync(new URL("../vectors/functions.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" "))
  .map(([name, x, value]) => ({ name: name as string, x: Number(x), value: Number(value) }));

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = { ...(elementary as object), ...transcendental };
const SMALLEST = Number.MIN_VALUE; // of subnormal numbers

/** The largest |computed - true| that the functions' comments promise. */
const BOUNDS: Readonly<Record<string, (x: number, value: number) => number>> = {
  exp: (_, y) => 2.3e-16 * y + SMALLEST,
  log: (_, y) => 4.5e-16 * Math.abs(y),
  expm1: (_, y) => 1e-15 * Math.abs(y),
  softplus: (_, y) => 1e-15 * y,
  sigmoid: (_, y) => 1e-15 * y,
  tanh: (_, y) => 1e-15 * Math.abs(y),
  erf: (_, y) => 2e-15 * Math.abs(y),
  normalCdf: (x, y) => (x > -8 ? 1e-15 : 1e-13) * y,
  sin: (x) => (Math.abs(x) < 1e3 ? 1e-15 : 1e-12),
  cos: (x) => (Math.abs(x) < 1e3 ? 1e-15 : 1e-12),
};

test.each(Object.keys(BOUNDS))("%s as mpmath has it", (name) => {
  const f = FUNCTIONS[name] as (x: number) => number;
  const rows = VECTORS.filter((row) => row.name === name);
  expect(rows.length).toBeGreaterThan(70);
  for (const { x, value } of rows) {
    expect(Math.abs(f(x) - value), `${name}(${x})`).toBeLessThanOrEqual(BOUNDS[name]?.(x, value) as number);
  }
});

describe("where doubles end", () => {
  const { exp, log, pow, upperTail } = elementary;

  test.each<[string, () => number, number]>([
    ["exp beyond the largest double", () => exp(709.7827128933841), Number.POSITIVE_INFINITY],
    ["exp of a huge number", () => exp(1e308), Number.POSITIVE_INFINITY],
    ["exp of Infinity", () => exp(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY],
    ["exp of -Infinity", () => exp(Number.NEGATIVE_INFINITY), 0],
    ["exp below the smallest double", () => exp(-745.14), 0],
    ["exp at the smallest double", () => exp(-744.4400719213812), SMALLEST],
    ["exp of NaN", () => exp(Number.NaN), Number.NaN],
    ["log of 0", () => log(0), Number.NEGATIVE_INFINITY],
    ["log of Infinity", () => log(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY],
    ["log of a negative number", () => log(-1), Number.NaN],
    ["log of NaN", () => log(Number.NaN), Number.NaN],
    ["log of the smallest double", () => log(SMALLEST), -744.4400719213812],
    ["2^4096", () => pow(2, 4096), Number.POSITIVE_INFINITY],
    ["1.5^2000.5", () => pow(1.5, 2000.5), Number.POSITIVE_INFINITY],
    ["2^1e308", () => pow(2, 1e308), Number.POSITIVE_INFINITY],
    ["2^-4096", () => pow(2, -4096), 0],
    ["a far tail", () => upperTail(40), 0],
  ])("%s", (_, call, value) => expect(call()).toBe(value));

  test.each<[string, below: number, above: number]>([
    ["erf", -1, 1],
    ["expm1", -1, Number.POSITIVE_INFINITY],
    ["normalCdf", 0, 1],
    ["sigmoid", 0, 1],
    ["softplus", 0, Number.POSITIVE_INFINITY],
    ["tanh", -1, 1],
  ])("%s has its limits at the infinities, and is NaN of NaN", (name, below, above) => {
    const f = FUNCTIONS[name] as (x: number) => number;
    expect([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN].map(f)).toEqual([below, above, Number.NaN]);
  });

  test("exp grows without a gap from the smallest double to the largest", () => {
    let [before, error] = [0, 0];
    for (let x = -745.2; x < 709.8; x += 0.25) {
      const now = exp(x);
      if (!(now >= before)) expect.fail(`exp(${x}) is less than exp(${x - 0.25})`);
      if (x > -708 && x < 709) error = Math.max(error, Math.abs(now / before - Math.exp(0.25)));
      before = now;
    }
    expect(error).toBeLessThan(5e-13);
  });
});
