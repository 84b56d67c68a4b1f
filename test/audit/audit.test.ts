/** Audits: what is counted, what is expected, and which faults are found. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cdf, expectationOf } from "../../src/audit/expectation.js";
import { decodePattern, scaleOf } from "../../src/audit/pattern.js";
import { statisticsOf } from "../../src/audit/report.js";
import { PIECE_BYTES } from "../../src/audit/scan.js";
import { byRecord } from "../../src/audit/subject.js";
import { storedPieces, summarize } from "../../src/audit/summary.js";
import type { FileType } from "../../src/checkpoint/safetensors.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { fill, init, type Scheme, scheme } from "../../src/index.js";
import { modelOf } from "../../src/model.js";
import { meanOf, type Random, stdOf, subGaussianOf, supportOf } from "../../src/moments.js";
import { folder, nnInit } from "../cli/command.js";
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

  test.each<FileType>(["F32", "F64", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F4", "I8"])(
    "the values of %s are in order",
    (type) => {
      const { low, high, exact } = scaleOf(type);
      const places = Array.from({ length: low.length - 1 }, (_, i) => i + 1);
      expect(places.filter((i) => !((low[i] as number) >= (low[i - 1] as number)))).toEqual([]);
      if (!exact) expect(places.filter((i) => low[i] !== high[i - 1])).toEqual([]); // without gaps; 0 equals -0
    },
  );
});

describe("what is expected", () => {
  const distributions: Random[] = [
    { kind: "normal", mean: 0, std: 0.02 },
    { kind: "normal", mean: 3, std: 0.5 },
    { kind: "uniform", low: -1, high: 2 },
    { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 },
    { kind: "truncated", mean: 1, std: 2, low: -1, high: Number.POSITIVE_INFINITY },
    { kind: "truncated", mean: 0, std: 1, low: 3, high: 4 },
    { kind: "truncated", mean: 0, std: 1, low: -9, high: -8 },
    { kind: "truncated", mean: 0, std: 1, low: -1, high: 0 },
  ];

  test.each(distributions)("moments are the integrals of the distribution: %o", (distribution) => {
    const below = cdf(distribution);
    const [mean, std] = [meanOf(distribution), stdOf(distribution)];
    const [ends, proxy] = [supportOf(distribution), subGaussianOf(distribution)];
    const [a, b] = [Math.max(ends[0], mean - 12 * proxy), Math.min(ends[1], mean + 12 * proxy)];
    const steps = 20_000;
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

  test("a narrowly truncated normal keeps its digits: it is nearly uniform", () => {
    const narrow: Random = { kind: "truncated", mean: 0, std: 1, low: 1, high: 1 + 1e-6 };
    const [mean, std] = [meanOf(narrow), stdOf(narrow)];
    expect((std * Math.sqrt(12)) / 1e-6).toBeCloseTo(1, 8);
    expect((mean - 1) / 1e-6).toBeCloseTo(0.5, 5);
  });

  test("rounded distributions: moments, zeros and different values of bf16", () => {
    const { mean, variance, zero, distinct } = expectationOf({ kind: "normal", mean: 0, std: 0.02 }, "BF16");
    expect(Math.abs(mean)).toBeLessThan(1e-15);
    expect(variance / 0.0004).toBeCloseTo(1, 5);
    expect(zero).toBeLessThan(1e-30);
    const values = init([2 ** 18], { scheme: "normal", std: 0.02 }, { seed: 1, name: "w", dtype: "bf16" });
    expect(new Set(values).size / distinct(2 ** 18)).toBeCloseTo(1, 1);
    // In f16 a narrow distribution has values of 0: all below 2^-25 in magnitude.
    expect(expectationOf({ kind: "uniform", low: -(2 ** -23), high: 2 ** -23 }, "F16").zero).toBeCloseTo(0.25, 9);
  });
});

/** What the scan makes of one tensor. */
async function observed(type: string, values: Tensor["values"], shape: readonly number[] = [values.length]) {
  writeFileSync(path, file([["w", { dtype: type, shape, values }]]));
  const [stored] = readCheckpoint(path).tensors;
  const subject = { stored: stored as NonNullable<typeof stored>, distribution: undefined };
  const scanned = await Promise.all(storedPieces(subject).map((piece) => here.scan(piece)));
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

  test("complex numbers count as their real and imaginary parts", async () => {
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
    ["a constant with one wrong value", { scheme: "ones" }, (x, i) => (i === 7 ? 1.0000001 : x), "constant"],
    ["a shifted mean", normal, (x) => x + 0.1, "mean"],
    ["one value too far from the mean", normal, (x, i) => (i === 3 ? 9 : x), "range"],
    ["one value outside the bounds", { scheme: "uniform", low: -1, high: 1 }, (x, i) => (i === 3 ? 1.01 : x), "range"],
    ["clipped tails", normal, (x) => Math.max(-2, Math.min(2, x)), "tails"],
    ["values of one sign", normal, (x) => Math.abs(x), "shape"],
    ["a percent of zeros", normal, (x, i) => (i % 100 === 0 ? 0 : x), "zeros"],
    ["coarsely rounded values", normal, (x) => Math.round(x * 100) / 100, "distinct"],
    ["a matrix that is not orthogonal", { scheme: "orthogonal" }, (x) => 1.1 * x, "sum of squares"],
    ["an identity with a hole", { scheme: "identity" }, (x, i) => (i === 0 ? 0 : x), "values that are not 0"],
  ])("%s", async (_, given, make, check) => {
    const values = init([100, 100], given, { seed: 1, name: "w" }).map(make);
    const metadata = { "nn-init.schemes": JSON.stringify({ w: given }) };
    const reports = await auditOf(path, file([["w", { dtype: "F32", shape: [100, 100], values }]], metadata), byOwn);
    expect(failures(reports).w).toContain(check);
  });

  test("one draw used twice, though std, shape and type differ", async () => {
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

  test("equal neurons, which only the spectrum shows", async () => {
    const given: Scheme = { scheme: "normal", std: 1 };
    const values = init([256, 256], given, { seed: 1, name: "w" });
    for (let row = 32; row < 256; ++row) values.copyWithin(row * 256, (row % 32) * 256, ((row % 32) + 1) * 256);
    const bytes = file([["w", { dtype: "F32", shape: [256, 256], values }]], {
      "nn-init.schemes": JSON.stringify({ w: given }),
    });
    const [report] = await auditOf(path, bytes, byOwn, { spectral: true });
    expect(report?.failures.map(({ check }) => check)).toContain("spectrum");
  });

  test("correct matrices have the largest singular value that is expected", async () => {
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
});

test("tensors of several pieces, read by one thread or by two, give the same digits", async () => {
  const count = PIECE_BYTES / 4 + 12345;
  const values = new Float32Array(count);
  fill(values, [count], { scheme: "normal", std: 1 }, { seed: 1, name: "w" });
  values[count - 1] = 0;
  const counted = await observed("F32", values);
  expect(counted).toMatchObject({ zeros: 1, nonFinite: 0 });
  expect(counted.std).toBeCloseTo(1, 3);
  expect(counted.kurtosis).toBeCloseTo(3, 1);
  writeFileSync(path, file([["w", { dtype: "F32", shape: [count], values }]]));
  const by = async (threads: string) => {
    const run = await nnInit(["audit", path, "--json", "--threads", threads]);
    return JSON.parse(run.stdout).tensors;
  };
  expect(await by("1")).toEqual(await by("2"));
});
