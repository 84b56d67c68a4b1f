/**
 * Which scales lose a subnormal number where a thread takes them for 0, found by extreme words: the kernels and the twins draw, then
 * this thread loses such numbers, and they draw again. Each changed draw must have been expected. Needs gcc and an x64 processor.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { canBeSubnormal, checkSubnormal } from "../../src/engine/subnormal.js";
import { extremePairs, SETS } from "../kernels.js";

const LOSE = `
#include <xmmintrin.h>
__attribute__((constructor)) static void lose(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
`;

const DISTRIBUTIONS: Readonly<Record<string, (s: number) => Independent>> = {
  normal: (s) => ({ kind: "normal", mean: 0, std: s }),
  "normal, equal mean": (s) => ({ kind: "normal", mean: s, std: s }),
  "normal, mean 7": (s) => ({ kind: "normal", mean: 7 * s, std: s }),
  "normal, mean 1e-3": (s) => ({ kind: "normal", mean: s * 1e-3, std: s }),
  "normal, mean 1e-9": (s) => ({ kind: "normal", mean: s * 1e-9, std: s }),
  "uniform, around 0": (s) => ({ kind: "uniform", low: -s, high: s }),
  "uniform, nearly around 0": (s) => ({ kind: "uniform", low: -s * (1 + 2 ** -20), high: s }),
  "uniform, uneven": (s) => ({ kind: "uniform", low: -s, high: 2 * s }),
  "uniform, above 0": (s) => ({ kind: "uniform", low: s, high: 2 * s }),
  "uniform, from 0": (s) => ({ kind: "uniform", low: 0, high: s }),
  "truncated, 1e-15": (s) => ({ kind: "truncated", mean: 0, std: s * 1e15, low: -1e-15, high: 1e-15 }),
  "truncated, 1e-8": (s) => ({ kind: "truncated", mean: 0, std: s * 1e8, low: -1e-8, high: 1e-8 }),
  "truncated, 1": (s) => ({ kind: "truncated", mean: 0, std: s, low: -1, high: 1 }),
  "truncated, 2": (s) => ({ kind: "truncated", mean: 0, std: s, low: -2, high: 2 }),
  "truncated, 30": (s) => ({ kind: "truncated", mean: 0, std: s, low: -30, high: 30 }),
  "truncated, uneven": (s) => ({ kind: "truncated", mean: 0, std: s, low: -6, high: 30 }),
  "truncated, above 0": (s) => ({ kind: "truncated", mean: 0, std: s, low: 0, high: 2 }),
  "truncated, far": (s) => ({ kind: "truncated", mean: 0, std: s, low: 8, high: 9 }),
  "truncated, mean 1": (s) => ({ kind: "truncated", mean: s, std: s, low: -3, high: 1.5 }),
};

/** Scales, five in each binade, from subnormal ones to some that lose nothing. */
const SCALES = { f32: scales(-140, -10), f64: scales(-1065, -780) };

function scales(from: number, to: number): number[] {
  const exponents = Array.from({ length: to - from }, (_, i) => from + i);
  return exponents.flatMap((e) => [1, 1.2, 1.4, 1.6, 1.8].map((m) => 2 ** e * m));
}

const words = extremePairs();

const draws = (["f32", "f64"] as const).flatMap((dtype) =>
  SETS.flatMap((set) =>
    Object.entries(DISTRIBUTIONS).flatMap(([name, make]) =>
      SCALES[dtype].map((scale) => {
        const distribution = make(scale);
        const draw = () => set.map(distribution, words, undefined, dtype);
        return { name: `${dtype} ${name}`, scale, distribution, dtype, draw, before: draw() };
      }),
    ),
  ),
);

test.skipIf(process.arch !== "x64" || spawnSync("gcc", ["--version"]).status !== 0)(
  "every draw that loses a subnormal number was expected to, and around 0 few others",
  () => {
    const expected = new Set(draws.filter(({ distribution, dtype }) => canBeSubnormal(distribution, dtype)));
    const folder = mkdtempSync(join(tmpdir(), "flush-"));
    writeFileSync(join(folder, "lose.c"), LOSE);
    execFileSync("gcc", ["-shared", "-fPIC", "-o", "lose.so", "lose.c"], { cwd: folder });
    expect(() => process.dlopen({ exports: {} }, join(folder, "lose.so"))).toThrow(); // it registers no module, but was loaded
    expect(() => checkSubnormal({ kind: "constant", value: 1e-40 }, "f32")).toThrow(/subnormal/);
    const changed = draws.filter(({ draw, before }) => draw().some((word, i) => word !== before[i]));
    expect(changed.filter((one) => !expected.has(one)).map(({ name, scale }) => `${name} ${scale}`)).toEqual([]);
    const largest = (name: string, of: Iterable<(typeof draws)[number]>) =>
      Math.max(...[...of].filter((one) => one.name === name).map(({ scale }) => scale));
    for (const dtype of ["f32", "f64"]) {
      expect(largest(`${dtype} normal`, expected) / largest(`${dtype} normal`, changed)).toBeLessThan(3);
    }
    expect(new Set(changed.map(({ name }) => name)).size).toBeGreaterThan(30);
  },
);
