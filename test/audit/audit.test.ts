/** Audits: what is counted, what is expected, what is found, and what is not. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cdf, expectationOf } from "../../src/audit/expectation.js";
import { decodePattern, scaleOf } from "../../src/audit/pattern.js";
import { statisticsOf } from "../../src/audit/report.js";
import { JOB_BYTES } from "../../src/audit/scan.js";
import { byRecord } from "../../src/audit/subject.js";
import { jobsOf, summarize } from "../../src/audit/summary.js";
import type { FileType } from "../../src/checkpoint/safetensors.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { fill, init, type Scheme, scheme } from "../../src/index.js";
import { modelOf } from "../../src/model.js";
import { meanOf, type Random, stdOf, subGaussianOf, supportOf } from "../../src/moments.js";
import { CLI, folder, nnInit } from "../model/cli.js";
import { FAULTS } from "./faults.js";
import { auditOf, drawn, failures, file, here, type Tensor, TINY } from "./files.js";

const work = folder();
const path = join(work, "x.safetensors");

describe("patterns", () => {
  // From the formats' papers: OCP 8-bit floating point specification 1.0, tables 1 and 2; OCP microscaling formats 1.0,
  // tables 3 to 5.
  test.each<[FileType, number, number]>([
    ["F8_E4M3", 0x7e, 448],
    ["F8_E4M3", 0x08, 2 ** -6],
    ["F8_E4M3", 0x07, 0.875 * 2 ** -6],
    ["F8_E4M3", 0x01, 2 ** -9],
    ["F8_E4M3", 0xfe, -448],
    ["F8_E4M3", 0x7f, Number.NaN],
    ["F8_E5M2", 0x7b, 57344],
    ["F8_E5M2", 0x04, 2 ** -14],
    ["F8_E5M2", 0x01, 2 ** -16],
    ["F8_E5M2", 0x7c, Number.POSITIVE_INFINITY],
    ["F8_E5M2", 0xfc, Number.NEGATIVE_INFINITY],
    ["F8_E5M2", 0x7d, Number.NaN],
    ["F8_E4M3FNUZ", 0x7f, 240],
    ["F8_E4M3FNUZ", 0x80, Number.NaN],
    ["F8_E5M2FNUZ", 0x7f, 57344],
    ["F8_E8M0", 127, 1],
    ["F8_E8M0", 255, Number.NaN],
    ["F6_E2M3", 0x1f, 7.5],
    ["F6_E2M3", 0x01, 0.125],
    ["F6_E3M2", 0x1f, 28],
    ["F6_E3M2", 0x01, 0.0625],
    ["F4", 7, 6],
    ["F4", 1, 0.5],
    ["F4", 15, -6],
    ["F16", 0x7bff, 65504],
    ["F16", 0x7c00, Number.POSITIVE_INFINITY],
    ["F16", 0x7c01, Number.NaN],
    ["BF16", 0x3f80, 1],
    ["BF16", 0xff80, Number.NEGATIVE_INFINITY],
    ["I8", 0xff, -1],
    ["I16", 0x8000, -32768],
    ["U16", 0xffff, 65535],
    ["BOOL", 1, 1],
  ])("%s %i is %d", (type, pattern, value) => expect(decodePattern(pattern, type)).toBe(value));

  test.each<FileType>(["F32", "F64", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F4", "I8"])("%s in order", (type) => {
    const { low, high, exact } = scaleOf(type);
    for (let i = 1; i < low.length; ++i) {
      expect(low[i] as number).toBeGreaterThanOrEqual(low[i - 1] as number);
      if (!exact) expect(low[i] === 0 ? 0 : low[i]).toBe((high[i - 1] as number) + 0);
    }
  });
});

describe("what is expected", () => {
  const laws: Random[] = [
    { kind: "normal", mean: 0, std: 0.02 },
    { kind: "normal", mean: 3, std: 0.5 },
    { kind: "uniform", low: -1, high: 2 },
    { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 },
    { kind: "truncated", mean: 1, std: 2, low: -1, high: Number.POSITIVE_INFINITY },
    { kind: "truncated", mean: 0, std: 1, low: 3, high: 4 },
    { kind: "truncated", mean: 0, std: 1, low: -9, high: -8 },
    { kind: "truncated", mean: 0, std: 1, low: -1, high: 0 },
  ];

  test.each(laws)("moments are the integrals of the distribution: %o", (law) => {
    const below = cdf(law);
    const [mean, std, ends, proxy] = [meanOf(law), stdOf(law), supportOf(law), subGaussianOf(law)];
    const [a, b] = [Math.max(ends[0], mean - 12 * proxy), Math.min(ends[1], mean + 12 * proxy)];
    const steps = 200_000;
    let [first, second, mass] = [0, 0, 0];
    for (let i = 0; i < steps; ++i) {
      const [x, y] = [a + ((b - a) * i) / steps, a + ((b - a) * (i + 1)) / steps];
      const p = below(y) - below(x);
      mass += p;
      first += p * ((x + y) / 2);
      second += p * ((x + y) / 2) ** 2;
    }
    expect(mass).toBeCloseTo(1, 9);
    expect(first).toBeCloseTo(mean, 6);
    expect(Math.sqrt(second - first * first)).toBeCloseTo(std, 5);
  });

  test("a narrow cut keeps its digits: it is nearly uniform", () => {
    const narrow: Random = { kind: "truncated", mean: 0, std: 1, low: 1, high: 1 + 1e-6 };
    const [mean, std] = [meanOf(narrow), stdOf(narrow)];
    expect((std * Math.sqrt(12)) / 1e-6).toBeCloseTo(1, 8);
    expect((mean - 1) / 1e-6).toBeCloseTo(0.5, 5);
  });

  test("rounded laws: moments, zeros and different values of bf16", () => {
    const { mean, variance, zero, distinct } = expectationOf({ kind: "normal", mean: 0, std: 0.02 }, "BF16");
    expect(Math.abs(mean)).toBeLessThan(1e-15);
    expect(variance / 0.0004).toBeCloseTo(1, 5);
    expect(zero).toBeLessThan(1e-30);
    const values = init([2 ** 18], { scheme: "normal", std: 0.02 }, { seed: 1, name: "w", dtype: "bf16" });
    expect(new Set(values).size / distinct(2 ** 18)).toBeCloseTo(1, 1);
    // In f16 a narrow law has values of 0: all below 2^-25.
    expect(expectationOf({ kind: "uniform", low: -(2 ** -23), high: 2 ** -23 }, "F16").zero).toBeCloseTo(0.25, 9);
  });
});

/** What the scan makes of one tensor. */
async function observed(type: string, values: Tensor["values"], shape: readonly number[] = [values.length]) {
  writeFileSync(path, file([["w", { dtype: type, shape, values }]]));
  const [stored] = readCheckpoint(path).tensors;
  const subject = { stored: stored as NonNullable<typeof stored>, distribution: undefined };
  const scanned = await Promise.all(jobsOf(subject).map((job) => here.scan(job)));
  return statisticsOf(summarize(subject, scanned).summaries, type as FileType);
}

