/** Products of matrices by both engines: the same bits, those of the sums in double precision within rounding, and nothing beside. */
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  BYTES_BESIDES,
  bytesOfMatrix,
  columnsOf,
  type Operand,
  type Products,
  products,
  rowsOf,
} from "../../src/engine/product.js";
import type { Floats } from "../../src/kernel/matmul.js";
import { expectSameBits } from "../bits.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";

interface Size {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly transposed?: boolean;
  /** Floats from row to row beyond the shortest. */
  readonly more?: number;
}

// Sums are cut at 256 terms, and tiles of transposed operands at 64 rows; below 2^18 floats those of whole rows of 4 are not cut.
const SIZES: readonly Size[] = [
  { rows: 1, depth: 1, columns: 1 },
  { rows: 3, depth: 7, columns: 9 },
  { rows: 5, depth: 257, columns: 8, more: 3 },
  { rows: 6, depth: 520, columns: 5 },
  { rows: 8, depth: 300, columns: 17, transposed: true },
  { rows: 67, depth: 259, columns: 3, transposed: true },
  { rows: 64, depth: 12, columns: 2, transposed: true, more: 2 },
  { rows: 130, depth: 10, columns: 4, transposed: true, more: 1 },
  { rows: 68, depth: 20, columns: 3, transposed: true, more: 13_100 },
];

function operands(
  { rows, depth, columns, transposed = false, more = 0 }: Size,
  make: (length: number) => Floats,
  seed: number,
) {
  const choose = chooser(seed);
  const number = () => Math.fround(choose() / 2 ** 31 - 1);
  const stride = (transposed ? rows : depth) + more;
  const values = make(stride * (transposed ? depth : rows) + 4 * stride); // kernels read up to three rows more
  const a = (i: number, k: number) => (transposed ? k * stride + i : i * stride + k);
  for (let i = 0; i < rows; ++i) for (let k = 0; k < depth; ++k) values[a(i, k)] = number();
  const b = Array.from({ length: depth * columns }, number);
  const exact = Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < depth; ++k) sum += (values[a(i, k)] as number) * (b[k * columns + j] as number);
    return sum;
  });
  const operand: Operand<Floats> = { values, rows, columns: depth, transposed, ...(more > 0 && { stride }) };
  return { operand, b, exact };
}

afterEach(() => vi.unstubAllGlobals());

describe.each(["f32", "f64"] as const)("in %s", (dtype) => {
  test.each(SIZES)("%j", (size) => {
    const { rows, depth, columns, more = 0 } = size;
    const bytes =
      bytesOfMatrix(rows, columns) + bytesOfMatrix(depth, columns) + 8 * (depth + 4) * (rows + more + depth);
    const results = ENGINES.map((engine) => {
      const both = dtype === "f32" ? products(engine, bytes) : products(engine, bytes, "f64");
      const made = both as unknown as Products<Floats>;
      expect(made.memory === undefined).toBe(engine === "scalar");
      const { operand, b, exact } = operands(size, made.floats, 5);
      const [c, right] = [made.matrix(rows, columns), made.matrix(depth, columns)];
      expect(c.length).toBe(rowsOf(rows) * columnsOf(columns));
      const width = columnsOf(columns);
      for (let k = 0; k < depth; ++k) right.set(b.slice(k * columns, (k + 1) * columns), k * width);
      c.fill(7);
      made.multiply(c, operand, right, columns);
      const found = () =>
        Float64Array.from(exact, (_, at) => c[Math.floor(at / columns) * width + (at % columns)] as number);
      const errorOf = (times: number) =>
        Math.max(...found().map((x, at) => Math.abs(x - times * (exact[at] as number))));
      const bound = (dtype === "f32" ? 2 ** -20 : 2 ** -48) * Math.sqrt(depth);
      const once = found();
      expect(errorOf(1)).toBeLessThan(bound);
      made.accumulate(c, operand, right, columns);
      expect(errorOf(2)).toBeLessThan(4 * bound);
      const first = { rows: 0, depth: 0 };
      made.accumulate(c, operand, right, columns, (product) => {
        first.rows += product.rows;
        first.depth = product.depth;
      });
      expect(first).toEqual({ rows, depth: Math.min(256, depth) });
      expect(c.subarray(rows * width).every((x) => x === 0)).toBe(true); // rows that kernels multiply as well
      return once;
    });
    expectSameBits(results[0], results[1]);
  });
});

test("rows are whole vectors, and the bytes of matrices are enough for them, and no more than that", () => {
  expect([1, 8, 9].map(columnsOf)).toEqual([8, 8, 16]);
  expect([1, 4, 5].map(rowsOf)).toEqual([4, 4, 8]);
  expect(BYTES_BESIDES).toBe(131_072);
  const count = 2000; // more than fit by chance
  for (const [dtype, size] of [
    ["f32", 4],
    ["f64", 8],
  ] as const) {
    const bytes = count * bytesOfMatrix(4, 8) + 4 * 65_536 - 16;
    const made = (dtype === "f32" ? products("simd", bytes) : products("simd", bytes, dtype)) as Products<Floats>;
    for (let i = 0; i < count; ++i) made.matrix(4, 8);
    made.floats(65_536 - 4);
    const used = (size / 4) * (bytes + BYTES_BESIDES) + 65_536;
    expect(made.memory?.buffer.byteLength).toBe(65_536 * Math.ceil(used / 65_536));
  }
});

test("where there is no memory for the kernels, the twins multiply in ordinary memory", () => {
  const none = () => {
    throw new RangeError("no more");
  };
  vi.stubGlobal("WebAssembly", Object.assign(Object.create(WebAssembly), { Memory: none }));
  const { matrix, multiply, memory } = products("simd", 4096);
  const [a, b, c] = [matrix(1, 1), matrix(1, 1), matrix(1, 1)];
  [a[0], b[0]] = [2, 3];
  multiply(c, { values: a, rows: 1, columns: 1, stride: 8 }, b, 1);
  expect([memory, c[0]]).toEqual([undefined, 6]);
});
