/** Norms of rows and columns: orthogonal matrices are found out, independent values are not. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { addSquares, linesOf } from "../../src/audit/lines.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { type DType, init, normal, orthogonal, type Scheme, truncatedNormal } from "../../src/index.js";
import type { Random } from "../../src/moments.js";
import { folder } from "../cli/command.js";
import { auditOf, failures, file } from "./files.js";

const path = join(folder(), "x.safetensors");
const NORMAL: Random = { kind: "normal", mean: 0, std: 1 };

test.each([[[8, 5]], [[5, 8]], [[6, 6]], [[3, 3, 20, 30]]])("sums of squares of %j, in any pieces", (shape) => {
  const values = init(shape, normal({ std: 1 }), { seed: 1, name: "w" });
  for (const lines of linesOf(shape, "F32", NORMAL)) {
    const expected = new Float64Array(lines.count);
    values.forEach((x, i) => {
      const line = lines.by === "rows" ? Math.floor(i / lines.stride) : i % lines.stride;
      if (line < lines.count) expected[line] = (expected[line] as number) + x * x;
    });
    for (const size of [1, 7, values.length]) {
      const sums = new Float64Array(lines.count);
      for (let at = 0; at < values.length; at += size) {
        const piece = new Uint8Array(values.slice(at, at + size).buffer);
        addSquares(piece, "F32", at, lines, sums);
      }
      sums.forEach((sum, i) => {
        expect(sum).toBeCloseTo(expected[i] as number, 12);
      });
    }
  }
});

/** An audit of one tensor as if it had been drawn from a distribution. */
const auditAs = (
  shape: number[],
  given: Scheme,
  distribution: Random,
  dtype: DType,
  seed: number,
  spectral = false,
) => {
  const values = init(shape, given, { seed, name: "w", dtype });
  const expected = (path: string) => ({
    tensors: readCheckpoint(path).tensors.map((stored) => ({ stored, distribution })),
    missing: [],
  });
  return auditOf(path, file([["w", { dtype: dtype.toUpperCase(), shape, values }]]), expected, { spectral });
};

// A column of an orthogonal n x k matrix has norm 1, so its values have a mean square of 1/n, and look normal.
test("an orthogonal matrix read as normal(1/sqrt n) fails, in every type and shape", async () => {
  const shapes: [number[], number, Scheme][] = [
    [[64, 64], 64, orthogonal()],
    [[16, 100], 100, orthogonal()],
    [[300, 20], 300, orthogonal()],
    [[3, 3, 16, 32], 144, orthogonal()],
    [[32, 16, 3, 3], 144, orthogonal({ layout: "oi" })],
  ];
  for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
    for (const [shape, n, given] of shapes) {
      const reports = await auditAs(shape, given, { kind: "normal", mean: 0, std: 1 / Math.sqrt(n) }, dtype, 1);
      expect(failures(reports).w, `${dtype} ${shape}`).toEqual(["norms"]);
    }
  }
});

test("normal and truncated values pass", async () => {
  const truncated: Random = { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 };
  for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
    for (const shape of [
      [2, 3],
      [3, 2],
      [64, 64],
      [2, 5000],
      [3, 3, 4, 5],
    ]) {
      for (const seed of [1, 2, 3]) {
        expect(failures(await auditAs(shape, normal({ std: 1 }), NORMAL, dtype, seed))).toEqual({});
        expect(failures(await auditAs(shape, truncatedNormal({ std: 1 }), truncated, dtype, seed))).toEqual({});
      }
    }
  }
});

test("values so small that f16 rounds most of them to 0 pass: then all norms are alike", async () => {
  const std = 2 ** -27;
  const reports = await auditAs([8, 64], normal({ std }), { kind: "normal", mean: 0, std }, "f16", 1);
  expect(failures(reports).w ?? []).not.toContain("norms");
});