describe("what is counted", () => {
  const floats = init([1001], { scheme: "normal", mean: 0.5, std: 2 }, { seed: 1, name: "w" });

  test.each([0, 1, 2, 3, 1000, 1001])("%i floats, against a plain loop", async (n) => {
    const values = floats.subarray(0, n);
    const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, n);
    const moment = (k: number) => values.reduce((sum, x) => sum + (x - mean) ** k, 0) / Math.max(1, n);
    for (const [type, given] of [
      ["F32", values],
      ["F64", Float64Array.from(values)],
    ] as const) {
      const counted = await observed(type, given);
      expect(counted.mean).toBeCloseTo(mean, 12);
      expect(counted.std).toBeCloseTo(n < 2 ? 0 : Math.sqrt(moment(2)), 10);
      expect(counted.min).toBe(n === 0 ? 0 : Math.min(...values));
      expect(counted.max).toBe(n === 0 ? 0 : Math.max(...values));
      if (n > 3)
        expect((counted.kurtosis as number) / (moment(4) / moment(2) ** 2)).toBeCloseTo(1, type === "F32" ? 4 : 2);
      expect(counted).toMatchObject({ zeros: 0, nonFinite: 0, among: n, distinct: new Set(values).size });
    }
  });

  test("zeros, subnormals, NaN and infinities of f32 and f64", async () => {
    for (const kind of [Float32Array, Float64Array]) {
      const values = new kind(40_000).fill(1e-3);
      values.set([0, -0, 1e-45, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -7, 9], 20_000);
      const counted = await observed(kind === Float32Array ? "F32" : "F64", values);
      expect(counted).toMatchObject({ zeros: kind === Float32Array ? 2 : 2, nonFinite: 3, min: -7, max: 9 });
      expect(counted.mean).toBeCloseTo((39_992 * 1e-3 + 2) / 39_997, 9);
    }
  });

  test.each<[FileType, Tensor["values"], object]>([
    [
      "F16",
      Uint16Array.of(0x3c00, 0xbc00, 0x7c01, 0),
      { mean: 0, nonFinite: 1, zeros: 1, min: -1, max: 1, distinct: 3 },
    ],
    ["F8_E4M3", Uint8Array.of(0x38, 0xb8, 0x7f, 0, 0x80), { mean: 0, nonFinite: 1, zeros: 2, max: 1, distinct: 3 }],
    ["U8", Uint8Array.of(1, 2, 3), { mean: 2, min: 1, max: 3, distinct: 3 }],
    ["I8", Uint8Array.of(0xff, 1), { mean: 0, min: -1, max: 1 }],
    ["BOOL", Uint8Array.of(0, 1, 1, 1), { mean: 0.75, zeros: 1 }],
    ["I64", BigInt64Array.of(-5n, 5n, 0n), { mean: 0, min: -5, max: 5, zeros: 1, distinct: 3, kurtosis: null }],
  ])("%s", async (type, values, expected) => expect(await observed(type, values)).toMatchObject(expected));

  test("values of four and of six bits", async () => {
    const fours = await observed("F4", Uint8Array.of(0x21, 0x43, 0x0f), [6]); // 0.5 1 1.5 2 -6 0
    expect(fours).toMatchObject({ min: -6, max: 2, zeros: 1, distinct: 6, among: 6 });
    // 0x1f, 0x01, 0, 0x3f: 7.5, 0.125, 0, -7.5
    const word = 0x1f | (0x01 << 6) | (0x3f << 18);
    const sixes = await observed("F6_E2M3", Uint8Array.of(word & 255, (word >> 8) & 255, word >> 16), [4]);
    expect(sixes).toMatchObject({ min: -7.5, max: 7.5, zeros: 1, distinct: 4 });
    expect(sixes.mean).toBeCloseTo(0.125 / 4, 12);
  });

  test("complex numbers are their parts", async () => {
    const counted = await observed("C64", Float32Array.of(1, 2, 3, 4), [2]);
    expect(counted).toMatchObject({ mean: 2.5, min: 1, max: 4, among: 4 });
  });
});

