/** The kernels of training and their twins, bit for bit: random shapes, values of all sizes, and what lies beyond the ends. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { TrainingKernels } from "../../src/engine/abi.js";
import { affine } from "../../src/kernel/affine.js";
import { adapt, descend, roll } from "../../src/kernel/optimizer.js";
import { rectify, rectifySlope } from "../../src/kernel/rectify.js";
import { sumRows } from "../../src/kernel/rows.js";
import { multiplyTransposed } from "../../src/kernel/transposed.js";
import { expectSameBits } from "../bits.js";
import { chooser } from "../kernels.js";

const memory = new WebAssembly.Memory({ initial: 16 });
const module = new WebAssembly.Module(readFileSync(new URL("../../build/training.wasm", import.meta.url)));
const wasm = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as TrainingKernels;
const choose = chooser(18);

test("the module imports memory and nothing else, exports what the ABI says, and keeps no constants in memory", () => {
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  expect(
    WebAssembly.Module.exports(module)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["adapt", "affine", "descend", "multiplyTransposed", "rectify", "rectifySlope", "roll", "sumRows"]);
  const fresh = new WebAssembly.Memory({ initial: 16 });
  new WebAssembly.Instance(module, { env: { memory: fresh } });
  expect(new Uint8Array(fresh.buffer).every((byte) => byte === 0)).toBe(true);
});

/** Of both signs and sizes from 2^-20 to 1; every eighth is 0. */
const random = (length: number) =>
  Float32Array.from({ length }, () => (choose() % 8 === 0 ? 0 : (choose() / 2 ** 31 - 1) * 2 ** -(choose() % 20)));

/** Copies arrays into the memory, one after the other with a gap, runs the kernel, and returns what they became. */
function inMemory(arrays: readonly Float32Array[], run: (...at: number[]) => void): Float32Array[] {
  let next = 4096;
  const views = arrays.map((values) => {
    const view = new Float32Array(memory.buffer, next, values.length);
    view.set(values);
    next = 64 * Math.ceil((view.byteOffset + view.byteLength + 64) / 64);
    return view;
  });
  run(...views.map(({ byteOffset }) => byteOffset));
  return views.map((view) => view.slice());
}

/** Runs both on copies and compares all arrays. */
function expectTwins(
  arrays: readonly Float32Array[],
  kernel: (...at: number[]) => void,
  twin: (...arrays: Float32Array[]) => void,
): void {
  const copies = arrays.map((values) => values.slice());
  const made = inMemory(arrays, kernel);
  twin(...copies);
  for (const [i, expected] of copies.entries()) expectSameBits(made[i], expected, `array ${i}`);
}

test("the optimizers, over several steps", () => {
  for (let round = 0; round < 20; ++round) {
    const length = 4 * (1 + (choose() % 50));
    const n = length - 4; // what lies beyond is left alone
    const [values, gradient, first, second] = [random(length), random(length), random(length), random(length)];
    const rate = choose() / 2 ** 33;
    const part = (array: Float32Array) => array.subarray(0, n);
    expectTwins(
      [values, gradient],
      (p, g) => wasm.descend(p as number, g as number, n, rate),
      (p, g) => descend(part(p as Float32Array), g as Float32Array, rate),
    );
    expectTwins(
      [values, gradient, first],
      (p, g, v) => wasm.roll(p as number, g as number, v as number, n, 0.9, rate),
      (p, g, v) => roll(part(p as Float32Array), g as Float32Array, v as Float32Array, 0.9, rate),
    );
    const squares = second.map((x) => x * x);
    const by = { rest1: 0.1, beta2: 0.999, rest2: 0.001, epsilon: 1e-8, size: rate, root: 1 + rate };
    expectTwins(
      [values, gradient, first, squares],
      (p, g, m, v) =>
        wasm.adapt(
          ...([p, g, m, v] as [number, number, number, number]),
          ...([n, by.rest1, by.beta2, by.rest2, by.epsilon, by.size, by.root] as const),
        ),
      (p, g, m, v) => adapt(part(p as Float32Array), g as Float32Array, m as Float32Array, v as Float32Array, by),
    );
  }
});

test("Adam is that of the paper: in single precision as far as that goes, in double precision to the last digits", () => {
  for (const [make, close] of [
    [(x: number) => Float32Array.of(x), 1e-6],
    [(x: number) => Float64Array.of(x), 1e-14],
  ] as const) {
    const [p, g, m, v] = [make(0.5), make(0.25), make(0.125), make(0.0625)];
    adapt(p, g, m, v, { rest1: 0.1, beta2: 0.999, rest2: 0.001, epsilon: 1e-8, size: 0.01, root: 2 });
    const [mean, square] = [0.9 * 0.125 + 0.1 * 0.25, 0.999 * 0.0625 + 0.001 * 0.25 * 0.25];
    expect(Math.abs((m[0] as number) / mean - 1)).toBeLessThan(close);
    expect(Math.abs((v[0] as number) / square - 1)).toBeLessThan(close);
    expect(Math.abs((p[0] as number) - (0.5 - (0.01 * mean) / (2 * Math.sqrt(square) + 1e-8)))).toBeLessThan(close);
  }
});

