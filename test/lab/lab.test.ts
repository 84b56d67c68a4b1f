/** The lab's face: options, refusals, sameness on both engines, the command and its page. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type LabOptions, lab } from "../../src/lab.js";
import { folder, nnInit } from "../model/cli.js";

const tiny: LabOptions = { depth: 4, width: 24, samples: 8, seeds: 2 };

test.each([
  [{ activation: "gelu" }],
  [{ network: "convolution", activation: "tanh", scheme: "kaimingUniform" }],
  [{ network: "attention", normalization: "layer" }],
  [{ residual: true, normalization: "rms", activation: (x: number) => x / (1 + x * x) }],
] as LabOptions[][])("the same bits on both engines, and every time: %o", (options) => {
  const [a, b, c] = (["simd", "scalar", undefined] as const).map((engine) =>
    JSON.stringify(lab({ ...tiny, ...options, ...(engine && { engine }) })),
  );
  expect(b).toBe(a);
  expect(c).toBe(a);
});

test("what a report holds", () => {
  const report = lab({ ...tiny, scheme: "glorotNormal" });
  expect(report.network).toEqual({
    ...{ kind: "dense", depth: 4, width: 24, residual: false, normalization: "none", branchScale: 1 },
    ...{ activation: "relu", samples: 8, seeds: 2 },
  });
  expect(report.layers.map(({ layer }) => layer)).toEqual([1, 2, 3, 4]);
  expect(report.layers[3]?.backward.mean).toBeCloseTo(1, 12);
  for (const { forward, histogram } of report.layers) {
    expect(forward.low).toBeLessThanOrEqual(forward.mean);
    expect(forward.high).toBeGreaterThanOrEqual(forward.mean);
    expect(histogram).toHaveLength(41);
    expect(histogram.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  }
  expect(report.jacobian?.singularValues).toHaveLength(24);
  expect(report.recommendation).toMatchObject({
    scheme: { scheme: "heNormal" },
    reason: expect.stringContaining("relu"),
  });
  expect(report.recommendation?.run?.layers).toHaveLength(4);
  expect(lab({ ...tiny, scheme: "heNormal" }).recommendation?.run).toBeNull();
  expect(lab({ ...tiny, recommendation: false, jacobian: false })).toMatchObject({
    recommendation: null,
    jacobian: null,
  });
  expect(lab({ ...tiny, seeds: 1, seed: 5 })).not.toEqual(lab({ ...tiny, seeds: 1, seed: 6 }));
});

test("widths and samples that no vector divides, a single unit, a single layer", () => {
  for (const width of [1, 2, 3, 5, 7, 9, 33]) {
    for (const samples of [2, 4, 6, 10]) {
      const { layers } = lab({ depth: 3, width, samples, seeds: 1, scheme: "heNormal", recommendation: false });
      expect(layers).toHaveLength(3);
      expect(layers[0]?.forward.mean).toBeGreaterThan(0);
    }
  }
  expect(lab({ ...tiny, depth: 1 }).verdict.factorPerLayer).toEqual({ forward: 1, backward: 1 });
});

test("data of one's own", () => {
  const data = Float32Array.from({ length: 8 * 24 }, (_, i) => Math.cos(i));
  const ones = lab({ ...tiny, activation: "linear", scheme: "identity", data });
  const mean = data.reduce((sum, x) => sum + x * x, 0) / data.length;
  expect(ones.layers[3]?.forward.mean).toBeCloseTo(mean, 6);
});

describe("refusals, before anything is computed", () => {
  const data = new Float32Array(8 * 24);
  const holes = data.slice();
  holes[7] = Number.NaN;
  test.each<[string, object, RegExp]>([
    ["an unknown option", { deph: 3 }, /options among .*"deph"/],
    ["no depth", { depth: 0 }, /depth: expected a whole number from 1, got 0/],
    ["a fractional width", { width: 1.5 }, /width/],
    ["negative samples", { samples: -2 }, /samples/],
    ["an odd number of samples", { samples: 7 }, /samples: expected an even number/],
    ["no seeds", { seeds: 0 }, /seeds/],
    [
      "more than memory",
      { depth: 1e6, width: 4096 },
      /depth, width, samples: expected a network whose signals take less than/,
    ],
    ["more than numbers", { depth: 2 ** 53 - 1, width: 2 ** 53 - 1 }, /depth, width, samples/],
    ["an unknown activation", { activation: "gellu" }, /activation: expected one of.*\(perhaps "gelu"\)/],
    [
      "a function that is NaN",
      { activation: (x: number) => Math.sqrt(x) },
      /activation: expected a function that is a number at -3/,
    ],
    ["a function of text", { activation: () => "1" }, /activation: expected a function from numbers to numbers/],
    ["no function", { activation: 3 }, /activation/],
    ["a derivative that is none", { activation: (x: number) => x, derivative: 1 }, /derivative: expected a function/],
    ["an unknown scheme", { scheme: "heNormall" }, /scheme: expected one of.*\(perhaps "heNormal"\)/],
    ["a scheme without its options", { scheme: "normal" }, /std/],
    [
      "a scheme that cannot take the layer",
      { scheme: { scheme: "deltaOrthogonal" } },
      /scheme: expected one that a layer of shape \[24, 24\] takes/,
    ],
    ["an unknown network", { network: "dence" }, /network: expected one of.*\(perhaps "dense"\)/],
    ["an unknown normalization", { normalization: "batch" }, /normalization: expected one of/],
    ["a negative branch", { branchScale: -1 }, /branchScale/],
    ["data of another size", { data: data.subarray(1) }, /data\.length: expected samples x width.*192, got 191/],
    ["data with holes", { data: holes }, /data\[7\]: expected a finite number, got NaN/],
    ["data that are none", { data: "x" }, /data: expected an array of numbers/],
    ["an engine", { engine: "gpu" }, /engine/],
  ])("%s", (_, options, message) => expect(() => lab({ ...tiny, ...options } as never)).toThrow(message));

  test("a function that turns NaN on the way", () => {
    expect(() =>
      lab({ ...tiny, scheme: { scheme: "normal", std: 5 }, activation: (x) => (Math.abs(x) > 8 ? Number.NaN : x) }),
    ).toThrow(/activation: expected a function that is/);
  });
});

describe("the command", () => {
  const work = folder();
  const small = ["--depth", "10", "--width", "32", "--samples", "16"];

  test("prints verdict, plots, layers and what is advised", () => {
    const run = nnInit(["lab", ...small, "--scheme", "glorotUniform"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const text of [
      "glorotUniform: VANISHING. It vanishes",
      "variance of gradients, log10",
      "┼",
      "chi_1 0.5 (ordered)",
      "Advised: heNormal",
      "With it: STABLE",
    ]) {
      expect(run.stdout).toContain(text);
    }
    expect(nnInit(["lab", ...small]).stdout).toContain("heNormal: STABLE");
    expect(nnInit(["lab", ...small, "--scheme", "glorotUniform", "--no-recommendation"]).stdout).not.toContain(
      "Advised",
    );
  });

  test("--json is what the library says", () => {
    const json = JSON.parse(
      nnInit([
        "lab",
        ...small,
        "--scheme",
        '{"scheme":"normal","std":0.1}',
        "--activation",
        "tanh",
        "--residual",
        "--norm",
        "rms",
        "--json",
      ]).stdout,
    );
    const own = lab({
      depth: 10,
      width: 32,
      samples: 16,
      scheme: { scheme: "normal", std: 0.1 },
      activation: "tanh",
      residual: true,
      normalization: "rms",
    });
    expect(json).toEqual(JSON.parse(JSON.stringify(own)));
    expect(Object.keys(json.verdict)).toEqual(["kind", "factorPerLayer", "sentence"]);
  });

  test("--html writes a page that stands alone", () => {
    const page = join(work, "lab.html");
    const args = ["lab", ...small, "--activation", "tanh", "--scheme", "lecunNormal", "--html", page];
    expect(nnInit(args)).toMatchObject({ status: 0, stderr: "" });
    const html = readFileSync(page, "utf8");
    expect(html.match(/<svg/g)?.length).toBe(8);
    expect(html).toContain("lecunNormal: <span");
    expect(html).toContain("Order and chaos of tanh");
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(html).toContain("prefers-color-scheme: dark");
    expect(nnInit(args).stderr).toContain("exists; --force replaces it");
    writeFileSync(page, "");
    expect(nnInit([...args, "--force"]).status).toBe(0);
    // Nothing to plot is no error: all is 0.
    expect(nnInit(["lab", ...small, "--scheme", "zeros", "--html", page, "--force"]).status).toBe(0);
  });

  test.each<[string, string[], RegExp]>([
    ["an unknown activation", ["--activation", "reelu"], /perhaps "relu"/],
    ["an unknown scheme", ["--scheme", "hee"], /scheme: expected one of/],
    ["a scheme that is no JSON", ["--scheme", "{x"], /--scheme/],
    ["no depth", ["--depth", "0"], /--depth.*from 1/],
    ["a fractional width", ["--width", "1.5"], /--width/],
    ["a word", ["--branch-scale", "x"], /--branch-scale.*number/],
    ["an unknown norm", ["--norm", "batch"], /--norm/],
  ])("%s: usage, exit code 2", (_, args, message) => {
    const run = nnInit(["lab", ...args]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(message);
  });

  test("odd samples, too large a network: exit code 1", () => {
    for (const args of [
      ["--samples", "3"],
      ["--depth", "100000", "--width", "10000"],
    ]) {
      const run = nnInit(["lab", ...args]);
      expect(run).toMatchObject({ status: 1, stdout: "" });
      expect(run.stderr).toMatch(/^nn-init: /);
      expect(run.stderr).not.toMatch(/\n\s+at /);
    }
  });
});
