/**
 * Draws in which subnormal numbers come up are known beforehand, so that they can be kept from where such numbers are lost. On
 * machines and threads that do lose them: test/machines.
 */
import { describe, expect, test } from "vitest";
import { type Distribution, partsOf } from "../../src/distribution.js";
import type { DType } from "../../src/dtype.js";
import type { Kernels } from "../../src/engine/abi.js";
import { keepsSubnormals } from "../../src/engine/kernels.js";
import { canBeSubnormal, checkSubnormal } from "../../src/engine/subnormal.js";
import * as nn from "../../src/index.js";
import { extremePairs, simd, twin } from "../kernels.js";
// @ts-expect-error plain JavaScript, shared with the scripts of other machines
import { cases, draw } from "../machines/cases.mjs";

const can = (distribution: Distribution, dtype: DType) =>
  partsOf(distribution).some((part) => canBeSubnormal(part, dtype));

const diagonal = { kind: "diagonal", offset: 0, step: 3, count: 2, repeat: 0, repeats: 1, elements: 4 } as const;
const matrix = { kind: "orthogonal", rows: 2, columns: 2, offset: 0, stride: 1, elements: 4 } as const;
const between = { kind: "truncated", mean: 0, std: 100 } as const;

interface Drawn {
  readonly scheme: nn.Scheme;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly hash: string;
  readonly subnormal: boolean;
}

test("no draw has a subnormal value that was not expected, and most ordinary draws are not suspected", () => {
  const drawn: readonly Drawn[] = cases().map((one: object) => ({ ...one, ...draw(nn, one, "simd") }));
  const kept = drawn.filter(({ hash }) => !hash.startsWith("refused"));
  const suspected = kept.filter(({ shape, scheme, dtype }) => can(nn.resolve(shape, scheme), dtype));
  expect(kept.filter((one) => one.subnormal && !suspected.includes(one))).toEqual([]);
  expect(suspected.length).toBeGreaterThan(50);
  expect(suspected.length).toBeLessThan(kept.length / 2);
});

describe("extreme words make subnormal values of", () => {
  const words = extremePairs();
  const subnormal = (word: number) => (word & 0x7f800000) === 0 && word << 1 !== 0;

  test.each<[string, boolean, Parameters<typeof simd.map>[0]]>([
    ["a normal distribution of std 1e-15", false, { kind: "normal", mean: 0, std: 1e-15 }],
    ["a normal distribution of std 3e-24", false, { kind: "normal", mean: 0, std: 3e-24 }],
    ["a normal distribution of std 1.4e-24", true, { kind: "normal", mean: 0, std: 1.4e-24 }],
    ["a normal distribution of std 1e-36", true, { kind: "normal", mean: 0, std: 1e-36 }],
    ["uniform(-1e-22, 1e-22)", false, { kind: "uniform", low: -1e-22, high: 1e-22 }],
    ["a truncated normal of std 1e-22", false, { kind: "truncated", mean: 0, std: 1e-22, low: -2, high: 2 }],
    ["uniform(0, 1)", false, { kind: "uniform", low: 0, high: 1 }],
    ["uniform(0, 0.7), whose half rounds down", true, { kind: "uniform", low: 0, high: 0.7 }],
    ["uniform(-0.7, 0)", true, { kind: "uniform", low: -0.7, high: 0 }],
    ["a truncated normal above 0", false, { kind: "truncated", mean: 0, std: 1, low: 0, high: 2 }],
    ["a truncated normal of bound 0 and mean 1", true, { kind: "truncated", mean: 1, std: 0.5, low: -2, high: 2 }],
  ])("%s: %s", (_, expected, distribution) => {
    expect(canBeSubnormal(distribution, "f32")).toBe(expected);
    if (!expected) for (const set of [simd, twin]) expect(set.map(distribution, words).some(subnormal)).toBe(false);
    else if (distribution.kind !== "truncated") expect(simd.map(distribution, words).some(subnormal)).toBe(true);
    expect(canBeSubnormal(distribution, "f16")).toBe(distribution.kind === "normal" && expected);
  });
});