/** A file of one tensor, with its record. */
function recorded(
  given: Scheme,
  shape: readonly number[],
  dtype: "f32" | "f64" | "f16" | "bf16",
  seed: number,
): Buffer {
  const values = init(shape, given, { seed, name: "w", dtype });
  return file([["w", { dtype: dtype.toUpperCase(), shape, values }]], {
    "nn-init.stream": "1",
    "nn-init.seed": String(seed),
    "nn-init.schemes": JSON.stringify({ w: given }),
  });
}

const byOwn = (path: string) => byRecord(readCheckpoint(path));

describe("every scheme passes its own audit, in every type", () => {
  const schemes: [object, number[]][] = [
    [{ scheme: "zeros" }, [10]],
    [{ scheme: "constant", value: 0.1 }, [10]],
    [{ scheme: "uniform", low: -1, high: 1 }, [5000]],
    [{ scheme: "uniform", low: 100, high: 101 }, [5000]],
    [{ scheme: "normal", mean: 10, std: 0.5 }, [5000]],
    [{ scheme: "truncatedNormal", std: 1 }, [5000]],
    [{ scheme: "truncatedNormal", std: 0.02, low: -2, high: 2, bounds: "absolute" }, [5000]],
    [{ scheme: "truncatedNormal", std: 1, low: 2, high: 6 }, [5000]],
    [{ scheme: "heNormal" }, [80, 50]],
    [{ scheme: "xavierUniform" }, [7, 3]],
    [{ scheme: "orthogonal", gain: 2 }, [40, 60]],
    [{ scheme: "deltaOrthogonal" }, [3, 3, 8, 16]],
    [{ scheme: "identity", gain: 0.5 }, [9, 7]],
    [{ scheme: "dirac" }, [8, 4, 3]],
    [{ scheme: "sparse", sparsity: 0.3 }, [100, 30]],
    [{ scheme: "hadamard" }, [40, 20]],
    [{ scheme: "split", axis: 1, parts: [64, 32], of: [{ scheme: "heNormal" }, { scheme: "zeros" }] }, [100, 96]],
    [{ scheme: "split", axis: 0, parts: 3, of: { scheme: "orthogonal" } }, [96, 32]],
    [{ scheme: "normal", std: 1 }, [1]],
    [{ scheme: "normal", std: 1 }, [0]],
  ];
  test.each(schemes)("%o of %o", async (json, shape) => {
    for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
      for (const seed of [1, 2, 3, 4, 5]) {
        const reports = await auditOf(path, recorded(scheme(json), shape, dtype, seed), byOwn);
        expect(failures(reports), `${dtype}, seed ${seed}`).toEqual({});
        expect(reports[0]?.verdict).toBe("ok");
      }
    }
  });
});

