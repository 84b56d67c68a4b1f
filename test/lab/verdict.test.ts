/** The thresholds of a verdict, on reports made by hand. */
import { describe, expect, test } from "vitest";
import type { LayerReport, SeedBand } from "../../src/lab/report.js";
import { verdictOf } from "../../src/lab/verdict.js";

const DEPTH = 8; // a verdict looks at the far half, layers 5 to 8
const FAR = DEPTH / 2;

const band = (mean: number): SeedBand => ({ mean, low: mean, high: mean, theory: null });

/** Layers that are stable but for what is said of each. */
const layers = (of: (l: number) => Partial<LayerReport>): LayerReport[] =>
  Array.from({ length: DEPTH }, (_, l) => ({
    ...{ layer: l + 1, forward: band(1), backward: band(1), correlation: band(0) },
    ...{ dead: 0, saturated: 0, equal: 0, histogram: [] },
    ...of(l),
  }));

const kindOf = (of: (l: number) => Partial<LayerReport>) => verdictOf(layers(of)).kind;

describe.each(["dead", "saturated"] as const)("a network is %s", (kind) => {
  test("where half of the units of the far half are", () => {
    expect(kindOf((l) => ({ [kind]: l < FAR ? 0 : 0.5 }))).toBe(kind);
    expect(kindOf((l) => ({ [kind]: l % 2 === 0 ? 0.3 : 0.7 }))).toBe(kind); // on average
  });

  test("not where fewer are, or in the near half alone", () => {
    expect(kindOf(() => ({ [kind]: 0.499 }))).toBe("stable");
    expect(kindOf((l) => ({ [kind]: l < FAR ? 1 : 0.499 }))).toBe("stable");
  });
});

describe.each(["forward", "backward"] as const)(
  "by the factor of its %s variance in a layer of the far half",
  (way) => {
    /** Signals change on their way to the last layer, gradients on their way to the first. */
    const changing = (factor: number) => (l: number) => ({
      [way]: band(factor ** (way === "forward" ? l : DEPTH - l)),
    });

    test("a network is stable from 0.8 to 1.25", () => {
      for (const factor of [0.801, 0.9, 1.1, 1.249]) expect(kindOf(changing(factor)), `${factor}`).toBe("stable");
    });

    test("it vanishes below 0.8 and explodes above 1.25", () => {
      expect(kindOf(changing(0.799))).toBe("vanishing");
      expect(kindOf(changing(1.251))).toBe("exploding");
    });

    test("the near half does not count", () => {
      expect(kindOf((l) => ({ [way]: band(l < FAR ? 100 ** (FAR - l) : 1) }))).toBe("stable");
    });
  },
);

test("a layer whose units are all equal makes a network symmetric, and one with two kinds of units does not", () => {
  expect(kindOf((l) => ({ equal: l === 0 ? 1 : 0, dead: 1 }))).toBe("symmetric"); // before all other verdicts
  expect(kindOf(() => ({ equal: 0.99 }))).toBe("stable");
});

test("a signal of 0 makes a network dead, and one beyond floats makes it vanish or explode", () => {
  expect(kindOf((l) => ({ forward: band(l < 3 ? 1 : 0) }))).toBe("dead");
  expect(kindOf((l) => ({ forward: band(l < 3 ? 1e-70 : 0) }))).toBe("vanishing");
  expect(kindOf((l) => ({ forward: band(l < 3 ? 1 : Number.POSITIVE_INFINITY) }))).toBe("exploding");
});

test("the factors that a verdict reports are those per layer, from the first layer of the far half to the last", () => {
  const { factorPerLayer } = verdictOf(
    layers((l) => ({ forward: band(1.1 ** l), backward: band(0.9 ** (DEPTH - l)) })),
  );
  expect(factorPerLayer.forward).toBeCloseTo(1.1, 12);
  expect(factorPerLayer.backward).toBeCloseTo(0.9, 12);
});
