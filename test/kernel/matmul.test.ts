/** Matrix products: the kernel and its twin bit for bit, and both against plain sums. */
import { expect, test } from "vitest";
import { matmul } from "../../src/kernel/matmul.js";
import { expectSameBits } from "../bits.js";
import { chooser, memory, wasm } from "../kernels.js";

const ADDRESS = 65536;

test.each([
  ["f32", 4, 8],
  ["f64", 8, 4],
] as const)(
  "the kernel and its twin multiply alike in %s, for any shape and stride, added or subtracted, close to plain sums",
  (dtype, bytes, width) => {
    const choose = chooser(50);
    const make = (length: number) => (dtype === "f32" ? new Float32Array(length) : new Float64Array(length));
    const random = (length: number) => make(length).map(() => choose() / 2 ** 31 - 1);
    for (let round = 0; round < 60; ++round) {
      const rows = 4 * (1 + (choose() % 9));
      const columns = width * (1 + (choose() % 4));
      const depth = choose() % 70;
      const transposed = round % 2 === 1;
      const [a, b, c] = [random(rows * (depth + 3)), random((depth + 1) * (columns + 2)), random(rows * (columns + 1))];
      const [rowsA, depthA] = transposed ? [1, rows] : [depth + 3, 1];
      const subtract = choose() % 2 === 1;
      const begin = c.slice();
      const at = [ADDRESS, ADDRESS + 8192, ADDRESS + 32768] as const;
      for (const [i, matrix] of [c, a, b].entries()) {
        new (matrix.constructor as Float64ArrayConstructor)(memory.buffer, at[i] as number, matrix.length).set(matrix);
      }
      const strides = [(columns + 1) * bytes, rowsA * bytes, depthA * bytes, (columns + 2) * bytes] as const;
      wasm[dtype === "f32" ? "matmul32" : "matmul64"](...at, rows, columns, depth, ...strides, Number(subtract));
      const product = { c, a, b, atC: 0, atA: 0, atB: 0, rows, columns, depth, subtract };
      const twin = { ...product, strideC: columns + 1, rowsA, depthA, strideB: columns + 2 };
      matmul(twin);
      const drawn = new (c.constructor as Float64ArrayConstructor)(memory.buffer, ADDRESS, c.length);
      expectSameBits(drawn as typeof c, c);
      let [error, beside] = [0, 0];
      for (let i = 0; i < rows; ++i) {
        for (let j = 0; j < columns; ++j) {
          let sum = 0;
          for (let k = 0; k < depth; ++k) {
            sum += (a[i * rowsA + k * depthA] as number) * (b[k * (columns + 2) + j] as number);
          }
          const exact = (begin[i * (columns + 1) + j] as number) + (subtract ? -sum : sum);
          error = Math.max(error, Math.abs((c[i * (columns + 1) + j] as number) - exact));
        }
        if (c[i * (columns + 1) + columns] !== begin[i * (columns + 1) + columns]) ++beside;
      }
      expect(error).toBeLessThan(dtype === "f32" ? 1e-5 : 1e-13);
      expect(beside).toBe(0); // between the rows nothing is written
    }
  },
);
