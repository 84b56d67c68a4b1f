/** Twins of the whole law, bit for bit; matrix products have a test of their own. */
import { describe, expect, test } from "vitest";
import { init, orthogonal } from "../../src/index.js";
import { ENGINES } from "../engines.js";

type Values = Float32Array | Float64Array | Uint16Array;
const bytes = (values: Values) => Buffer.from(values.buffer);

function same(shape: readonly [number, number], dtype: "f32" | "f64" | "f16" | "bf16"): void {
  const [a, b] = ENGINES.map((engine) => init(shape, orthogonal(), { seed: 5, name: "w", dtype, engine }));
  expect(bytes(a as Values).equals(bytes(b as Values)), `${shape} ${dtype}`).toBe(true);
}

describe.each(["f32", "f64"] as const)("twins, %s", (dtype) => {
  test("every square size from 1 to 70", () => {
    for (let n = 1; n <= 70; ++n) same([n, n], dtype);
  });

  test("tall and wide, of every number of columns or rows from 1 to 70", () => {
    for (let n = 1; n <= 70; ++n) {
      same([n + (n % 13) + 1, n], dtype);
      same([n, 3 * n], dtype);
    }
  });

  // Blocks end at 32, slabs at 64 or 32, and products at 32 + 256.
  test.each([
    [95, 97],
    [96, 96],
    [97, 95],
    [128, 128],
    [129, 129],
    [287, 5],
    [288, 33],
    [289, 65],
    [5, 290],
    [545, 3],
    [300, 300],
  ] as const)("around the borders: %d x %d", (rows, columns) => same([rows, columns], dtype));
});

test("twins in 16 bits", () => {
  for (const dtype of ["f16", "bf16"] as const) {
    for (const shape of [
      [1, 1],
      [33, 33],
      [70, 20],
      [20, 70],
    ] as const)
      same(shape, dtype);
  }
});
