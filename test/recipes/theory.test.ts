/** Recommendations against the package's own theory: no scheme lets gradients vanish or grow without a word. */
import { describe, expect, test } from "vitest";
import * as nn from "../../src/index.js";
import { meanField } from "../../src/lab.js";
import { digits } from "../../src/math/digits.js";
import { rmsOf } from "../../src/moments.js";
import { EXPONENTS, FLAT, GATE_EXPONENTS } from "../../src/recipes/recommend/gradient.js";
import { GATED_UNITS, GATES } from "../../src/recipes/recommend/recommendation.js";
import { type LayerKind, type RecommendOptions, recommend } from "../../src/recipes.js";
import { ACTIVATIONS } from "../../src/scheme/gain.js";
import { expectEach } from "../each.js";
import { FUNCTIONS } from "../scheme/activations.js";

const LAYOUTS = ["io", "oi"] as const;
const NORMALIZATIONS = ["none", "layer", "rms", "batch"] as const;
const N = 1024;

/** The variance of a weight times its fan in. */
const weightVariance = (scheme: nn.Scheme) => N * rmsOf(nn.resolve([N, N], scheme) as nn.Unsplit) ** 2;
const inverseSquare = (x: number) => 1 / (x * x);
/** E f(z)^2, Var f(z) and E f'(z)^2 for z ~ N(0, 1). */
const means = (activation: nn.Activation) => ({
  square: inverseSquare(nn.gain(activation)),
  variance: inverseSquare(nn.gain(activation, { direction: "variance" })),
  slope: inverseSquare(nn.gain(activation, { direction: "backward" })),
});

const isStable = (factor: number) => factor >= 0.8 && factor <= 1.25;

/** The factor of a reason, if it gives one. */
const stated = (reason: string) => / gradients' mean square is multiplied by ([\d.]+), so/.exec(reason)?.[1];

function expectStated(reason: string, factor: number): void {
  if (isStable(factor)) expect(stated(reason), reason).toBeUndefined();
  else expect(stated(reason), `${reason} (${factor})`).toBe(digits(factor, 3));
}

/** chi_1 at q*, by `meanField`; of each activation and variance once. */
const known = new Map<string, number>();
function chi1(activation: nn.Activation, variance: number): number {
  const key = `${activation} ${variance.toFixed(9)}`;
  if (!known.has(key)) {
    // With the gain of the activation 1 is a fixed point. Where it drives signals away from there, chi_1 is that at 1 all the same.
    const leaves = EXPONENTS[activation] !== undefined;
    const found = leaves
      ? variance * means(activation).slope
      : meanField({ activation, weightVariance: variance }).chi1;
    known.set(key, found);
  }
  return known.get(key) as number;
}

describe("a stack without skip connections", () => {
  test.each(ACTIVATIONS)("%s: chi_1 is in [0.8, 1.25], or the reason gives it", (activation) => {
    for (const layout of LAYOUTS) {
      for (const layer of ["dense", "convolution"] as const) {
        const { scheme, reason } = recommend({ layer, activation, layout });
        expectStated(reason, chi1(activation, weightVariance(scheme)));
      }
    }
    // The variance of what comes out of a normalization does not depend on the weights before it.
    const { square, variance, slope } = means(activation);
    for (const normalization of ["layer", "rms"] as const) {
      const { reason } = recommend({ activation, normalization });
      expectStated(reason, slope / square);
      expect(reason).not.toContain("needs normalization");
    }
    expectStated(recommend({ activation, normalization: "batch" }).reason, slope / variance);
  });

  test("closed forms: relu behind batch normalization pi / (pi - 1) (Yang et al. 2019), sigmoid by Glorot 0.056", () => {
    const { reason, source } = recommend({ activation: "relu", normalization: "batch" });
    expect(stated(reason)).toBe((Math.PI / (Math.PI - 1)).toPrecision(3));
    expect(source).toContain("Yang et al., A mean field theory of batch normalization, 2019");
    expect(stated(recommend({ activation: "reluSquared" }).reason)).toBe("1.33"); // E 4 relu^2 / E relu^4 = 4 / 3
    // The scheme for a slope of 1/4 passes on 0.4 of the gradient, that for a slope of 1 only 0.056.
    expect(meanField({ activation: "sigmoid", weightVariance: 1 }).chi1).toBeCloseTo(0.0557, 4);
    for (const [activation, { slope, chi1 }] of Object.entries(FLAT)) {
      const { scheme } = recommend({ activation: activation as nn.Activation });
      expect(weightVariance(scheme)).toBeCloseTo(1 / slope ** 2, 9);
      const field = meanField({ activation: activation as nn.Activation, weightVariance: 1 / slope ** 2 });
      expect(Math.abs(field.chi1 - chi1)).toBeLessThan(5e-4);
    }
  });

  test.each(GATED_UNITS)("%s: E f(b)^2 + E a^2 f'(b)^2 over E a^2 f(b)^2", (unit) => {
    const { square, slope } = means(GATES[unit]);
    for (const normalization of NORMALIZATIONS) {
      expectStated(recommend({ activation: unit, normalization }).reason, 1 + slope / square);
    }
  });
});

