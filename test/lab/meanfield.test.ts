/** Activation functions, their tables, and mean field theory against closed forms. */
import { describe, expect, test } from "vitest";
import { activationFunction, cos, erf, sin, tanh } from "../../src/lab/activation.js";
import { outputMeanSquare, outputProduct, quickMeanSquare, slopeMeanSquare } from "../../src/lab/meanfield.js";
import { tabulated } from "../../src/lab/table.js";
import { meanField } from "../../src/lab.js";
import { ACTIVATIONS, gain } from "../../src/scheme/gain.js";

const POINTS = Array.from({ length: 801 }, (_, i) => (i - 400) / 40).concat([
  1e-9, -1e-9, 1e-5, 0.0499, 0.0501, 15.99, -15.99, 40, -40,
]);

describe("activation functions", () => {
  test("tanh, sin and cos are those of this runtime to 1e-9, erf that of a published table", () => {
    for (const x of POINTS) {
      expect(Math.abs(tanh(x) - Math.tanh(x))).toBeLessThan(1e-14 + 1e-13 * Math.abs(x));
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(1e-9);
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(1e-9);
    }
    // Abramowitz and Stegun 1964, table 7.1.
    for (const [x, value] of [
      [0.1, 0.112462916],
      [0.5, 0.520499878],
      [1, 0.842700793],
      [2, 0.995322265],
    ] as const) {
      expect(erf(x)).toBeCloseTo(value, 9);
      expect(erf(-x)).toBeCloseTo(-value, 9);
    }
    expect(erf(0.0499999)).toBeCloseTo(erf(0.0500001), 6);
  });

  test.each(ACTIVATIONS)("%s has the mean squares of its gains, and its derivative is its slope", (name) => {
    const activation = activationFunction(name);
    expect(1 / Math.sqrt(outputMeanSquare(activation, 1)) / gain(name)).toBeCloseTo(1, 9);
    expect(1 / Math.sqrt(slopeMeanSquare(activation, 1)) / gain(name, { direction: "backward" })).toBeCloseTo(1, 8);
    for (const x of POINTS) {
      if ([-3, -1, 0, 1, 3, 6].some((kink) => Math.abs(x - kink) < 1e-4)) continue;
      const numeric = (activation.f(x + 1e-5) - activation.f(x - 1e-5)) / 2e-5;
      expect(Math.abs(numeric - activation.derivative(x)), `at ${x}`).toBeLessThan(1e-5);
    }
  });

  test.each(ACTIVATIONS)("%s by its table has a relative error of 1e-7", (name) => {
    const [activation, quick] = [activationFunction(name), tabulated(activationFunction(name))];
    for (const x of [...POINTS, 1e-30, -1e-30]) {
      expect(Math.abs(quick.f(x) - activation.f(x)), `${name}(${x})`).toBeLessThanOrEqual(
        1e-7 * Math.abs(activation.f(x)) + 1e-9 * Math.abs(x),
      );
      expect(Math.abs(quick.derivative(x) - activation.derivative(x)), `${name}'(${x})`).toBeLessThan(1e-6);
    }
  });
});

describe("chi_1 is its closed form to 1e-8", () => {
  test.each([0.5, 1, 2, 3])("for relu, sigma_w^2 / 2, and for linear, sigma_w^2, at %d", (weightVariance) => {
    expect(meanField({ activation: "relu", weightVariance }).chi1).toBeCloseTo(weightVariance / 2, 8);
    expect(meanField({ activation: "linear", weightVariance }).chi1).toBeCloseTo(weightVariance, 8);
  });

  test.each([
    [1.5, 0],
    [2, 0.3],
    [0.5, 0.1],
    [4, 1],
  ])(
    "for erf, sigma_w^2 (4 / pi) / sqrt(1 + 4 q*), at %d and a bias variance of %d",
    (weightVariance, biasVariance) => {
      const { fixedPoint: q, chi1 } = meanField({ activation: "erf", weightVariance, biasVariance });
      // Williams 1997: E erf(sqrt(q) z)^2 = (2 / pi) asin(2 q / (1 + 2 q)).
      expect(weightVariance * (2 / Math.PI) * Math.asin((2 * q) / (1 + 2 * q)) + biasVariance).toBeCloseTo(q, 9);
      expect(chi1).toBeCloseTo((weightVariance * (4 / Math.PI)) / Math.sqrt(1 + 4 * q), 8);
    },
  );
});

