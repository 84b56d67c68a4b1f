/** Activation functions, their tables, and mean field theory against closed forms. */
import { describe, expect, test } from "vitest";
import { activationFunction } from "../../src/lab/activation.js";
import { outputProduct, quickMeanSquare } from "../../src/lab/meanfield.js";
import {
  halfSquareDifference,
  outputMeanSquare,
  roughOutput,
  roughSlope,
  slopeMeanSquare,
} from "../../src/lab/meansquare.js";
import { tabulated } from "../../src/lab/table.js";
import { meanField, phasePlane } from "../../src/lab.js";
import { ACTIVATIONS, type Activation, gain } from "../../src/scheme/gain.js";
import { expectEach } from "../each.js";

const FULL = process.env.FULL !== undefined; // meanfield.slow.ts
/** Rows that meanfield.slow.ts adds. */
const more = (...rows: readonly [number, number][]) => (FULL ? rows : []);

const POINTS = Array.from({ length: 801 }, (_, i) => (i - 400) / 40).concat([
  1e-9, -1e-9, 1e-5, 0.0499, 0.0501, 15.99, -15.99, 40, -40,
]);

describe("activation functions", () => {
  test.each(ACTIVATIONS)("%s has the mean squares of its gains, and its derivative is its slope", (name) => {
    const activation = activationFunction(name);
    expect(1 / Math.sqrt(outputMeanSquare(activation, 1)) / gain(name)).toBeCloseTo(1, 12);
    expect(1 / Math.sqrt(slopeMeanSquare(activation, 1)) / gain(name, { direction: "backward" })).toBeCloseTo(1, 12);
    expectEach(POINTS, (x) => {
      if ([-3, -1, 0, 1, 3, 6].some((kink) => Math.abs(x - kink) < 1e-4)) return true;
      const numeric = (activation.f(x + 1e-5) - activation.f(x - 1e-5)) / 2e-5;
      return Math.abs(numeric - activation.derivative(x)) < 1e-5;
    });
  });

  test.each(ACTIVATIONS)("%s by its table has a relative error of 1e-7", (name) => {
    const [activation, quick] = [activationFunction(name), tabulated(activationFunction(name))];
    const points = [...POINTS, 1e-30, -1e-30];
    expectEach(
      points,
      (x) => Math.abs(quick.f(x) - activation.f(x)) <= 1e-7 * Math.abs(activation.f(x)) + 1e-9 * Math.abs(x),
    );
    expectEach(points, (x) => Math.abs(quick.derivative(x) - activation.derivative(x)) < 1e-6);
  });
});