/** d log E f(sqrt(q) z)^2 / d log q at q = 1. */
function exponent(f: (x: number) => number): number {
  const logSquare = (q: number) => -2 * Math.log(nn.gain((x) => f(Math.sqrt(q) * x)));
  return (logSquare(1.001) - logSquare(1 / 1.001)) / (2 * Math.log(1.001));
}

describe("signals that do not stay at 1", () => {
  test.each(ACTIVATIONS.filter((name) => name !== "leakyRelu"))("%s", (activation) => {
    const own = EXPONENTS[activation];
    const found = exponent(FUNCTIONS[activation]);
    const { reason } = recommend({ activation });
    if (own === undefined) {
      expect(found).toBeLessThan(1 + 1e-6);
      expect(reason).not.toContain("A mean square q");
    } else {
      expect(own).toBeCloseTo(found, 2);
      expect(reason).toContain(`q^${own} in each layer, so a deep stack needs normalization`);
    }
  });

  test.each(GATED_UNITS)("%s", (unit) => {
    const f = FUNCTIONS[GATES[unit] as "silu"];
    expect(GATE_EXPONENTS[GATES[unit]]).toBeCloseTo(exponent(f), 2);
    expect(recommend({ activation: unit }).reason).toMatch(/q\^[12]\.?\d* in each layer/);
  });
});

describe("the last layer of a branch", () => {
  /** E f(sqrt(q) z)^2 or E f'(sqrt(q) z)^2 by 400 cells, good to 1e-4. */
  const POINTS = Array.from({ length: 400 }, (_, i) => (i - 199.5) / 25);
  const mean = (g: (z: number) => number) =>
    POINTS.reduce((sum, z) => sum + (g(z) ** 2 * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI) / 25, 0);
  const slopeOf = (f: (x: number) => number, x: number) => (f(x + 1e-4) - f(x - 1e-4)) / 2e-4;

  test.each(ACTIVATIONS)(
    "%s: signals grow as the reason says, gradients by a factor in [0.8, 1.25] a branch",
    (activation) => {
      const f = activation === "leakyRelu" ? (x: number) => (x > 0 ? x : 0.01 * x) : FUNCTIONS[activation];
      const L = 48;
      for (const normalization of NORMALIZATIONS) {
        const options = { activation, normalization, residual: true, branches: L };
        const { scheme, reason } = recommend(options);
        expect(weightVariance(recommend({ ...options, layout: "oi" }).scheme)).toBeCloseTo(weightVariance(scheme), 9);
        const variance = weightVariance(scheme);
        const normalized = normalization !== "none";
        let q = 1;
        let steepest = 0;
        for (let branch = 0; branch < L; ++branch) {
          const into = normalized ? 1 : Math.sqrt(q);
          if (!normalized || branch === 0) {
            steepest = Math.max(steepest, 1 + variance * mean((z) => slopeOf(f, into * z)));
          }
          q += variance * mean((z) => f(into * z));
        }
        const limit = /becomes at most (\S+)\./.exec(reason)?.[1];
        if (normalized) expect(reason).toContain("add a variance of at most 1");
        if (limit === undefined && !normalized) {
          expect(q).toBeGreaterThan(4);
          expect(reason).toMatch(/q\^2 \/ 48 .*gradients grow with it: a deep network needs normalization/);
          continue;
        }
        expect(q).toBeLessThan((normalized ? 2 : limit === "e" ? Math.E : Number(limit)) + 1e-3);
        expect(isStable(steepest), `${steepest}`).toBe(true);
      }
    },
  );

  test.each(GATED_UNITS)("%s: without normalization, the reason asks for it", (unit) => {
    const options = { activation: unit, residual: true, branches: 24 } as const;
    expect(recommend(options).reason).toMatch(
      /q\^[12]\.?\d* \/ 24 .*needs normalization at the beginning of each branch/,
    );
    expect(recommend({ ...options, normalization: "rms" }).reason).toContain("add a variance of at most 1");
  });
});