describe("faults", () => {
  test.each(FAULTS)("$name", async ({ where, make }) => {
    for (const seed of [1, 2, 3]) {
      const tensors = drawn(TINY, seed);
      make(tensors, seed);
      expect(Object.keys(failures(await auditOf(path, file(tensors), modelOf(TINY))))).toContain(where);
    }
  });

  const normal: Scheme = { scheme: "normal", std: 1 };
  test.each<[string, Scheme, (x: number, i: number) => number, string]>([
    ["a constant of which one value is off", { scheme: "ones" }, (x, i) => (i === 7 ? 1.0000001 : x), "constant"],
    ["a mean that is off", normal, (x) => x + 0.1, "mean"],
    ["one value far out", normal, (x, i) => (i === 3 ? 9 : x), "range"],
    ["one value beyond the end", { scheme: "uniform", low: -1, high: 1 }, (x, i) => (i === 3 ? 1.01 : x), "range"],
    ["cut tails", normal, (x) => Math.max(-2, Math.min(2, x)), "tails"],
    ["one sign", normal, (x) => Math.abs(x), "shape"],
    ["a percent of zeros", normal, (x, i) => (i % 100 === 0 ? 0 : x), "zeros"],
    ["values that are coarse", normal, (x) => Math.round(x * 100) / 100, "distinct"],
    ["a matrix that is not orthogonal", { scheme: "orthogonal" }, (x) => 1.1 * x, "sum of squares"],
    ["an identity with a hole", { scheme: "identity" }, (x, i) => (i === 0 ? 0 : x), "values that are not 0"],
  ])("%s", async (_, given, make, check) => {
    const values = init([100, 100], given, { seed: 1, name: "w" }).map(make);
    const metadata = { "nn-init.schemes": JSON.stringify({ w: given }) };
    const reports = await auditOf(path, file([["w", { dtype: "F32", shape: [100, 100], values }]], metadata), byOwn);
    expect(failures(reports).w).toContain(check);
  });

  test("one draw, scaled: different std, shape and type", async () => {
    const a = init([64, 64], { scheme: "normal", std: 1 }, { seed: 1, name: "a" });
    const b = a.slice(0, 2048).map((x) => 0.5 * x);
    const schemes = { a: { scheme: "normal", std: 1 }, b: { scheme: "normal", std: 0.5 } };
    const tensors: [string, Tensor][] = [
      ["a", { dtype: "F32", shape: [64, 64], values: a }],
      ["b", { dtype: "F64", shape: [2048], values: Float64Array.from(b) }],
    ];
    const reports = await auditOf(path, file(tensors, { "nn-init.schemes": JSON.stringify(schemes) }), byOwn);
    expect(failures(reports)).toEqual({ b: ["seed"] });
  });

  test("neurons that are alike: only the spectrum shows it", async () => {
    const given: Scheme = { scheme: "normal", std: 1 };
    const values = init([256, 256], given, { seed: 1, name: "w" });
    for (let row = 32; row < 256; ++row) values.copyWithin(row * 256, (row % 32) * 256, ((row % 32) + 1) * 256);
    const bytes = file([["w", { dtype: "F32", shape: [256, 256], values }]], {
      "nn-init.schemes": JSON.stringify({ w: given }),
    });
    const [report] = await auditOf(path, bytes, byOwn, { spectral: true });
    expect(report?.failures.map(({ check }) => check)).toContain("spectrum");
  });

  test("the spectrum of correct matrices", async () => {
    for (const given of ["normal", "uniform", "orthogonal"] as const) {
      const made: Scheme =
        given === "normal"
          ? { scheme: given, std: 2 }
          : given === "uniform"
            ? { scheme: given, low: -1, high: 1 }
            : { scheme: given, gain: 3 };
      for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
        const [report] = await auditOf(path, recorded(made, [60, 200], dtype, 1), byOwn, { spectral: true });
        expect(report?.failures).toEqual([]);
        const ratio = (report?.spectral?.measured ?? 0) / (report?.spectral?.expected ?? 0);
        expect(ratio).toBeGreaterThan(0.88);
        expect(ratio).toBeLessThan(1.03);
      }
    }
  });

  test("without expectations: NaN, constant matrices and equal tensors, and no more", async () => {
    const unknown = (path: string) => ({
      tensors: readCheckpoint(path).tensors.map((stored) => ({ stored, distribution: undefined })),
      missing: [],
    });
    const tensors = drawn(TINY, 1);
    expect(failures(await auditOf(path, file(tensors), unknown))).toEqual({});
    for (const { make } of FAULTS.slice(3)) make(tensors, 1);
    expect(Object.keys(failures(await auditOf(path, file(tensors), unknown)))).toHaveLength(2);
  });
});

