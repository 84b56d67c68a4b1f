/** Verdicts: of layers made up to lie at each bound, and of networks whose fate theory tells. */
import { describe, expect, test } from "vitest";
import { isBounded } from "../../src/lab/bounded.js";
import { BOUNDS, verdictOf } from "../../src/lab/verdict.js";
import { type LabOptions, type LayerReport, lab } from "../../src/lab.js";

const dense = { kind: "dense", residual: false, width: 64 } as const;

interface Made {
  readonly forward?: number;
  readonly backward?: number;
  readonly theory?: readonly [forward: number, backward: number];
  readonly dead?: number;
  readonly equal?: number;
  readonly saturated?: number;
}

function layer(
  l: number,
  { forward = 1, backward = 1, theory, dead = 0, equal = 0, saturated = 0 }: Made,
): LayerReport {
  const band = (mean: number, predicted: number | undefined) => ({
    ...{ mean, low: mean, high: mean, theory: predicted ?? null },
  });
  return {
    layer: l + 1,
    forward: band(forward, theory?.[0]),
    backward: band(backward, theory?.[1]),
    correlation: band(0.5, undefined),
    ...{ dead, equal, saturated, histogram: [] },
  };
}

/** The verdict about `depth` layers. */
const verdict = (depth: number, made: (l: number) => Made, shape: object = {}) =>
  verdictOf(
    Array.from({ length: depth }, (_, l) => layer(l, made(l))),
    { ...dense, depth, ...shape },
  );

describe("growth", () => {
  test.each([
    ["signals", 1.24, 1, 10, "stable"],
    ["signals", 1.26, 1, 10, "exploding"],
    ["signals", 0.81, 1, 10, "stable"],
    ["signals", 0.79, 1, 10, "vanishing"],
    ["gradients", 1, 1.24, 10, "stable"],
    ["gradients", 1, 1.26, 10, "exploding"],
    ["gradients", 1, 0.81, 10, "stable"],
    ["gradients", 1, 0.79, 10, "vanishing"],
  ] as const)("of %s, by %d and %d per layer in %i layers: %s", (_, forward, backward, depth, kind) => {
    const made = verdict(depth, (l) => ({ forward: forward ** l, backward: backward ** (depth - 1 - l) }));
    expect(made.kind).toBe(kind);
    expect(made.factorPerLayer.forward).toBeCloseTo(forward, 9);
    expect(made.factorPerLayer.backward).toBeCloseTo(backward, 9);
    expect(made.growth.forward / forward ** (depth - 1)).toBeCloseTo(1, 9);
    expect(made.growth.backward / backward ** (depth - 1)).toBeCloseTo(1, 9);
  });

  // float16: the largest number is (2 - 2^-10) 2^15, the smallest normal one 2^-14 (IEEE 754-2019, table 3.5).
  test.each([
    [65000, "stable"],
    [66000, "exploding"],
    [6.2e-5, "stable"],
    [6.0e-5, "vanishing"],
  ] as const)("by %d in all, though slow: %s, for signals and for gradients", (growth, kind) => {
    const step = growth ** (1 / 399);
    const signals = verdict(400, (l) => ({ forward: step ** l }));
    const gradients = verdict(400, (l) => ({ backward: step ** (399 - l) }));
    for (const made of [signals, gradients]) {
      expect(made.kind).toBe(kind);
      expect(made.sentence.includes("float16")).toBe(kind !== "stable");
    }
  });

  test("its bounds are float16's, and float32's smallest normal number squared", () => {
    expect(BOUNDS.inAll).toEqual([2 ** -14, (2 - 2 ** -10) * 2 ** 15]);
    expect(BOUNDS.smallest).toBe(2 ** -252);
  });

  test("growth in the first half counts too: the factor per layer is that of the second", () => {
    const made = verdict(20, (l) => ({ forward: Math.min(8 ** l, 8 ** 8) }));
    expect(made.factorPerLayer.forward).toBe(1);
    expect(made.kind).toBe("exploding");
  });

  test("fluctuates: theory predicts neither growth", () => {
    const falls = (l: number): Made => ({ forward: 0.9 ** l, backward: 0.9 ** (199 - l) });
    const critical = verdict(200, (l) => ({ ...falls(l), theory: [1, 1] }));
    expect(critical.kind).toBe("vanishing");
    expect(critical.sentence).toContain("theory predicts 1 and 1 in all");
    expect(critical.sentence).toContain("200 layers are too many for a width of 64, where signals fluctuate");
    const foreseen = verdict(200, (l) => ({ ...falls(l), theory: [0.9 ** l, 0.9 ** (199 - l)] }));
    expect(foreseen.sentence).not.toContain("fluctuate");
    expect(verdict(200, falls).sentence).not.toContain("fluctuate");
  });
});