test("ReLU and its slope, also of zeros of both signs and infinities; NaN stays NaN", () => {
  const special = Float32Array.of(0, -0, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38);
  for (const from of [special, random(64)]) {
    const n = from.length;
    expectTwins(
      [random(n), from],
      (to, x) => wasm.rectify(to as number, x as number, n),
      (to, x) => rectify(to as Float32Array, x as Float32Array),
    );
    expectTwins(
      [random(n), random(n), from],
      (to, g, x) => wasm.rectifySlope(to as number, g as number, x as number, n),
      (to, g, x) => rectifySlope(to as Float32Array, g as Float32Array, x as Float32Array),
    );
  }
  const [, out] = inMemory([Float32Array.of(NaN, 1, NaN, -1), random(4)], (x, to) =>
    wasm.rectify(to as number, x as number, 4),
  );
  expect([...(out as Float32Array)]).toEqual([NaN, 1, NaN, 0]);
});

test("sums of rows, of any number of rows and columns", () => {
  for (let round = 0; round < 40; ++round) {
    const [rows, columns] = [1 + (choose() % 9), 1 + (choose() % 21)];
    const stride = 8 * Math.ceil(columns / 8);
    expectTwins(
      [random(rows + 3), random(stride * (rows + 3))],
      (to, from) => wasm.sumRows(to as number, from as number, rows, columns, 4 * stride),
      (to, from) => sumRows(to as Float32Array, from as Float32Array, rows, columns, stride),
    );
  }
});

test("affine maps, with and without biases, transposed or not", () => {
  for (let round = 0; round < 40; ++round) {
    const [rows, columns, depth] = [4 * (1 + (choose() % 10)), 8 * (1 + (choose() % 3)), 1 + (choose() % 40)];
    const [rowsA, depthA] = round % 2 === 0 ? [depth, 1] : [1, rows];
    const [strideC, strideB] = [columns + 8, columns];
    const hasBiases = round % 3 > 0;
    const whole = random((rows + 1) * strideC); // a row more, which is left alone
    const arrays = [whole, random(rows * depth), random(depth * strideB), random(rows)];
    expectTwins(
      arrays,
      (c, a, b, bias) =>
        wasm.affine(
          ...([c, a, b, hasBiases ? bias : 0] as [number, number, number, number]),
          ...([rows, columns, depth, 4 * strideC, 4 * rowsA, 4 * depthA, 4 * strideB] as const),
        ),
      (c, a, b, bias) => {
        const matrices = { c: c as Float32Array, a: a as Float32Array, b: b as Float32Array, atC: 0, atA: 0, atB: 0 };
        const sizes = { rows, columns, depth, strideC, rowsA, depthA, strideB };
        affine({ ...matrices, ...sizes }, hasBiases ? bias : undefined);
      },
    );
  }
});

test("products with a transposed matrix, of any size, also of sums in slices, close to plain sums", () => {
  for (const [rows, columns, depth] of [
    [4, 1, 1],
    [4, 3, 5],
    [8, 64, 16],
    [4, 65, 9],
    [8, 131, 33],
    [4, 13, 300],
    [4, 70, 515],
  ] as const) {
    const [stride, strideC] = [8 * Math.ceil(depth / 8), 8 * Math.ceil(columns / 8)];
    const [a, b] = [random(rows * stride), random(4 * Math.ceil(columns / 4) * stride)];
    const scratch = new Float32Array(256 * 64);
    const c = random((rows + 1) * strideC); // a row more, which is left alone
    const size = { rows, columns, depth, strideC, stride };
    const [made] = inMemory([c, a, b, scratch], (...at) => {
      const [toC, toA, toB, toScratch] = at as [number, number, number, number];
      wasm.multiplyTransposed(toC, toA, toB, toScratch, rows, columns, depth, 4 * strideC, 4 * stride);
    });
    const exact = new Float64Array(rows * strideC);
    multiplyTransposed(exact, Float64Array.from(a), Float64Array.from(b), size);
    multiplyTransposed(c, a, b, size);
    expectSameBits(made, c);
    for (let i = 0; i < rows; ++i) {
      for (let j = 0; j < strideC; ++j) {
        let sum = 0;
        for (let k = 0; j < columns && k < depth; ++k) {
          sum += (a[i * stride + k] as number) * (b[j * stride + k] as number);
        }
        const at = i * strideC + j;
        if (Math.abs((c[at] as number) - sum) > 1e-5) expect.fail(`${c[at]} for ${sum}`);
        if (Math.abs((exact[at] as number) - sum) > 1e-13) expect.fail(`${exact[at]} for ${sum}`);
      }
    }
  }
});
