/** What training computes with: kernels and twins do the same, bit for bit, with and without kernels in the runtime. */
import { afterEach, expect, test, vi } from "vitest";
import { bytesOfMatrix } from "../../src/engine/product.js";
import { type TrainingArithmetic, trainingArithmetic } from "../../src/engine/training.js";
import type { Floats } from "../../src/kernel/matmul.js";
import { expectSameBits } from "../bits.js";
import { chooser } from "../kernels.js";

afterEach(() => vi.unstubAllGlobals());

const [ROWS, COLUMNS, DEPTH] = [67, 16, 300];
const BYTES = 16 * bytesOfMatrix(DEPTH, DEPTH);

/** Everything that a layer does, one after the other, on equal numbers. What is left in each matrix. */
function worked(by: TrainingArithmetic): Floats[] {
  const choose = chooser(71);
  const random = (rows: number, columns: number) =>
    by.matrix(rows, columns).map(() => choose() / 2 ** 32 - 0.5) as Floats;
  const filled = (rows: number, columns: number) => {
    const matrix = by.matrix(rows, columns);
    matrix.set(random(rows, columns));
    return matrix;
  };
  const [weight, input, biases] = [filled(ROWS, DEPTH), filled(DEPTH, COLUMNS), by.matrix(1, 2 * DEPTH)];
  for (const i of biases.keys()) biases[i] = i;
  const [sum, active, slope, sums] = [
    filled(ROWS, COLUMNS),
    filled(ROWS, COLUMNS),
    filled(ROWS, COLUMNS),
    filled(ROWS, 1),
  ];
  const back = filled(DEPTH, COLUMNS);
  const [gradient, product, first, second] = [
    filled(ROWS, DEPTH),
    filled(ROWS, DEPTH),
    filled(ROWS, DEPTH),
    filled(ROWS, DEPTH),
  ];
  const stride = Math.ceil(DEPTH / 8) * 8;
  by.multiply(sum, { values: weight, rows: ROWS, columns: DEPTH, stride }, input, COLUMNS, biases);
  for (const i of [0, ROWS - 1]) {
    let plain = i;
    for (let k = 0; k < DEPTH; ++k) plain += (weight[i * stride + k] as number) * (input[k * COLUMNS + 3] as number);
    expect(Math.abs((sum[i * COLUMNS + 3] as number) - plain)).toBeLessThan(1e-4);
  }
  by.multiply(product, { values: sum, rows: ROWS, columns: COLUMNS }, filled(COLUMNS, DEPTH), DEPTH);
  by.multiply(back, { values: weight, rows: DEPTH - 1, columns: ROWS, transposed: true, stride }, sum, COLUMNS, biases);
  by.rectify(active, sum);
  by.rectifySlope(slope, back, sum);
  by.sumRows(sums, slope, ROWS, COLUMNS, COLUMNS);
  by.multiplyTransposed(gradient, slope, input, {
    rows: ROWS,
    columns: DEPTH,
    depth: COLUMNS,
    strideC: stride,
    stride: COLUMNS,
  });
  by.descend(weight, gradient, 0.1);
  by.roll(product, gradient, first, 0.9, 0.1);
  for (const [i, x] of second.entries()) second[i] = x * x;
  by.adapt(weight, gradient, first, second, {
    rest1: 0.1,
    beta2: 0.99,
    rest2: 0.01,
    epsilon: 1e-8,
    size: 0.1,
    root: 2,
  });
  return [
    ...[sum, active, slope].map((one) => one.slice(0, ROWS * COLUMNS)),
    back.slice(0, (DEPTH - 1) * COLUMNS),
    sums.slice(0, ROWS),
    ...[gradient, product, first, second, weight].map((one) => one.slice(0, ROWS * stride)),
  ];
}

const without = (parts: object) => vi.stubGlobal("WebAssembly", Object.assign(Object.create(WebAssembly), parts));
const none = () => {
  throw new RangeError("no more");
};
const { Instance: RealInstance } = WebAssembly;
/** Refuses the kernels of training. */
function Instance(module: WebAssembly.Module, imports: WebAssembly.Imports) {
  return WebAssembly.Module.exports(module).some(({ name }) => name === "adapt")
    ? none()
    : new RealInstance(module, imports);
}

test.each(["f32", "f64"] as const)("kernels and twins leave the same bits in %s", (dtype) => {
  const [simd, scalar] = (["simd", "scalar"] as const).map((engine) => trainingArithmetic(engine, BYTES, dtype)) as [
    TrainingArithmetic,
    TrainingArithmetic,
  ];
  expect(simd.descend === scalar.descend).toBe(dtype === "f64"); // of doubles only products have kernels
  const [made, expected] = [worked(simd), worked(scalar)];
  for (const [i, one] of expected.entries()) expectSameBits(made[i], one, `matrix ${i}`);
});

test.each([
  ["that does not compile them", { Instance }],
  ["without room for memory", { Memory: none }],
])("in a runtime %s, the twins train", (_, parts) => {
  const twins = trainingArithmetic("scalar", BYTES, "f32");
  without(parts);
  expect(trainingArithmetic("simd", BYTES, "f32").descend).toBe(twins.descend);
});
