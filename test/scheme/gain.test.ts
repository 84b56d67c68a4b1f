/** Gains: of named activations against known answers, of functions by quadrature. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Activation, gain, kaimingNormal, resolve } from "../../src/index.js";
import { upperTail } from "../../src/math/functions.js";
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
  expect(normalMean((z) => Math.exp(z * z))).toBe(Number.POSITIVE_INFINITY); // there is none
});

const tail = (z: number) => (z < 0 ? 1 - upperTail(-z) : upperTail(z)); // P(Z > z)
const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

// Thresholds that no panel of the quadrature has as a border. gain.slow.ts has 8,208 of them.
test.each(Array.from({ length: 60 }, (_, i) => -3 + (i + 0.3333) / 10))(
  "a threshold at %d, by the normal tail",
  (a) => {
    const above = tail(a);
    expect(
      relative(
        gain((x) => (x > a ? 1 : 0)),
        1 / Math.sqrt(above),
      ),
    ).toBeLessThan(1e-8);
    const kinked = (1 + a * a) * above - a * density(a);
    expect(
      relative(
        gain((x) => Math.max(x - a, 0)),
        1 / Math.sqrt(kinked),
      ),
    ).toBeLessThan(1e-8);
    const ternary = gain((x) => (Math.abs(x) > Math.abs(a) ? Math.sign(x) : 0));
    expect(relative(ternary, 1 / Math.sqrt(2 * tail(Math.abs(a))))).toBeLessThan(1e-8);
  },
);

test.each([0.01, 0.02, 0.05, 0.3])("a bump %d wide is found, wherever it is, alone and on relu", (width) => {
  for (let begin = -4.013; begin < 4; begin += 0.3717) {
    const mass = tail(begin) - tail(begin + width);
    const bump = (x: number) => (x > begin && x < begin + width ? 1 : 0);
    expect(relative(gain(bump), 1 / Math.sqrt(mass)), `${begin}`).toBeLessThan(1e-8);
    const first = Math.max(begin, 0);
    const last = Math.max(begin + width, 0);
    const square = 0.5 + 25 * mass + 10 * (density(first) - density(last)); // E (relu + 5 bump)^2
    expect(
      relative(
        gain((x) => Math.max(x, 0) + 5 * bump(x)),
        1 / Math.sqrt(square),
      ),
      `${begin}`,
    ).toBeLessThan(1e-8);
  }
});

test("a quantizer with many jumps: the sum over its cells", () => {
  for (const cell of [0.3333, 0.04]) {
    let square = 0;
    for (let k = 1; (k - 0.5) * cell < 12; ++k) {
      square += 2 * (k * cell) ** 2 * (tail((k - 0.5) * cell) - tail((k + 0.5) * cell));
    }
    expect(
      relative(
        gain((x) => Math.round(x / cell) * cell),
        1 / Math.sqrt(square),
      ),
    ).toBeLessThan(1e-8);
  }
});

test("functions that grow fast have the gain that their mean square says", () => {
  expect(
    relative(
      gain((x) => Math.exp(6 * x)),
      Math.exp(-36),
    ),
  ).toBeLessThan(1e-12);
  expect(
    relative(
      gain((x) => Math.exp(12 * x)),
      Math.exp(-144),
    ),
  ).toBeLessThan(1e-11);
  expect(
    relative(
      gain((x) => Math.exp((x * x) / 5)),
      5 ** -0.25,
    ),
  ).toBeLessThan(1e-12); // E exp(2 x^2 / 5) = sqrt(5)
});

test("backward without a derivative: kinks are fine, many of them too", () => {
  const backward = (f: (x: number) => number) => gain(f, { direction: "backward" });
  expect(
    relative(
      backward((x) => Math.max(x - 0.777, 0)),
      1 / Math.sqrt(tail(0.777)),
    ),
  ).toBeLessThan(1e-8);
  expect(
    relative(
      backward((x) => Math.abs(Math.round(x / 0.5) * 0.5 - x)),
      1,
    ),
  ).toBeLessThan(1e-7);
  expect(
    relative(
      backward((x) => x ** 5),
      (25 * 105) ** -0.5,
    ),
  ).toBeLessThan(1e-8);
  expect(
    relative(
      backward((x) => Math.tanh(1e3 * x)),
      531.9230078 ** -0.5,
    ),
  ).toBeLessThan(1e-6);
});

test.each<[string, (x: number) => number, string]>([
  ["a step", (x) => (x > 1.003 ? 1 : 0), "1.003"],
  ["sign", Math.sign, "0"],
  ["a step of 1e-4 on a line", (x) => x + (x > 0.3 ? 1e-4 : 0), "0.3"],
  ["a step of 1e-6 on a line", (x) => x + (x > 0.3 ? 1e-6 : 0), "0.3"],
  ["many steps of 1e-6", (x) => Math.tanh(x) + Math.round(3 * x) * 1e-6, "-1.5"],
  ["a step on a large constant", (x) => 1000 + (x > 0.5 ? 1 : 0), "0.5"],
  ["relu with a jump", (x) => (x > 0.7007 ? x : 0), "0.7007"],
  ["steeper than differences", (x) => Math.tanh(1e5 * x), "0"],
  ["a cube root, whose mean square does not exist", Math.cbrt, "0"],
])("backward without a derivative: %s is refused", (_, f, place) => {
  expect(() => gain(f, { direction: "backward" })).toThrow(RangeError);
  expect(() => gain(f, { direction: "backward" })).toThrow(`near x = ${place} it jumps or is too steep`);
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
  ...(["variance", "backward"] as const).map((direction): [string, () => unknown, typeof RangeError, RegExp] => [
    `the ${direction} of what exceeds all doubles beyond 16`,
    () => gain((x) => Math.exp(2.5 * x * x), { direction }),
    RangeError,
    /it grows too fast/,
  ]),
  ["the variance of a constant", () => gain(() => 0.1, { direction: "variance" }), RangeError, /not constant/],
  ["the backward gain of a constant", () => gain(() => 0.1, { direction: "backward" }), RangeError, /not constant/],
  [
    "a function without a mean square",
    () => gain((x) => Math.exp(x * x)),
    RangeError,
    /mean square: it grows too fast/,
  ],
  [
    "a function just without a mean square",
    () => gain((x) => Math.exp((x * x) / 4)),
    RangeError,
    /mean square: it grows too fast/,
  ],
  [
    "a function whose mean square needs too many evaluations",
    () => gain((x) => Math.exp((x * x) / 4.1)),
    RangeError,
    /mean square is found/,
  ],
  [
    "a function that oscillates faster than doubles can follow",
    () => gain((x) => Math.sin(1e9 * x) * Math.sin(1e15 * x)),
    RangeError,
    /mean square is found/,
  ],
  ["a derivative beside a name", () => gain("tanh", { derivative: relu }), TypeError, /^derivative/],
  [
    "a derivative that is no function, though none is needed",
    () => gain(relu, { derivative: 1 as never }),
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

test("the variance of small and large functions is found as exactly as that of others", () => {
  for (const size of [1e-8, 1e9])
    expect(
      relative(
        gain((x) => size * x, { direction: "variance" }),
        1 / size,
      ),
    ).toBeLessThan(1e-12);
});