describe("floats end", () => {
  test("signals: overflow, and below the smallest normal float", () => {
    const tooLarge = verdict(6, (l) => ({ forward: l < 4 ? 1 : Number.POSITIVE_INFINITY }));
    expect(tooLarge).toMatchObject({ kind: "exploding", growth: { forward: Number.POSITIVE_INFINITY } });
    expect(tooLarge.sentence).toContain("signals of layer 5 are too large");
    for (const rest of [0, 1e-80]) {
      // Rounded signals have equal units and, in relu, no slope: neither is the network's fault.
      const made = verdict(6, (l) => (l < 3 ? { forward: 1e-9 } : { forward: rest, equal: 1, dead: 1 }));
      expect(made).toMatchObject({ kind: "vanishing", growth: { forward: 0 } });
      expect(made.sentence).toContain("signals of layer 4 are below the smallest normal float");
    }
    expect(verdict(2, (l) => ({ forward: [1e-70, 1.4e-76][l] as number })).sentence).not.toContain("normal float");
    expect(verdict(2, (l) => ({ forward: [1e-70, 1.3e-76][l] as number })).sentence).toContain("normal float");
  });

  test("gradients, on their way back", () => {
    const small = verdict(6, (l) => ({ backward: l < 3 ? 0 : 1 }));
    expect(small).toMatchObject({ kind: "vanishing", sentence: expect.stringContaining("gradients of layer 3") });
    const large = verdict(6, (l) => ({ backward: l < 2 ? Number.POSITIVE_INFINITY : 1 }));
    expect(large).toMatchObject({ kind: "exploding", sentence: expect.stringContaining("gradients of layer 2") });
  });
});

describe("dead, symmetric, saturated", () => {
  test("a layer without a slope: dead, before symmetric", () => {
    // Lu, Su, Karniadakis 2018, theorem 1: what follows a dead layer is a constant.
    const made = verdict(10, (l) =>
      l < 4 ? { dead: l === 3 ? 1 : 0.3 } : { forward: 0, backward: 1, equal: 1, dead: 1 },
    );
    expect(made).toMatchObject({ kind: "dead", sentence: expect.stringContaining("No unit of layer 4") });
    const skipped = verdict(10, (l) => ({ dead: l === 3 ? 1 : 0 }), { residual: true });
    expect(skipped.kind).toBe("stable"); // a skip connection passes it by
  });

  test("half of the units, in the second half of the layers that have an activation function", () => {
    const kinds = [0.49, 0.5].map((dead) => verdict(10, (l) => ({ dead: l < 9 ? dead : 0 })).kind);
    expect(kinds).toEqual(["stable", "dead"]);
    expect(verdict(10, (l) => ({ dead: l < 5 ? 0.9 : 0 })).kind).toBe("stable");
    const flat = [0.49, 0.5].map((saturated) => verdict(10, (l) => ({ saturated: l < 9 ? saturated : 0 })).kind);
    expect(flat).toEqual(["stable", "saturated"]);
  });

  test("equal units: symmetric, also when all weights are 0; zeros later are dead", () => {
    expect(verdict(4, (l) => ({ equal: l === 2 ? 1 : 0 }))).toMatchObject({
      ...{ kind: "symmetric", sentence: expect.stringContaining("layer 3 have equal values") },
    });
    expect(verdict(4, () => ({ equal: 0.99 })).kind).toBe("stable");
    expect(verdict(4, () => ({ forward: 0, equal: 1, dead: 1 }))).toMatchObject({
      ...{ kind: "symmetric", sentence: expect.stringContaining("layer 1 are 0") },
    });
    expect(verdict(4, () => ({ forward: 0 })).kind).toBe("dead");
  });
});

describe("a window too short for a half", () => {
  test("one layer says its variance, two have a factor", () => {
    expect(verdict(1, () => ({ forward: 2.5 }))).toEqual({
      kind: "stable",
      factorPerLayer: { forward: 1, backward: 1 },
      growth: { forward: 1, backward: 1 },
      sentence: "One layer has no factor per layer; the variance of its signals is 2.5.",
    });
    const two = verdict(2, (l) => ({ forward: [1, 100][l] as number }));
    expect(two.kind).toBe("exploding");
    expect(two.factorPerLayer.forward).toBeCloseTo(100, 9);
  });
});

