/** Orthogonal matrices by both engines, bit for bit. Matrix products have a test of their own. */
import { describe, test } from "vitest";
import { init, orthogonal } from "../../src/index.js";
import { expectSameBits } from "../bits.js";
import { ENGINES } from "../engines.js";

function expectSameMatrix(shape: readonly [number, number], dtype: "f32" | "f64" | "f16" | "bf16", gain = 1): void {
  const [kernel, twin] = ENGINES.map((engine) =>
    init(shape, orthogonal({ gain }), { seed: 5, name: "w", dtype, engine }),
  );
  expectSameBits(kernel, twin, `${shape} ${dtype}`);
}

describe.each(["f32", "f64"] as const)("the kernel and its twin make the same matrix in %s", (dtype) => {
  test("of every square size from 1 to 70", () => {
    for (let n = 1; n <= 70; ++n) expectSameMatrix([n, n], dtype);
  });

  test("of every number of columns from 1 to 70 where rows are more, and of rows where columns are more", () => {
    for (let n = 1; n <= 70; ++n) {
      expectSameMatrix([n + (n % 13) + 1, n], dtype);
      expectSameMatrix([n, 3 * n], dtype);
    }
  });

  // Panels end at 32 columns, slabs at 64 or 32, and products at 32 + 256.
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
  ] as const)("of %d x %d, where panels, slabs or products end", (rows, columns) => {
    expectSameMatrix([rows, columns], dtype);
  });
});

test.each(["f32", "f64"] as const)("the kernel and its twin multiply by the same gain in %s", (dtype) => {
  expectSameMatrix([5, 3], dtype, 0.7);
});

test.each(["f16", "bf16"] as const)("the kernel and its twin round the same matrix to %s", (dtype) => {
  for (const shape of [
    [1, 1],
    [33, 33],
    [70, 20],
    [20, 70],
  ] as const)
    expectSameMatrix(shape, dtype);
});