test.each<[string, boolean, nn.Scheme, DType]>([
  ["zeros", false, nn.zeros(), "f32"],
  ["a normal distribution of std 1e-17", false, nn.normal({ std: 1e-17 }), "f32"],
  ["a normal distribution of std 1e-17 and mean 1e-30", true, nn.normal({ mean: 1e-30, std: 1e-17 }), "f32"],
  ["a normal distribution of std 1e-270 in f64", false, nn.normal({ std: 1e-270 }), "f64"],
  ["a normal distribution of std 1e-284 in f64", true, nn.normal({ std: 1e-284 }), "f64"],
  ["a uniform distribution within 1e-280 in f64", false, nn.uniform({ low: -1e-280, high: 1e-280 }), "f64"],
  ["a sparse matrix of std 1e-20", false, nn.sparse({ sparsity: 0.5, std: 1e-20 }), "f32"],
  ["a constant of 1e-40 in f32", true, nn.constant(1e-40), "f32"],
  ["a constant of 1e-40 in f16, where it is 0", false, nn.constant(1e-40), "f16"],
  ["uniform(0, 1) in f64", false, nn.uniform({ low: 0, high: 1 }), "f64"],
  ["a truncated normal above 0 in f64", false, nn.truncatedNormal({ std: 1, low: 0 }), "f64"],
  ["a truncated normal above 0 of mean 1 in f64", true, nn.truncatedNormal({ mean: 1, std: 1, low: -1 }), "f64"],
  ["an orthogonal matrix", false, nn.orthogonal({ gain: 1e-3 }), "bf16"],
  ["an orthogonal matrix times 1e-36", true, nn.orthogonal({ gain: 1e-36 }), "bf16"],
  ["a sparse matrix of std 1e-300 in f64", true, nn.sparse({ sparsity: 0.5, std: 1e-300 }), "f64"],
  ["Hadamard's matrix", false, nn.hadamard(), "f32"],
  ["a part of 1e-40", true, nn.split({ axis: 0, parts: 2, of: [nn.zeros(), nn.constant(1e-40)] }), "f32"],
])("%s can be subnormal: %s", (_, expected, scheme, dtype) => {
  expect(can(nn.resolve([8, 4], scheme), dtype)).toBe(expected);
});

test.each<[string, boolean, Parameters<typeof canBeSubnormal>[0], DType]>([
  ["a diagonal of 1e-30", false, { ...diagonal, value: 1e-30 }, "f32"],
  ["a diagonal of 1e-40", true, { ...diagonal, value: 1e-40 }, "f32"],
  ["a diagonal of 1e-310 in f64, which is copied", false, { ...diagonal, value: 1e-310 }, "f64"],
  ["the smallest normal number", false, { kind: "constant", value: 2 ** -126 }, "f32"],
  ["uniform(1e-18, 2e-18), a sum", true, { kind: "uniform", low: 1e-18, high: 2e-18 }, "f32"],
  ["uniform(-2e-23, 2e-23)", false, { kind: "uniform", low: -2e-23, high: 2e-23 }, "f32"],
  ["uniform(-1e-23, 1e-23)", true, { kind: "uniform", low: -1e-23, high: 1e-23 }, "f32"],
  ["uniform(-0.5, 0), whose half is a float", false, { kind: "uniform", low: -0.5, high: 0 }, "f32"],
  ["an orthogonal matrix times 1e-16", true, { ...matrix, gain: 1e-16 }, "f32"],
  ["bounds that are 1e-15 apart", false, { ...between, low: -5e-16, high: 5e-16 }, "f32"],
  ["bounds that are closer", true, { ...between, low: -4e-16, high: 4e-16 }, "f32"],
])("%s: %s", (_, expected, distribution, dtype) => {
  expect(canBeSubnormal(distribution, dtype)).toBe(expected);
});

test("a thread that loses subnormal numbers refuses draws that can meet one, in any part; others refuse none", () => {
  const parts = [1, 1e-40].map((value) => ({ length: 1, distribution: { kind: "constant", value } as const }));
  const tiny: Distribution = { kind: "split", parts };
  const refused = /^dtype: expected one without subnormal numbers, which this thread takes for 0, got "f32"/;
  expect(() => checkSubnormal(tiny, "f32", true)).toThrow(refused);
  for (const call of [
    () => checkSubnormal(tiny, "f32", false),
    () => checkSubnormal(tiny, "f32"),
    () => checkSubnormal(tiny, "f64", true),
    () => checkSubnormal({ kind: "constant", value: 1 }, "f32", true),
  ])
    expect(call).not.toThrow();
});

test("a kernel that writes 0 is found out", () => {
  const blocks = { f32: new Float32Array(32), f64: new Float64Array(16) };
  const kept = { f32: 1, f64: 1 }; // what becomes of a subnormal number
  const clamp = (x: number, first: number, last: number) => Math.min(Math.max(x, first), last);
  const kernels = {
    uniform64(_address: number, _count: number, _middle: number, half: number, first: number, last: number) {
      blocks.f64[0] = clamp(half * 2 ** -53 * kept.f64, first, last);
    },
    uniform(_address: number, _count: number, _middle: number, half: number, first: number, last: number) {
      blocks.f32[4] = clamp(half * 2 ** -31 * kept.f32, first, last);
    },
  } as unknown as Kernels;
  const isKept = () => keepsSubnormals({ kernels, scratch: 0, blocks } as never);
  expect(isKept()).toBe(true);
  Object.assign(kept, { f32: 0 });
  expect(isKept()).toBe(false);
  Object.assign(kept, { f64: 0 });
  expect(isKept()).toBe(false);
  Object.assign(kept, { f32: 1 });
  expect(isKept()).toBe(false);
});
