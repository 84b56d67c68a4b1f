/** Where an orthogonal matrix is made: each array has the room that kernels write, and little more; pieces of the work lie there. */
import { expect, test } from "vitest";
import type { Kernels } from "../../src/engine/abi.js";
import { instantiate, SHARED } from "../../src/engine/kernels.js";
import { reflectPanel } from "../../src/engine/orthogonal.js";
import { truncatedWideParameters } from "../../src/engine/parameters.js";
import { checkRoom, layOutWorkspace } from "../../src/engine/workspace.js";
import type { TruncatedWide } from "../../src/kernel/truncated.js";

const layOut = (rows: number, columns: number, dtype: "f32" | "f64", threads = 1) =>
  layOutWorkspace({ rows, columns, gain: 1 }, dtype, 65536, threads);

test.each([
  [1, 1, "f32"],
  [33, 33, "f32"],
  [70, 300, "f64"],
  [1001, 65, "f32"],
] as const)("of %d x %d in %s", (m, n, dtype) => {
  const bytes = dtype === "f32" ? 4 : 8;
  const [rows, columns] = [Math.max(m, n), Math.min(m, n)];
  const panels = Math.ceil(columns / 32);
  const { vectors, elements, triangles, signs, q, slabs, slabBytes, end } = layOut(m, n, dtype, 3);
  expect(elements).toBe(Array.from({ length: panels }, (_, k) => (rows - 32 * k) * 32).reduce((x, y) => x + y));
  const taken = [
    ...[bytes * (elements + 3 * 32) + 128, bytes * panels * 32 * 32, bytes * panels * 32],
    ...[bytes * rows * columns + 128, 3 * slabBytes],
  ];
  const begins = [vectors, triangles, signs, q, slabs, end];
  for (const [i, room] of taken.entries()) {
    const left = (begins[i + 1] as number) - (begins[i] as number) - room;
    expect(left, `${i}`).toBeGreaterThanOrEqual(0);
    expect(left, `${i}`).toBeLessThan(128);
    expect((begins[i] as number) % 128).toBe(0);
  }
  expect(slabBytes).toBe((4 * Math.ceil(rows / 4) + 64) * 256);
});

test("the largest matrix fills the memory to its end", () => {
  const matrix = (rows: number) =>
    ({ kind: "orthogonal", rows, columns: 6, gain: 1, offset: 0, stride: 1, elements: 6 * rows }) as const;
  expect(() => checkRoom(matrix(10_526_506), "f32")).not.toThrow();
  expect(() => checkRoom(matrix(10_526_507), "f32")).toThrow(
    /^shape: expected a matrix that is made in 4294901760 bytes/,
  );
});

test("each thread has a slab of its own as scratch", () => {
  const workspace = layOut(40, 40, "f32", 4);
  const calls: number[][] = [];
  const kernels = { reflect32: (...args: number[]) => calls.push(args) } as unknown as Kernels;
  reflectPanel(kernels, workspace, 1, 3);
  const { vectors, triangles, signs, slabs, slabBytes } = workspace;
  expect(calls).toEqual([[vectors + 4 * 40 * 32, 8, 8, triangles + 4 * 1024, signs + 4 * 32, slabs + 3 * slabBytes]]);
});

test("an instance that is made after others takes the constants of the first, and writes none", () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const first = instantiate({}, memory, 65536);
  expect(first.constants).toEqual(first.constantsInMemory);
  expect(new Float64Array(memory.buffer, SHARED.begin, SHARED.values.length)).toEqual(Float64Array.from(SHARED.values));
  first.constantsInMemory.fill(7);
  expect(instantiate({}, memory, 65536, first.constants).constants).toBe(first.constants);
  expect(first.constantsInMemory.every((byte) => byte === 7)).toBe(true);
});

test("an interval below 0 has the parameters of its mirror image", () => {
  const [above, below] = [
    { low: 0, high: 2 },
    { low: -2, high: 0 },
  ].map((bounds) => truncatedWideParameters({ mean: 0, std: 1, ...bounds }, "f64")) as [TruncatedWide, TruncatedWide];
  expect(below).toMatchObject({ below: above.above, above: 0, span: above.span, surplus: above.surplus });
});