describe("measured", () => {
  const quick: LabOptions = { samples: 16, seeds: 2, recommendation: false, jacobian: false };
  const normal = (variance: number, width: number) => ({ scheme: "normal", std: Math.sqrt(variance / width) }) as const;
  // A relu layer multiplies the mean square by variance / 2: Hanin, Rolnick 2018, theorem 5.
  test.each<[string, LabOptions, string, RegExp]>([
    ["2.4 / n", { depth: 200, width: 64, scheme: normal(2.4, 64) }, "exploding", /per layer and .*e\+\d+ in all/],
    ["1.7 / n", { depth: 200, width: 64, scheme: normal(1.7, 64) }, "vanishing", /in all/],
    ["narrow and deep", { depth: 1000, width: 32 }, "vanishing", /theory predicts 1 and 1 in all.*fluctuate/],
    ["born dead", { width: 2, depth: 50, seeds: 20 }, "dead", /No unit of layer \d+/],
    ["born dead, wider", { width: 3, depth: 100, seeds: 20 }, "dead", /No unit|units pass no gradient/],
    ["two layers of std 10", { depth: 2, width: 64, scheme: { scheme: "normal", std: 10 } }, "exploding", /per layer/],
    ["underflow", { depth: 60, width: 64, scheme: { scheme: "normal", std: 0.001 } }, "vanishing", /normal float/],
    [
      "tanh underflows",
      { activation: "tanh", width: 16, scheme: { scheme: "normal", std: 1e-30 } },
      "vanishing",
      /lost/,
    ],
    ["zeros", { depth: 4, width: 8, scheme: "zeros" }, "symmetric", /are 0/],
    ["an input of zeros", { depth: 4, width: 8, data: new Float32Array(16 * 8) }, "dead", /layer 1 are 0/],
  ])("%s", (_, options, kind, sentence) => {
    const { verdict } = lab({ ...quick, ...options });
    expect(verdict.sentence).toMatch(sentence);
    expect(verdict.kind).toBe(kind);
  });

  test("where the recommended scheme is not enough, the reason says what else helps", () => {
    const own = lab({ ...quick, recommendation: true, activation: "silu", depth: 50, width: 64 });
    expect(own.verdict.kind).toBe("exploding");
    expect(own.recommendation).toMatchObject({
      run: null,
      reason: expect.stringMatching(/verdict here is "exploding"; besides the weights, try/),
    });
    expect(own.recommendation?.reason).toMatch(/try normalization, residual branches or fewer or wider layers\.$/);
    const other = lab({
      ...quick,
      recommendation: true,
      activation: "sigmoid",
      depth: 20,
      width: 64,
      scheme: "heNormal",
    });
    expect(other.recommendation?.run?.verdict.kind).toBe("vanishing");
    expect(other.recommendation?.reason).toMatch(/verdict here is "vanishing"; besides the weights, try/);
    const enough = lab({ ...quick, recommendation: true, depth: 10, width: 64 });
    expect(enough.recommendation?.reason).not.toMatch(/verdict here/);
  });

  // These level off or grow for ever by their formulas; the names of the lab agree for those that have one.
  test.each<[string, (x: number) => number, boolean]>([
    ["tanh", Math.tanh, true],
    ["softsign", (x) => x / (1 + Math.abs(x)), true],
    ["atan", Math.atan, true],
    ["2000 tanh", (x) => 2000 * Math.tanh(x / 2000), true],
    ["a bump", (x) => 1 / (1 + x * x), true],
    ["asinh", Math.asinh, false],
    ["cbrt", Math.cbrt, false],
    ["log log", (x) => Math.log(1 + Math.log(1 + Math.abs(x))), false],
    ["log log log", (x) => Math.log(2 + Math.log(2 + Math.log(2 + Math.abs(x)))), false],
    ["1 - x^-0.3", (x) => 1 - (1 + Math.abs(x)) ** -0.3, true],
    ["the other half of relu", (x) => Math.min(0, x), false],
    ["relu", (x) => Math.max(0, x), false],
    ["elu", (x) => (x > 0 ? x : Math.expm1(x)), false],
    ["a power", (x) => x ** 31, false],
  ])("%s levels off far from 0: %o, %s", (_, f, bounded) => expect(isBounded(f)).toBe(bounded));

  test("functions of one's own saturate if they level off", () => {
    const scheme = { scheme: "normal", std: 1e4 } as const;
    const [flat, steep] = [Math.atan, Math.asinh].map((activation) => {
      return lab({ ...quick, activation, depth: 3, width: 8, scheme }).layers[1]?.saturated;
    });
    expect(flat).toBeGreaterThan(0.9);
    expect(steep).toBe(0);
  });

  test("progress: each seed of each run, and the Jacobians; what is thrown ends the call", () => {
    const seen: string[] = [];
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`);
    lab({ ...quick, depth: 3, width: 8, scheme: "glorotUniform", recommendation: true, jacobian: true, onProgress });
    expect(seen).toEqual(["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
    const stop = new Error("stop");
    const call = () =>
      lab({
        depth: 3,
        width: 8,
        onProgress: () => {
          throw stop;
        },
      });
    expect(call).toThrow(stop);
    expect(() => lab({ onProgress: 1 } as never)).toThrow(/onProgress: expected a function, got 1/);
  });
});
