/** The kernels that count and their twins, bit for bit: every length up to 70, all patterns, and what lies beyond the ends. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import type { CountingKernels } from "../../src/engine/abi.js";
import { type CountOperations, countingMemory, TWINS } from "../../src/engine/counting.js";
import type { Sums } from "../../src/kernel/counting.js";
import { expectSameBits } from "../bits.js";
import { chooser } from "../kernels.js";

afterEach(() => vi.unstubAllGlobals());
afterAll(() => vi.resetModules()); // the next file of this worker gets a library that has its kernels

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

const MOST = 2 ** 18; // bytes that a test counts
const { bytes: room, bins, counting } = countingMemory(MOST + 24, 2);
const [table, untouched] = bins as readonly [Uint32Array, Uint32Array];
const NONE = new Uint32Array(untouched.length);

/** Counts the values of these bytes, at a place that is a multiple of a value's size and of nothing more. */
function counted(kernel: Kernel, bytes: Uint8Array, by: CountOperations) {
  const size = SIZE[kernel];
  table.fill(7);
  room.fill(1).set(bytes, size);
  const values = new TYPE[kernel](room.buffer, room.byteOffset + size, bytes.length / size);
  const sums = (by[kernel] as (values: unknown, bins: Uint32Array) => Sums | undefined)(values, table);
  expectSameBits(untouched, NONE);
  expect(Buffer.compare(room.subarray(size, size + bytes.length), bytes)).toBe(0);
  return { sums, table: table.slice() };
}

/** What kernel and twin make of the same bytes, after a comparison of the counts. */
function both(kernel: Kernel, bytes: Uint8Array): readonly (Sums | undefined)[] {
  const [first, second] = [counted(kernel, bytes, counting), counted(kernel, bytes, TWINS)];
  expectSameBits(first.table, second.table, kernel);
  return [first.sums, second.sums];
}

const randomBytes = (length: number) => Uint8Array.from({ length }, () => choose() >>> 8);
const bytesOf = (values: Float32Array | Float64Array | Uint16Array) => new Uint8Array(values.buffer);
/** Of both signs and sizes from 2^-20 to 1; every eighth is 0 or -0. */
const floats = (length: number) =>
  Array.from({ length }, () => {
    const sign = choose() % 2 === 0 ? 1 : -1;
    return choose() % 8 === 0 ? 0 * sign : sign * (choose() / 2 ** 32) * 2 ** -(choose() % 20);
  });

/** Kernels and twins find the same least and greatest value, zeros without a sign. */
function expectRange(values: readonly number[]): void {
  for (const [kernel, bytes] of [
    ["count32", bytesOf(Float32Array.from(values))],
    ["count64", bytesOf(Float64Array.from(values))],
  ] as const) {
    const [first, second] = both(kernel, bytes);
    expect(first).toStrictEqual(second);
    expect(first).toMatchObject({ least: Math.min(...values) + 0, greatest: Math.max(...values) + 0 });
  }
}

test.each([
  ["no WebAssembly", undefined],
  [
    "no room for its memory",
    {
      ...WebAssembly,
      Memory: class {
        constructor() {
          throw new RangeError("no room");
        }
      },
    },
  ],
])("where there is %s, the twins count in ordinary memory", async (_, absent) => {
  vi.stubGlobal("WebAssembly", absent);
  vi.resetModules();
  const { countingMemory: made, TWINS: twins } = await import("../../src/engine/counting.js");
  const memory = made(80, 2);
  expect([memory.bytes.length, memory.bins.length, memory.bins[1]?.length]).toEqual([80, 2, 131072]);
  expect(memory.counting).toBe(twins);
});

test("kernels compile here", () => {
  expect(counting).not.toBe(TWINS);
  expect(room.buffer.byteLength).toBe(65536 * Math.ceil((64 + MOST + 24 + 2 * 4 * 131_072) / 65536));
});

test.each([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 62, 64, 66, 68, 70, 16384])("%i finite values", (length) => {
  for (const [kernel, bytes] of [
    ["count32", bytesOf(Float32Array.from(floats(length)))],
    ["count64", bytesOf(Float64Array.from(floats(length)))],
    ["count16", randomBytes(2 * length)],
  ] as const) {
    const [first, second] = both(kernel, bytes);
    expect(first, kernel).toStrictEqual(second);
  }
});

test.each(["count32", "count64"] as const)("%s of any bits, NaN and infinities among them", (kernel) => {
  for (let round = 0; round < 20; ++round) {
    const [first, second] = both(kernel, randomBytes(SIZE[kernel] * 64));
    expect([first?.sum, first?.squares]).toStrictEqual([second?.sum, second?.squares]);
  }
});

test("every pattern of 16 bits is counted where it belongs, in the two tables by turns", () => {
  const bytes = bytesOf(Uint16Array.from({ length: 131072 }, (_, i) => i >> 1));
  expectSameBits(counted("count16", bytes, counting).table, new Uint32Array(131072).fill(8));
});

test.each([[[0, -0]], [[0, 1, 1, 1, -0, 1, 1, 1]], [[-0, 0]], [[-0, -0]], [[0, 0]], [[-0, -1]], [[0, 1]]])(
  "of %j, zeros lose their signs",
  (values) => {
    expectRange(values);
  },
);

test.each([1, -1])("values of one sign, %i, whose range grows at either end", (sign) => {
  const values = [5, 4, 6, 3, 7, 2, 8, 1, 9, 0.5, 10, 0.25].map((x) => sign * x);
  for (let length = 2; length <= values.length; length += 2) {
    expectRange(values.slice(0, length));
  }
  expectRange([5, 4, 3, 2].map((x) => sign * x)); // at one end alone
});

test.each([1e-200, 1e200])("doubles whose squares are 0 or infinite, near %d", (size) => {
  const values = [-1, 1, 0, -2, 0, 3, 2, -4].map((x) => x * size);
  const [first, second] = both("count64", bytesOf(Float64Array.from(values)));
  expect(first).toStrictEqual(second);
  expect(first).toMatchObject({ least: -4 * size, greatest: 3 * size });
});

test("the twins count anywhere", () => {
  const bins = new Uint32Array(131072);
  expect(TWINS.count32(Float32Array.of(1, 2, -3, 4), bins)).toEqual({ sum: 4, squares: 30, least: -3, greatest: 4 });
  expect([bins[0x3f80], bins[65536 + 0x4000], bins[0xc040], bins[65536 + 0x4080]]).toEqual([1, 1, 1, 1]);
});
