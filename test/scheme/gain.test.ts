/** Gains: of named activations against known answers, of functions by quadrature. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Activation, gain, kaimingNormal, resolve } from "../../src/index.js";
import { normalMean } from "../../src/math/quadrature.js";
import { erf, FUNCTIONS } from "./activations.js";

const KNOWN = readFileSync(new URL("../vectors/gains.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" ") as [Activation, string, string, string]);

const SMOOTH = ["linear", "geluTanh", "quickGelu", "silu", "mish", "tanh", "sigmoid", "softplus", "sin"];
const relative = (a: number, b: number) => Math.abs(a / b - 1);

describe.each(KNOWN)("%s", (name, forward, variance, backward) => {
  test("has the known gains by its name", () => {
    expect(gain(name)).toBe(Number(forward));
    expect(gain(name, { direction: "variance" })).toBe(Number(variance));
    expect(gain(name, { direction: "backward" })).toBe(Number(backward));
  });

  test("has the same gains as a function, by quadrature, with a numerical derivative", () => {
    const f = FUNCTIONS[name as keyof typeof FUNCTIONS];
    const bound = SMOOTH.includes(name) ? 1e-13 : name.endsWith("elu") || name === "erf" ? 1e-11 : 1e-12;
    expect(relative(gain(f), Number(forward))).toBeLessThan(bound);
    expect(relative(gain(f, { direction: "variance" }), Number(variance))).toBeLessThan(bound);
    expect(relative(gain(f, { direction: "backward" }), Number(backward))).toBeLessThan(1e-6);
  });
});

test("every name has a known answer", () => {
  expect(KNOWN.map(([name]) => name).sort()).toEqual(Object.keys(FUNCTIONS).sort());
});

test("the gains of erf, sin, reluSquared and selu are their closed forms", () => {
  expect(relative(gain("erf"), 1 / Math.sqrt((2 / Math.PI) * Math.asin(2 / 3)))).toBeLessThan(1e-15);
  expect(relative(gain("sin"), Math.sqrt(2 / (1 - Math.exp(-2))))).toBeLessThan(1e-15);
  expect(relative(gain("reluSquared"), Math.sqrt(2 / 3))).toBeLessThan(1e-15);
  expect(gain("selu")).toBe(1); // self-normalizing
});

test("a derivative that is given makes the gain exact, to 1e-8 with kinks and jumps, to 1e-10 where it is smooth", () => {
  const step = (x: number) => (x > 0.3 ? 1 : 0);
  const exact = 1 / Math.sqrt(0.5 * (1 - erf(0.3 / Math.SQRT2)));
  const ramp = (x: number) => Math.max(x - 0.3, 0);
  expect(relative(gain(ramp, { direction: "backward", derivative: step }), exact)).toBeLessThan(1e-8);
  expect(relative(gain(ramp, { direction: "backward" }), exact)).toBeLessThan(1e-6);
  const sech2 = (x: number) => 1 - Math.tanh(x) ** 2;
  const known = gain("tanh", { direction: "backward" });
  expect(relative(gain(Math.tanh, { direction: "backward", derivative: sech2 }), known)).toBeLessThan(1e-10);
});

test.each([0, 0.01, 0.2, 1, -1])("leakyRelu with slope %d has the gain of its function", (slope) => {
  const f = (x: number) => (x > 0 ? x : slope * x);
  expect(relative(gain("leakyRelu", { slope }), gain(f))).toBeLessThan(1e-12);
  const variance = gain(f, { direction: "variance" });
  expect(relative(gain("leakyRelu", { slope, direction: "variance" }), variance)).toBeLessThan(1e-12);
});

test("compat torch gives PyTorch's numbers, in schemes too", () => {
  const torch = (name: Activation) => gain(name, { compat: "torch" });
  expect([torch("linear"), torch("sigmoid"), torch("tanh"), torch("selu")]).toEqual([1, 1, 5 / 3, 0.75]);
  expect([torch("relu"), torch("leakyRelu")]).toEqual([Math.SQRT2, Math.sqrt(2 / 1.0001)]);
  const std = (options: Parameters<typeof kaimingNormal>[0]) =>
    (resolve([8, 4], kaimingNormal(options)) as { std: number }).std;
  expect(std({ activation: "tanh", compat: "torch" })).toBeCloseTo(5 / 3 / 2, 14);
  expect(std({ activation: "tanh" })).toBeCloseTo(1.5925374197228314 / 2, 14);
});

test.each([1e3, 1e5, 1e7])("a function as steep as tanh(%d x) has an exact gain", (a) => {
  // E tanh(a z)^2 = 1 - 2 density(0) / a + O(a^-3)
  const exact = 1 / Math.sqrt(1 - Math.sqrt(2 / Math.PI) / a);
  expect(
    relative(
      gain((x) => Math.tanh(a * x)),
      exact,
    ),
  ).toBeLessThan(a === 1e3 ? 1e-8 : 1e-12);
});

test("normalMean is exact for exponentials and powers, and NaN where there is no mean", () => {
  expect(
    relative(
      normalMean((z) => Math.exp(3 * z)),
      Math.exp(4.5),
    ),
  ).toBeLessThan(1e-12);
  expect(
    relative(
      normalMean((z) => z ** 20),
      654729075,
    ),
  ).toBeLessThan(1e-12); // 19!!
  expect(Math.abs(normalMean((z) => z ** 3))).toBeLessThan(1e-14);
  expect(normalMean((z) => Math.exp(z * z))).toBeNaN(); // there is none
});

const relu = (x: number) => Math.max(x, 0);
test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  [
    "an unknown name",
    () => gain("rleu" as never),
    RangeError,
    /^activation: expected one of .*\(perhaps "relu"\), got "rleu"/,
  ],
  ["PyTorch's spelling of a name", () => gain("leaky_relu" as never), RangeError, /perhaps "leakyRelu"/],
  ["a name that resembles none", () => gain("xyzzy" as never), RangeError, /"leakyRelu", got "xyzzy"$/],
  ["a missing activation", () => gain(undefined as never), TypeError, /^activation/],
  ["a function that returns NaN", () => gain(() => Number.NaN), RangeError, /^activation: .*finite.*got NaN/],
  ["a function that is infinite somewhere", () => gain((x) => 1 / Math.max(x, 0)), RangeError, /got Infinity/],
  ["a function that returns a string", () => gain((() => "1") as never), TypeError, /^activation: .*returns numbers/],
  ["a function that returns nothing", () => gain((() => {}) as never), TypeError, /got undefined/],
  ["a function that is 0 everywhere", () => gain(() => 0), RangeError, /that is not 0/],
  ["the variance of a constant", () => gain(() => 0.1, { direction: "variance" }), RangeError, /not constant/],
  ["the backward gain of a constant", () => gain(() => 0.1, { direction: "backward" }), RangeError, /not constant/],
  ["a function without a mean square", () => gain((x) => Math.exp(x * x)), RangeError, /mean square/],
  [
    "a function that oscillates faster than doubles can follow",
    () => gain((x) => Math.sin(1e9 * x) * Math.sin(1e15 * x)),
    RangeError,
    /mean square/,
  ],
  ["a derivative beside a name", () => gain("tanh", { derivative: relu }), TypeError, /^derivative/],
  [
    "a derivative that is no function",
    () => gain(relu, { direction: "backward", derivative: 1 as never }),
    TypeError,
    /^derivative/,
  ],
  [
    "a derivative that returns NaN",
    () => gain(relu, { direction: "backward", derivative: () => Number.NaN }),
    RangeError,
    /^derivative/,
  ],
  ["compat beside a function", () => gain(relu, { compat: "torch" }), TypeError, /^compat/],
  [
    "compat with another framework",
    () => gain("tanh", { compat: "keras" as never }),
    RangeError,
    /^compat: expected one of "torch"/,
  ],
  [
    "compat with PyTorch for an activation that it lacks",
    () => gain("gelu", { compat: "torch" }),
    RangeError,
    /PyTorch has a gain for/,
  ],
  [
    "PyTorch's gain for the backward direction",
    () => gain("tanh", { compat: "torch", direction: "backward" }),
    RangeError,
    /^direction/,
  ],
  ["a slope beside relu", () => gain("relu", { slope: 0.1 }), TypeError, /^slope/],
  ["a slope of NaN", () => gain("leakyRelu", { slope: Number.NaN }), RangeError, /^slope/],
  ["an unknown direction", () => gain("relu", { direction: "forwards" as never }), RangeError, /perhaps "forward"/],
  ["an unknown option", () => gain("relu", { a: 1 } as never), TypeError, /^options/],
  ["a slope in place of the options", () => gain("leakyRelu", 0.2 as never), TypeError, /^options/],
])("gain refuses %s", (_, call, type, message) => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
});