describe("the phase of", () => {
  test.each<[string, object, object]>([
    [
      "tanh below 1 is ordered, and the signal vanishes",
      { activation: "tanh", weightVariance: 0.8 },
      { fixedPoint: 0, phase: "ordered", correlation: 1 },
    ],
    ["tanh at 1 is critical", { activation: "tanh", weightVariance: 1 }, { fixedPoint: 0, phase: "critical" }],
    ["tanh above 1 is chaotic", { activation: "tanh", weightVariance: 4 }, { phase: "chaotic" }],
    [
      "relu at 2 is critical, and any signal is kept",
      { activation: "relu", weightVariance: 2 },
      { fixedPoint: 1, phase: "critical", depthScale: Number.POSITIVE_INFINITY },
    ],
    [
      "relu above 2 is chaotic, and the signal explodes",
      { activation: "relu", weightVariance: 3 },
      { fixedPoint: Number.POSITIVE_INFINITY, phase: "chaotic" },
    ],
    [
      "relu below 2 is ordered, and the signal vanishes",
      { activation: "relu", weightVariance: 1 },
      { fixedPoint: 0, phase: "ordered" },
    ],
    ["selu at 1 is chaotic", { activation: "selu", weightVariance: 1 }, { phase: "chaotic" }],
  ])("%s", (_, options, expected) => {
    const found = meanField(options as never);
    for (const [key, value] of Object.entries(expected)) {
      if (typeof value === "number" && Number.isFinite(value)) expect(found[key as "chi1"]).toBeCloseTo(value, 5);
      else expect(found[key as "chi1"]).toBe(value);
    }
  });
});

describe("mean field theory", () => {
  test("finds a fixed point and a fixed correlation of tanh that the maps reproduce", () => {
    const { fixedPoint, correlation, depthScale } = meanField({
      activation: "tanh",
      weightVariance: 2.25,
      biasVariance: 0.01,
    });
    const activation = activationFunction("tanh");
    expect(2.25 * outputMeanSquare(activation, fixedPoint) + 0.01).toBeCloseTo(fixedPoint, 10);
    expect((2.25 * outputProduct(activation, fixedPoint, fixedPoint, correlation) + 0.01) / fixedPoint).toBeCloseTo(
      correlation,
      6,
    );
    expect(depthScale).toBeGreaterThan(1);
  });

  test("has the arc-cosine kernel for the correlation map of relu", () => {
    const activation = activationFunction("relu");
    for (const c of [-0.9, -0.3, 0, 0.5, 0.9, 0.99, 1]) {
      // Cho and Saul 2009, order 1.
      const angle = Math.acos(c);
      const expected = (Math.sin(angle) + (Math.PI - angle) * c) / Math.PI / 2;
      expect(Math.abs(outputProduct(activation, 1, 1, c) - expected), `c = ${c}`).toBeLessThan(1e-3);
    }
    expect(quickMeanSquare(activation.f, 3)).toBeCloseTo(1.5, 6);
  });

  test("takes a function of the caller's own, with or without its derivative", () => {
    const own = meanField({ activation: (x) => Math.max(x, 0), weightVariance: 2 });
    expect(own.chi1).toBeCloseTo(1, 4);
    expect(meanField({ activation: (x) => x, derivative: () => 1, weightVariance: 1 }).chi1).toBeCloseTo(1, 10);
  });

  test.each<[string, object, RegExp]>([
    ["a missing weight variance", { activation: "relu" }, /weightVariance/],
    [
      "a weight variance of 0",
      { activation: "relu", weightVariance: 0 },
      /weightVariance: expected a finite number above 0/,
    ],
    ["an unknown activation", { activation: "rellu", weightVariance: 1 }, /perhaps "relu"/],
    ["an unknown option", { activation: "relu", weightVariance: 1, q: 1 }, /options/],
    [
      "a function that returns NaN",
      { activation: () => Number.NaN, weightVariance: 1 },
      /activation: expected a function that returns a number/,
    ],
    [
      "a function that returns a string",
      { activation: () => "a", weightVariance: 1 },
      /activation: expected a function from numbers/,
    ],
  ])("refuses %s", (_, options, message) => expect(() => meanField(options as never)).toThrow(message));
});
