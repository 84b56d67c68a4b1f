/** The largest singular value, against all eigenvalues of a small square. */
import { expect, test } from "vitest";
import { largestSingularValue } from "../../src/audit/spectrum.js";
import { init, normal, orthogonal } from "../../src/index.js";
import { eigenvalues } from "../../src/math/eigen.js";

/** By block Lanczos steps. @param rowsAtOnce rows that are in memory; fewer than all are read at each step. */
function measured(values: Float32Array, rows: number, columns: number, rowsAtOnce = rows): number {
  const reading = largestSingularValue({
    ...{ rows, columns, rowsAtOnce },
    // biome-ignore lint/correctness/useYield: nothing has to be waited for
    *read(first, count, to, stride) {
      for (let i = 0; i < count; ++i)
        to.set(values.subarray((first + i) * columns, (first + i + 1) * columns), i * stride);
    },
  });
  const { done, value } = reading.next();
  if (!done) throw new Error("it waits");
  return value;
}

function exact(values: Float32Array, rows: number, columns: number): number {
  const square = Array.from({ length: columns }, () => new Float64Array(columns));
  for (let i = 0; i < rows; ++i) {
    const row = values.subarray(i * columns, (i + 1) * columns);
    for (const [p, line] of square.entries()) {
      for (let q = 0; q < columns; ++q) line[q] = (line[q] as number) + (row[p] as number) * (row[q] as number);
    }
  }
  return Math.sqrt(Math.max(...eigenvalues(square)));
}

const drawn = (rows: number, columns: number, std: number, seed: number) =>
  init([rows, columns], normal({ std }), { seed, name: "w" });

const rankOne = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => (1 + (i % columns)) * (Math.floor(i / columns) - 3.5));
const withOutlier = (rows: number, columns: number) => drawn(rows, columns, 0.02, 5).map((x, i) => (i === 7 ? 9 : x));
const equalRows = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1 + (i % columns)));

test.each<[string, (rows: number, columns: number) => Float32Array]>([
  ["random", (rows, columns) => drawn(rows, columns, 0.02, 1)],
  ["of tiny values", (rows, columns) => drawn(rows, columns, 1e-30, 2)],
  ["of large values", (rows, columns) => drawn(rows, columns, 1e30, 3)],
  ["of rank one", rankOne],
  ["with one large value", withOutlier],
  ["of equal rows", equalRows],
  [
    "of zeros but for the last row",
    (rows, columns) => rankOne(rows, columns).map((x, i) => (i < (rows - 1) * columns ? 0 : x)),
  ],
])("a matrix %s, whole or in slices", (_, make) => {
  for (const [rows, columns] of [
    [1, 1],
    [1, 40],
    [40, 1],
    [7, 9],
    [64, 48],
    [300, 20],
    [600, 33],
  ] as const) {
    const values = make(rows, columns);
    const right = exact(
      Float32Array.from(values, (x) => x / (Math.abs(values.at(-1) as number) || 1)),
      rows,
      columns,
    );
    const size = right * (Math.abs(values.at(-1) as number) || 1);
    for (const rowsAtOnce of [rows, 37]) {
      const found = measured(values, rows, columns, rowsAtOnce);
      expect(found, `${rows} x ${columns}`).toBeGreaterThan(size * (1 - 3e-3));
      expect(found, `${rows} x ${columns}`).toBeLessThan(size * (1 + 5e-5));
    }
  }
});

test("orthogonal matrices, and a matrix of zeros", () => {
  const values = init([96, 64], orthogonal({ gain: 3 }), { seed: 1, name: "w" });
  expect(measured(values, 96, 64)).toBeCloseTo(3, 5);
  expect(measured(new Float32Array(60), 10, 6)).toBe(0);
});

test("what is not finite counts as 0", () => {
  const values = rankOne(8, 8).map((x, i) => (i === 9 ? Number.NaN : i === 20 ? Number.POSITIVE_INFINITY : x));
  const cleaned = values.map((x) => (Number.isFinite(x) ? x : 0));
  expect(measured(values, 8, 8) / exact(cleaned, 8, 8)).toBeCloseTo(1, 5);
});
