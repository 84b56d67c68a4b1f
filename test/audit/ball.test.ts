/** Few values too close to their mean: the bound against closed forms, and what it finds in a file. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { MOST_IN_BALL, unlikelinessOfBall } from "../../src/audit/ball.js";
import { init, normal, uniform } from "../../src/index.js";
import { modelOfShapes } from "../../src/model.js";
import { folder } from "../cli/command.js";
import { auditOf, failures, file } from "./files.js";

const NORMAL = { kind: "normal", mean: 0, std: 1 } as const;
const UNIFORM = { kind: "uniform", low: -1, high: 1 } as const;
const TRUNCATED = { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 } as const;
const bound = (n: number, radius: number, of: Parameters<typeof unlikelinessOfBall>[2]) =>
  Math.exp(-(unlikelinessOfBall(n, radius, of) ?? 0));

test("the bound is above the probability, and near it for small balls", () => {
  for (const radius of [1e-6, 1e-3, 0.1, 0.5, 1]) {
    const disk = -Math.expm1((-radius * radius) / 2); // P(two normal values lie in it): chi-square of 2 degrees
    expect(bound(2, radius, NORMAL)).toBeGreaterThanOrEqual(disk * (1 - 1e-12));
    expect(bound(1, radius, UNIFORM)).toBeCloseTo(radius, 12); // the length of the interval over 2
    expect(bound(2, radius, UNIFORM)).toBeCloseTo((Math.PI * radius * radius) / 4, 12); // the area over 4
  }
  // chi-square of 4 degrees: 1 - exp(-x / 2) (1 + x / 2), about x^2 / 8
  expect(bound(4, 1e-3, NORMAL) / (1e-12 / 8)).toBeCloseTo(1, 6);
  expect(bound(3, 1e-3, NORMAL) / ((Math.sqrt(2 / Math.PI) * 1e-9) / 3)).toBeCloseTo(1, 6); // Maxwell's distribution
  expect(bound(1, 1e-3, TRUNCATED) / ((2e-3 * 0.3989422804014327) / 0.9544997361036416)).toBeCloseTo(1, 6);
  expect(unlikelinessOfBall(MOST_IN_BALL + 1, 1, NORMAL)).toBeUndefined();
});

test("correct values are found unlikely at most as often as the bound says", () => {
  const RUNS = 4000;
  for (const n of [1, 2, 5, 16, 64]) {
    const values = init([RUNS, n], normal({ std: 1 }), { seed: 1, name: `${n}` });
    let found = 0;
    for (let run = 0; run < RUNS; ++run) {
      const radius = Math.hypot(...values.subarray(run * n, (run + 1) * n));
      if ((unlikelinessOfBall(n, radius, NORMAL) as number) > 3) found += 1;
    }
    expect(found).toBeLessThan(RUNS * Math.exp(-3) + 5 * Math.sqrt(RUNS * Math.exp(-3))); // exceeded by 3 in 10^7
  }
});

const path = join(folder(), "x.safetensors");

/** A file of vectors, each drawn from a scheme and then scaled, and the failures of its audit. */
async function failuresOf(scale: number, lengths: readonly number[], seed: number, dtype: "f32" | "bf16" = "f32") {
  const schemes = [normal({ std: 0.02 }), uniform({ low: -0.1, high: 0.1 })];
  const list = lengths.flatMap((length) =>
    schemes.map((scheme) => ({ name: `${scheme.scheme}.${length}`, shape: [length], ...scheme })),
  );
  const tensors = list.map(
    ({
      name,
      shape,
      ...scheme
    }): [string, Parameters<typeof file>[0] extends Iterable<[string, infer T]> ? T : never] => {
      const drawn = init(shape, scheme, { seed, name, dtype });
      const values = drawn instanceof Float32Array ? drawn.map((x) => x * scale) : drawn;
      return [name, { dtype: dtype.toUpperCase(), shape, values }];
    },
  );
  return failures(await auditOf(path, file(tensors), modelOfPlan(list)));
}

/** A model that expects what the list says. */
function modelOfPlan(list: readonly object[]) {
  const model = modelOfShapes("m", list);
  const rules = list.map(({ name, shape: _, ...scheme }: { name?: string; shape?: unknown }) => ({
    match: name as string,
    ...scheme,
  }));
  return { ...model, plan: { rules } };
}

test("a bias of 16 values whose std is far too small fails", async () => {
  const found = await failuresOf(0.01, [16], 1);
  expect(found["normal.16"]).toContain("std");
  expect(found["uniform.16"]).toContain("std");
  expect(Object.keys(await failuresOf(0.01, [4, 8, 32, 64], 1))).toHaveLength(8);
});

test("tensors of few values that are right pass", async () => {
  for (const dtype of ["f32", "bf16"] as const) {
    for (let seed = 0; seed < 20; ++seed) expect(await failuresOf(1, [1, 2, 3, 5, 8, 16, 64], seed, dtype)).toEqual({});
  }
});
