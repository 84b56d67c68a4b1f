/** The kernels that count and their twins, bit for bit: every length up to 70, all patterns, and what lies beyond the ends. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { CountingKernels } from "../../src/engine/abi.js";
import { type CountOperations, countingMemory, TWINS } from "../../src/engine/counting.js";
import { chooser } from "../kernels.js";

const choose = chooser(21);
const module = new WebAssembly.Module(readFileSync(new URL("../../build/counting.wasm", import.meta.url)));

test("the module imports memory and nothing else, exports what the ABI says, and keeps no constants in memory", () => {
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as CountingKernels;
  expect(Object.keys(exports).sort()).toEqual(["count16", "count32", "count64"]);
  expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
});

const SIZE = { count16: 2, count32: 4, count64: 8 } as const;
type Kernel = keyof typeof SIZE;
const TYPE = { count16: Uint16Array, count32: Float32Array, count64: Float64Array } as const;

/** Counts the values of these bytes, at a place that is a multiple of a value's size and of nothing more. */
function counted(kernel: Kernel, bytes: Uint8Array, by: "kernel" | "twin") {
  const size = SIZE[kernel];
  const { bytes: room, bins, counting } = countingMemory(bytes.length + 3 * size, 2);
  expect(counting, "kernels compile here").not.toBe(TWINS);
  const [table, untouched] = bins as readonly [Uint32Array, Uint32Array];
  table.fill(7);
  room.set(bytes, size);
  const values = new TYPE[kernel](room.buffer, room.byteOffset + size, bytes.length / size);
  const count = (by === "twin" ? TWINS : counting)[kernel] as (values: unknown, bins: Uint32Array) => unknown;
  const sums = count(values, table);
  expect(untouched.every((one) => one === 0)).toBe(true);
  expect(room.subarray(size, size + bytes.length)).toEqual(bytes);
  return { sums, table };
}

const randomBytes = (length: number) => Uint8Array.from({ length }, () => choose() >>> 8);
const bytesOf = (values: Float32Array | Float64Array | Uint16Array) => new Uint8Array(values.buffer);
/** Of both signs and sizes from 2^-20 to 1; every eighth is 0 or -0. */
const floats = (length: number) =>
  Array.from({ length }, () => {
    const sign = choose() % 2 === 0 ? 1 : -1;
    return choose() % 8 === 0 ? 0 * sign : sign * (choose() / 2 ** 32) * 2 ** -(choose() % 20);
  });

const LENGTHS = Array.from({ length: 36 }, (_, i) => 2 * i);

test.each(LENGTHS)("%i finite values: equal sums and counts", (length) => {
  for (const [kernel, bytes] of [
    ["count32", bytesOf(Float32Array.from(floats(length)))],
    ["count64", bytesOf(Float64Array.from(floats(length)))],
    ["count16", randomBytes(2 * length)],
  ] as const) {
    expect(counted(kernel, bytes, "kernel"), kernel).toStrictEqual(counted(kernel, bytes, "twin"));
  }
});

test.each(["count32", "count64"] as const)(
  "%s of any bits: equal counts, and equal sums where they are finite",
  (kernel) => {
    for (let round = 0; round < 20; ++round) {
      const bytes = randomBytes(SIZE[kernel] * 64);
      const [by, twin] = [counted(kernel, bytes, "kernel"), counted(kernel, bytes, "twin")];
      expect(by.table).toStrictEqual(twin.table);
      const { sum, squares } = by.sums as { sum: number; squares: number };
      expect([sum, squares]).toStrictEqual([
        (twin.sums as typeof by.sums & { sum: number }).sum,
        (twin.sums as { squares: number }).squares,
      ]);
    }
  },
);

test("every pattern of 16 bits is counted where it belongs, in the two tables by turns", () => {
  const bytes = bytesOf(Uint16Array.from({ length: 131072 }, (_, i) => i >> 1));
  expect(counted("count16", bytes, "kernel").table).toStrictEqual(new Uint32Array(131072).fill(8));
});

test("zeros keep their signs: -0 is less than 0", () => {
  for (const values of [
    [0, -0],
    [-0, 0],
    [-0, -0],
    [0, 0],
    [-0, -1],
    [0, 1],
  ]) {
    for (const [kernel, bytes] of [
      ["count32", bytesOf(Float32Array.from(values))],
      ["count64", bytesOf(Float64Array.from(values))],
    ] as const) {
      const { sums } = counted(kernel, bytes, "kernel");
      expect(sums).toStrictEqual(counted(kernel, bytes, "twin").sums);
      expect(sums).toMatchObject({ least: Math.min(...values), greatest: Math.max(...values) });
    }
  }
});

test("where nothing may be compiled, the twins count in the same memory", () => {
  const counting: CountOperations = TWINS;
  const bins = new Uint32Array(131072);
  expect(counting.count32(Float32Array.of(1, 2, -3, 4), bins)).toEqual({ sum: 4, squares: 30, least: -3, greatest: 4 });
  expect([bins[0x3f80], bins[65536 + 0x4000], bins[0xc040], bins[65536 + 0x4080]]).toEqual([1, 1, 1, 1]);
});