describe("chi_1 is its closed form to 1e-8", () => {
  test.each([0.5, 1, 2, 3])("for relu, sigma_w^2 / 2, and for linear, sigma_w^2, at %d", (weightVariance) => {
    expect(meanField({ activation: "relu", weightVariance }).chi1).toBeCloseTo(weightVariance / 2, 8);
    expect(meanField({ activation: "linear", weightVariance }).chi1).toBeCloseTo(weightVariance, 8);
  });

  test.each<[number, number]>([[1.5, 0], [0.5, 0.1], ...more([2, 0.3], [4, 1])])(
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
      { fixedPoint: 0, phase: "ordered", correlation: null },
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
    const c = correlation as number;
    expect((2.25 * outputProduct(activation, fixedPoint, fixedPoint, c) + 0.01) / fixedPoint).toBeCloseTo(c, 6);
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
    expect(own.chi1).toBeCloseTo(1, 8);
    expect(own.phase).toBe("critical");
    expect(meanField({ activation: (x) => x, derivative: () => 1, weightVariance: 1 }).chi1).toBeCloseTo(1, 10);
  });

  const INFINITE = Number.POSITIVE_INFINITY;
  const relu = (x: number) => Math.max(x, 0);
  const leaky = (x: number) => (x > 0 ? x : 0.01 * x);
  // q = w q / 2 + b: b / (1 - w / 2), or Infinity from w = 2 on, also where growth is slow or marginal. Correlations of relu
  // tend to 1 more slowly than by a factor unless biases help, whatever the weights' scale (Cho and Saul 2009).
  test.each<[string | ((x: number) => number), number, number, number, number]>([
    ["relu", 1, 0, 0, INFINITE],
    ["relu", 1.9999, 0, 0, INFINITE],
    ["relu", 2, 0, 1, INFINITE],
    ["relu", 2.000001, 0, INFINITE, INFINITE],
    ["relu", 2.01, 0, INFINITE, INFINITE],
    ["relu", 2.05, 0, INFINITE, INFINITE],
    ["relu", 2.1, 0, INFINITE, INFINITE],
    ["relu", 2, 0.1, INFINITE, INFINITE],
    ["relu", 2, 1e-9, INFINITE, INFINITE],
    ["relu", 1.9, 0.1, 2, -1 / Math.log(0.95)],
    ["relu", 1.9999, 0.1, 2000, -1 / Math.log(0.99995)],
    ["relu", 1.99999, 0.1, 20000, -1 / Math.log(0.999995)],
    ["relu", 1.99999, 1e-20, 2e-15, -1 / Math.log(0.999995)],
    ["leakyRelu", (2 / 1.0001) * 1.01, 0, INFINITE, INFINITE],
    ["leakyRelu", 2 / 1.0001, 0, 1, INFINITE],
    ["leakyRelu", 1 / 1.0001, 0.5, 1, 1 / Math.LN2],
    ["linear", 1, 0, 1, INFINITE],
    ["linear", 1.0001, 0, INFINITE, INFINITE],
    ["linear", 1, 0.1, INFINITE, INFINITE],
    ["linear", 1.01, 0.1, INFINITE, INFINITE],
    ["linear", 0.75, 0, 0, INFINITE],
    [(x: number) => x, 1, 0.1, INFINITE, INFINITE],
    ["linear", 0.75, 1, 4, -1 / Math.log(0.75)],
    [relu, 2, 0, 1, INFINITE],
    [relu, 2.01, 0, INFINITE, INFINITE],
    [relu, 2, 0.1, INFINITE, INFINITE],
    [relu, 1.9999, 0.1, 2000, -1 / Math.log(0.99995)],
    [leaky, (2 / 1.0001) * 1.01, 0, INFINITE, INFINITE],
  ])(
    "%s, weights %d, biases %d: q* and the depth scale in closed form",
    (activation, weightVariance, biasVariance, q, scale) => {
      const found = meanField({ activation: activation as "relu", weightVariance, biasVariance });
      const digits = typeof activation === "string" ? 1e-8 : 1e-4;
      expect(found.stable).toBe(true);
      if (q === INFINITE || q === 0) expect(found.fixedPoint).toBe(q);
      else expect(Math.abs(found.fixedPoint / q - 1)).toBeLessThan(1e-8);
      if (scale === INFINITE) expect(found.depthScale).toBe(scale);
      else expect(Math.abs(found.depthScale / scale - 1)).toBeLessThan(digits);
      // Linear functions keep every correlation, but for the biases that two inputs share.
      const isKept = activation === "linear" && (biasVariance === 0 || weightVariance > 1);
      expect(found.correlation).toBe(isKept ? null : 1);
    },
  );

  test("sin: q* is the root of q = w (1 - exp(-2 q)) / 2", () => {
    const { fixedPoint: q } = meanField({ activation: "sin", weightVariance: 2 });
    expect(Math.abs(q / (1 - Math.exp(-2 * q)) - 1)).toBeLessThan(1e-8);
    expect(q).toBeCloseTo(0.79681213, 8);
  });

  test.each([1.0001, 1.001, 1.01])("tanh just above 1 (%d): q* is found where steps are slow", (weightVariance) => {
    const { fixedPoint } = meanField({ activation: "tanh", weightVariance });
    // E tanh(sqrt(q) Z)^2 = q - 2 q^2 + 17 q^3 / 3 - ..., from its series and the moments 1, 3, 15 and 105.
    const q = (w: number) => (w - 1) / (2 * w);
    expect(Math.abs(fixedPoint / q(weightVariance) - 1)).toBeLessThan(5 * (weightVariance - 1));
  });

  test.each<[Activation, number, number | null, number]>([
    ["silu", 1, null, 1],
    ["silu", 2.8, INFINITE, 1.4],
    ["silu", 0.5, 0, 0.7],
    ["gelu", 1, null, 1],
    ["reluSquared", 1, null, 1],
    ["reluSquared", 2, INFINITE, INFINITE],
  ])("%s with its forward gain leaves 1: from %d to %d", (activation, start, expected, chi1) => {
    const weightVariance = gain(activation) ** 2;
    const found = meanField({ activation, weightVariance, start });
    expect(found.fixedPoint).toBe(expected ?? 1);
    expect(found.stable).toBe(expected !== null);
    if (expected !== null) expect(chi1 === INFINITE ? found.chi1 : Math.round(found.chi1 * 10) / 10).toBe(chi1);
  });

  test("selu: 1 attracts (Klambauer et al. 2017), from afar too", () => {
    expect(meanField({ activation: "selu", weightVariance: 1 })).toMatchObject({ fixedPoint: 1, stable: true });
    expect(meanField({ activation: "selu", weightVariance: 1, start: 1.4 }).fixedPoint).toBeCloseTo(1, 9);
  });

  test("sign: the correlation map is (2 / pi) asin c, and its slope at 1 infinite", () => {
    const found = meanField({ activation: Math.sign, derivative: () => 0, weightVariance: 1 });
    expect(found).toMatchObject({ fixedPoint: 1, correlation: 0 });
    expect(found.depthScale).toBeCloseTo(-1 / Math.log(2 / Math.PI), 6);
    expect(() => meanField({ activation: Math.sign, weightVariance: 1 })).toThrow(/near x = 0 it jumps/);
    const jumping = (x: number) => Math.tanh(x) + (x > 0.3 ? 1e-6 : 0);
    expect(() => meanField({ activation: jumping, weightVariance: 1.5 })).toThrow(/near x = 0.3 it jumps/);
  });

  test.each<[number, number]>([[2, 0.1], ...more([4, 0.5])])(
    "erf: c* and its depth scale by Williams' kernel, %d and %d",
    (weightVariance, biasVariance) => {
      const {
        fixedPoint: q,
        correlation,
        depthScale,
        phase,
      } = meanField({ activation: "erf", weightVariance, biasVariance });
      expect(phase).toBe("chaotic");
      const c = correlation as number;
      const x = (2 * q * c) / (1 + 2 * q);
      expect((weightVariance * (2 / Math.PI) * Math.asin(x) + biasVariance) / q).toBeCloseTo(c, 8);
      const rate = (weightVariance * (4 / Math.PI)) / (1 + 2 * q) / Math.sqrt(1 - x * x);
      expect(Math.abs(depthScale * Math.log(rate) + 1)).toBeLessThan(1e-6);
    },
  );

  test("what two inputs of relu differ in, by Cho and Saul's kernel of order 1; of sin, by exponentials", () => {
    for (const t of [1e-12, 1e-6, 0.01, 0.5, 1, 1.5]) {
      const angle = 2 * Math.asin(Math.sqrt(t / 2));
      // (1 - c) / 2 - (sin(angle) - angle c) / (2 pi), where sin(angle) - angle c is 2/3 angle^3 for a small angle
      const rest = angle < 1e-3 ? angle ** 3 / 3 : Math.sin(angle) - angle * Math.cos(angle);
      const relus = halfSquareDifference(relu, [0], 3, t) / 3;
      expect(Math.abs(relus / (t / 2 - rest / (2 * Math.PI)) - 1), `relu, t = ${t}`).toBeLessThan(
        t < 1e-10 ? 1e-6 : 1e-8,
      );
      const sines = halfSquareDifference(Math.sin, [], 2, t);
      const exact = 2 * Math.exp(-2) * Math.cosh(2 - t) * Math.sinh(t); // E sin u1 sin u2 = exp(-q) sinh(q c)
      expect(Math.abs(sines / exact - 1), `sin, t = ${t}`).toBeLessThan(t < 1e-10 ? 1e-6 : 1e-8);
    }
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
    ["a slope beside tanh", { activation: "tanh", weightVariance: 1, slope: 0.1 }, /^slope: expected activation/],
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

describe("phasePlane", () => {
  test.each<[string, object]>([
    ["tanh", { activation: "tanh" }],
    ["relu", { activation: "relu" }],
    ["a function", { activation: (x: number) => Math.max(x, 0) }],
  ])("%s: what meanField has, point by point", (_, options) => {
    const plane = phasePlane({ ...(options as { activation: "tanh" }), weight: 2.5, bias: 0.8, points: 12 });
    expect(plane).toHaveLength(144);
    for (let i = 0; i < 144; i += FULL ? 47 : 140) {
      const { weight, bias, chi1, fixedPoint } = plane[i] as (typeof plane)[0];
      expect(weight).toBeCloseTo((((i % 12) + 0.5) / 12) * 2.5, 12);
      expect(bias).toBeCloseTo(((Math.floor(i / 12) + 0.5) / 12) * 0.8, 12);
      const exact = meanField({
        ...(options as { activation: "tanh" }),
        weightVariance: weight * weight,
        biasVariance: bias * bias,
      });
      expect(Math.abs(chi1 / exact.chi1 - 1)).toBeLessThan(2e-6);
      if (exact.fixedPoint > 0 && exact.fixedPoint < Number.POSITIVE_INFINITY) {
        expect(Math.abs(fixedPoint / exact.fixedPoint - 1)).toBeLessThan(2e-5);
      } else expect(fixedPoint).toBe(exact.fixedPoint);
    }
  });

  test("the tables' means differ from the exact ones by less than 1e-9", () => {
    for (const name of ACTIVATIONS) {
      const activation = activationFunction(name);
      for (const q of [1e-12, 1e-3, 1, 30, ...(name === "sin" ? [] : [1e4, 1e9])]) {
        const where = `${name} at ${q}`;
        const [output, slope] = [outputMeanSquare(activation, q), slopeMeanSquare(activation, q)];
        expect(Math.abs(roughOutput(activation, q) / output - 1), where).toBeLessThan(1e-9);
        expect(Math.abs(roughSlope(activation, q) / slope - 1), where).toBeLessThan(1e-9);
      }
    }
  });

  test.each<[object, RegExp]>([
    [{}, /^activation/],
    [{ activation: "relu", points: 501 }, /^points: expected a whole number from 1 to 500, got 501/],
    [{ activation: "relu", points: 0 }, /^points/],
    [{ activation: "relu", weight: 0 }, /^weight/],
    [{ activation: "relu", bias: Number.NaN }, /^bias/],
    [{ activation: "relu", slope: 0.1 }, /^slope: expected activation "leakyRelu" next to it/],
    [{ activation: "leakyRelu", slope: "x" }, /^slope: expected a number/],
    [{ activation: "relu", derivative: () => 1 }, /^derivative: expected activation as a function/],
    [{ activation: "relu", most: 1 }, /^options/],
    [{ activation: Math.sign }, /jumps/],
  ])("refuses %o", (options, message) => expect(() => phasePlane(options as never)).toThrow(message));
});

test.runIf(FULL)("a function that varies too fast is given up after 2^27 evaluations", () => {
  let calls = 0;
  const fast = (x: number) => {
    calls += 1;
    return Math.sin(1000 * x);
  };
  expect(() => meanField({ activation: fast, weightVariance: 2, biasVariance: 0.05 })).toThrow(
    /^activation: expected a function that varies less: its means were not found by 134217728 evaluations, got the function fast$/,
  );
  expect(calls).toBeLessThan(2 ** 28 + 1000); // a slope takes two
});