test.each(ACTIVATIONS)("a state with %s: chi_1 of its variance, or the reason gives it", (activation) => {
  const { scheme, reason } = recommend({ layer: "recurrent", activation });
  if (activation === "relu") return expect(scheme).toEqual(nn.identity()); // Le et al. 2015
  expectStated(reason, chi1(activation, weightVariance(scheme)));
});

test("projections of attention, and into a gated unit: chi_1 of a linear layer is 1", () => {
  for (const layer of ["attention", "gate"] as const) {
    for (const layout of LAYOUTS) {
      expect(chi1("linear", weightVariance(recommend({ layer, layout }).scheme))).toBeCloseTo(1, 9);
    }
  }
});

/** Every option with values that some layer takes; what a layer takes is written out here a second time. */
const VALUES: { readonly [K in keyof RecommendOptions]-?: readonly NonNullable<RecommendOptions[K]>[] } = {
  layer: [
    ...(["dense", "convolution", "subPixel", "recurrent", "attention", "gate", "head"] as const),
    ...(["embedding", "bias", "normalization", "layerScale", "loraA", "loraB"] as const),
  ],
  activation: [...ACTIVATIONS, ...GATED_UNITS],
  slope: [0.2],
  layout: LAYOUTS,
  residual: [true, false],
  branches: [1, 24],
  normalization: NORMALIZATIONS,
  prior: [0.01],
};
const TAKES: Readonly<Record<LayerKind, string>> = {
  dense: "activation slope layout residual branches normalization",
  convolution: "activation slope layout residual branches normalization",
  subPixel: "activation slope layout",
  recurrent: "activation slope",
  attention: "layout",
  gate: "layout",
  head: "",
  embedding: "",
  bias: "prior",
  normalization: "",
  layerScale: "branches",
  loraA: "layout",
  loraB: "",
};

/** Whether the options make sense together. */
function isLegal(options: RecommendOptions): boolean {
  const { layer = "dense", activation, slope, residual = false, branches } = options;
  const takes = TAKES[layer].split(" ");
  const given = Object.keys(options).filter((name) => name !== "layer");
  if (!given.every((name) => takes.includes(name))) return false;
  if (slope !== undefined && activation !== "leakyRelu") return false;
  if (["subPixel", "recurrent"].includes(layer) && GATED_UNITS.includes(activation as never)) return false;
  return (branches !== undefined) === (residual || layer === "layerScale");
}

/** All combinations of the options' values, each option given or not. */
function* combinations(names: readonly string[]): Generator<RecommendOptions> {
  const [name, ...rest] = names;
  if (name === undefined) {
    yield {};
    return;
  }
  for (const others of combinations(rest)) {
    yield others;
    for (const value of VALUES[name as keyof RecommendOptions]) yield { [name]: value, ...others };
  }
}

test("legal combinations are recommended a scheme that can be drawn; all others are refused", () => {
  const shape = [8, 8];
  let [legal, refused] = [0, 0];
  for (const options of combinations(Object.keys(VALUES))) {
    if (!isLegal(options)) {
      // Thousands of them differ only in what else is wrong.
      if (refused++ % 41 === 0) expect(() => recommend(options), JSON.stringify(options)).toThrow(/^\w+: expected /);
      continue;
    }
    ++legal;
    const { scheme, reason, source } = recommend(options);
    expectEach(nn.init(shape, scheme, { seed: 1, name: "w" }), Number.isFinite);
    if (!/^[a-z A-Z].*\.$/.test(reason) || !/, (19|20)\d\d/.test(source)) throw new Error(`${reason} (${source})`);
  }
  expect([legal > 1000, refused > 10000], `${legal}, ${refused}`).toEqual([true, true]);
});