test("tensors of several runs, cut anywhere, give the same digits", async () => {
  const count = JOB_BYTES / 4 + 12345;
  const values = new Float32Array(count);
  fill(values, [count], { scheme: "normal", std: 1 }, { seed: 1, name: "w" });
  values[count - 1] = 0;
  const counted = await observed("F32", values);
  expect(counted).toMatchObject({ zeros: 1, nonFinite: 0 });
  expect(counted.std).toBeCloseTo(1, 3);
  expect(counted.kurtosis).toBeCloseTo(3, 1);
  writeFileSync(path, file([["w", { dtype: "F32", shape: [count], values }]]));
  const [one, two] = ["1", "2"].map((threads) => {
    const { tensors } = JSON.parse(nnInit(["audit", path, "--json", "--threads", threads]).stdout);
    return tensors;
  });
  expect(one).toEqual(two);
});

describe("the command", () => {
  const here = join(work, "gpt2");
  mkdirSync(here);
  const config = join(here, "config.json");
  writeFileSync(config, JSON.stringify(TINY));
  const stored = join(here, "model.safetensors");
  const written = nnInit(["init", config, "--seed", "1", "--out", stored]);
  const faulty = join(here, "faulty.safetensors");
  const tensors = drawn(TINY, 1);
  FAULTS[0]?.make(tensors, 1);
  writeFileSync(faulty, file(tensors));

  test("passes what init wrote, by its record, its config, a plan, and its folder", () => {
    expect(written.status).toBe(0);
    const plan = join(here, "plan.json");
    writeFileSync(plan, nnInit(["plan", config, "--print"]).stdout);
    for (const args of [[stored], [here], [stored, "--config", config], [stored, "--config", config, "--plan", plan]]) {
      const run = nnInit(["audit", ...args]);
      expect(run, args.join(" ")).toMatchObject({ status: 0, stderr: "" });
      expect(run.stdout).toContain("0 failed, 0 of no known law");
      expect(run.stdout).toContain("at most 1 of 10,000 correct files fails");
    }
  });

  test("fails what is not as it should be: exit code, table, JSON, page", () => {
    const page = join(work, "page.html");
    const run = nnInit(["audit", faulty, "--html", page]);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(
      /FAIL transformer\.h\.0\.mlp\.c_proj\.weight: std 0\.0\d+, (1\.9\d*|2\.0\d*|2) times the expected 0\.01/,
    );
    expect(run.stdout).toContain("expectations from the config beside it");
    const html = readFileSync(page, "utf8");
    expect(html.match(/<svg/g)?.length).toBe(10);
    expect(html).toContain("times the expected 0.01");
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/); // stands alone
    const again = nnInit(["audit", faulty, "--html", page]);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("exists; --force replaces it");
    const json = JSON.parse(nnInit(["audit", faulty, "--json"]).stdout);
    expect(json).toMatchObject({ verdict: "fail", falseAlarms: 1e-4, missing: [] });
    expect(json.tensors[0]).toMatchObject({ name: "transformer.h.0.mlp.c_proj.weight", verdict: "fail", rule: 2 });
    expect(json.tensors[0].failures[0].excess).toBeGreaterThan(1);
  });

  test("--reproduce: the same bits, or the first that is not", () => {
    expect(nnInit(["audit", stored, "--reproduce"]).status).toBe(0);
    const bytes = readFileSync(stored);
    bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] as number) ^ 1; // in the last tensor, element 6400 - 250
    const flipped = join(work, "flipped.safetensors");
    writeFileSync(flipped, bytes);
    expect(nnInit(["audit", flipped]).status).toBe(0); // no statistic sees one bit
    const run = nnInit(["audit", flipped, "--reproduce"]);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain(
      "FAIL transformer.wte.weight: differs from what its record draws, first at element 6150",
    );
    const none = nnInit(["audit", faulty, "--reproduce"]);
    expect(none).toMatchObject({ status: 1, stdout: "" });
    expect(none.stderr).toContain("its metadata do not say how it was drawn");
  });

  test("--reproduce of every scheme and type, whole numbers too", () => {
    const list = join(work, "all.json");
    const out = join(work, "all.safetensors");
    writeFileSync(
      list,
      JSON.stringify([
        { name: "o", shape: [30, 20], scheme: "orthogonal" },
        { name: "q", shape: [30, 20], scheme: "split", axis: 0, parts: 3, of: { scheme: "heNormal" }, dtype: "bf16" },
        { name: "big", shape: [3_000_000], scheme: "uniform", low: -1, high: 1, dtype: "f64" },
        { name: "constructor", shape: [3], scheme: "ones", dtype: "f16" },
      ]),
    );
    expect(nnInit(["init", list, "--seed", "1", "--out", out])).toMatchObject({ status: 0, stderr: "" });
    expect(nnInit(["audit", out, "--reproduce"])).toMatchObject({ status: 0, stderr: "" });
  });

  test("a tensor that the config has and the file has not", () => {
    const fewer = drawn(TINY, 1);
    fewer.delete("transformer.ln_f.bias");
    writeFileSync(faulty, file(fewer));
    const run = nnInit(["audit", faulty]);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("FAIL transformer.ln_f.bias: it is not in the file");
    writeFileSync(faulty, file(tensors));
  });

  test("a file that is cut off, a config, a plan that does not fit", () => {
    const cut = join(work, "cut.safetensors");
    writeFileSync(cut, readFileSync(stored).subarray(0, -1));
    const run = nnInit(["audit", cut]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(/^nn-init: .*cut\.safetensors: the file is cut off.*"transformer\.wte\.weight"\n$/);
    expect(nnInit(["audit", config]).stderr).toContain("expected a .safetensors file");
    const plan = join(work, "bad.json");
    writeFileSync(
      plan,
      JSON.stringify({
        rules: [
          { match: "*.c_porj.weight", scheme: "zeros" },
          { match: "*", scheme: "zeros" },
        ],
      }),
    );
    expect(nnInit(["audit", stored, "--plan", plan]).stderr).toMatch(/bad\.json: rules\[0\].*c_proj\.weight/);
  });

  test("names cannot move the cursor", () => {
    const evil = join(work, "evil.safetensors");
    const values = new Float32Array([Number.NaN]);
    writeFileSync(evil, file([["\u001b[2J\u202e<b>&", { dtype: "F32", shape: [1], values }]]));
    const page = join(work, "evil.html");
    const run = nnInit(["audit", evil, "--html", page]);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("\\u001b[2J\\u202e<b>&");
    expect(run.stdout).not.toContain("\u001b");
    expect(readFileSync(page, "utf8")).toContain("\\u001b[2J\\u202e&#60;b&#62;&#38;");
  });

  test("a pipe that closes early ends it quietly", () => {
    const run = spawnSync("sh", ["-c", `"$0" "$1" audit "$2" | head -1 >/dev/null`, process.execPath, CLI, stored], {
      encoding: "utf8",
    });
    expect(run.stderr).not.toMatch(/EPIPE|at /);
    expect(existsSync(stored)).toBe(true);
  });
});
