/** Splits of many parts: any mixture of runs, drawn with work that grows with the elements and the parts, no faster. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Unsplit } from "../../src/distribution.js";
import { draws } from "../../src/engine/compose.js";
import {
  constant,
  type Distribution,
  type DType,
  explain,
  fill,
  init,
  normal,
  orthogonal,
  resolve,
  type Scheme,
  scheme,
  split,
  zeros,
} from "../../src/index.js";
import { BLOCK } from "../../src/kernel/bits.js";
import { key } from "../../src/stream.js";
import { ENGINES } from "../engines.js";

const KEYED = { seed: 42, name: "w" } as const;

const independent: readonly Unsplit[] = [
  { kind: "constant", value: 0.5 },
  { kind: "constant", value: -0 },
  { kind: "normal", mean: 0, std: 1 },
  { kind: "uniform", low: -1, high: 2 },
  { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 },
];
/** A matrix of as many elements as its part has. */
const structured = (elements: number, kind: "orthogonal" | "diagonal"): Unsplit =>
  kind === "orthogonal"
    ? { kind, rows: elements, columns: 1, gain: 1, offset: 0, stride: 1, elements }
    : { kind, value: 2, offset: 0, step: 3, count: Math.ceil(elements / 3), repeat: 0, repeats: 1, elements };

const part = fc.record({
  length: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 2 * BLOCK })),
  which: fc.nat(6),
});

/** Compares bytes, which is faster than comparing elements. */
const expectSame = (one: ArrayBufferView, other: ArrayBufferView) =>
  expect(bytesOf(one).equals(bytesOf(other))).toBe(true);
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => Buffer.from(buffer, byteOffset, byteLength);

test("each element is of its part's distribution, in any slice, dtype and engine", () => {
  const cases = fc.record({
    parts: fc.array(part, { minLength: 1, maxLength: 8 }).filter((parts) => parts.some(({ length }) => length > 0)),
    repeats: fc.integer({ min: 1, max: 3 }),
    dtype: fc.constantFrom<DType>("f32", "f64", "bf16"),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
    engine: fc.constantFrom(...ENGINES),
  });
  fc.assert(
    fc.property(cases, ({ parts: chosen, repeats, dtype, from, to, engine }) => {
      const parts = chosen.map(({ length, which }) => ({
        length,
        distribution:
          independent[length === 0 ? 0 : which] ??
          structured(length * repeats, which === 5 ? "orthogonal" : "diagonal"),
      }));
      const period = parts.reduce((sum, { length }) => sum + length, 0);
      const size = period * repeats;
      const whole = init([size], { kind: "split", parts }, { ...KEYED, dtype, engine });
      let first = 0;
      for (const { length, distribution } of parts) {
        for (let k = 0; k < repeats; ++k) {
          const begin = k * period + first;
          const run = whole.subarray(begin, begin + length);
          if ("elements" in distribution) {
            if (distribution.kind === "orthogonal") continue; // held by the slices below and by structured.test.ts
            expectSame(run, init([length * repeats], distribution, { dtype }).subarray(k * length, (k + 1) * length));
          } else {
            const alone = fill(run.slice().fill(7) as never, [size], distribution, { ...KEYED, dtype, start: begin });
            expectSame(run, alone);
          }
        }
        first += length;
      }
      const [start, end] = [Math.floor(Math.min(from, to) * size), Math.ceil(Math.max(from, to) * size)];
      const slice = whole.slice(start, end).fill(7);
      fill(slice as never, [size], { kind: "split", parts }, { ...KEYED, dtype, start });
      expectSame(slice, whole.subarray(start, end));
    }),
    { seed: 20261125, numRuns: 8 },
  );
});

describe("work", () => {
  /** How many draws a tensor takes, and how many elements they make. */
  function workOf(distribution: Distribution, size: number) {
    let [count, elements] = [0, 0];
    for (const { out } of draws(distribution, key(1, "w"), "f32", 0, new Float32Array(size))) {
      ++count;
      elements += out.length;
    }
    return { count, elements };
  }
  const different = (count: number, length: number): Distribution => ({
    kind: "split",
    parts: Array.from({ length: count }, (_, i) => ({ length, distribution: { kind: "normal", mean: i, std: 1 } })),
  });

  test("different parts are drawn one by one, where they lie", () => {
    expect(workOf(different(20_000, 1), 20_000)).toEqual({ count: 20_000, elements: 20_000 });
    expect(workOf(different(20, 1000), 20_000)).toEqual({ count: 20, elements: 20_000 });
  });

  test("equal distributions are drawn together, also if they are not one object", () => {
    const parts = Array.from({ length: 20_000 }, (_, i) => ({
      length: 1,
      distribution: { kind: "normal", mean: i % 2, std: 1 } as const,
    }));
    const { count, elements } = workOf({ kind: "split", parts }, 20_000);
    expect(count).toBe(2);
    expect(elements).toBeLessThanOrEqual(40_000);
  });

  test("a matrix is drawn only if the slice needs it", () => {
    const packed = resolve([3 * 8, 8], split({ axis: 0, parts: 3, of: orthogonal() }));
    const origins = [...draws(packed, key(1, "w"), "f32", 70, new Float32Array(50))].map(
      ({ source }) => (source.distribution as { origin?: number }).origin,
    );
    expect(origins).toEqual([2 ** 36]);
  });

  test("equal parts of one scheme are one object", () => {
    const packed = resolve([4096, 4], split({ axis: 0, parts: 1024, of: orthogonal() }));
    if (packed.kind !== "split") throw new Error(packed.kind);
    expect(new Set(packed.parts).size).toBe(1);
    expect(init([1e6], split({ axis: 0, parts: 1e6, of: zeros() }))).toHaveLength(1e6);
  });
});

test("a zero and its negative are two distributions", () => {
  const signs = split({ axis: 0, parts: 2, of: [constant(0), constant(-0)] });
  expect([...init([2], signs)].map((x) => Object.is(x, -0))).toEqual([false, true]);
});

test("of many parts, the first are explained", () => {
  const text = explain([1000], split({ axis: 0, parts: 1000, of: zeros() }));
  expect(text).toMatch(/^split of \[1000\]: 1000 parts\. \[0\] zeros of \[1\]: the constant 0\. .*\[63\].*\. \.\.\.$/);
});

describe("bounds", () => {
  const deep = (depth: number): unknown => {
    let of: unknown = zeros();
    for (let i = 0; i < depth; ++i) of = { scheme: "split", axis: 0, parts: 1, of };
    return of;
  };
  const cyclic: { of?: unknown; scheme: string; axis: number; parts: number } = { scheme: "split", axis: 0, parts: 2 };
  cyclic.of = [cyclic, cyclic];
  const list: unknown[] = [];
  list.push(list);
  const of = zeros();

  test.each<[string, () => unknown, RegExp]>([
    ["10^9 parts", () => split({ axis: 0, parts: 1e9, of }), /^parts: expected at most 1048576 parts, got 1000000000$/],
    ["10^9 parts of nothing", () => scheme({ scheme: "split", axis: 0, parts: 1e9, of }), /^parts: expected at most/],
    ["10^9 lengths", () => split({ axis: 0, parts: Array(2e6).fill(1), of }), /^parts: expected at most 1048576/],
    ["a deep split", () => scheme(deep(100_000)), /^of: expected schemes that are not splits themselves/],
    ["a deep split, drawn", () => init([1], deep(100_000) as Scheme), /^of: expected schemes that are not splits/],
    ["a split of itself", () => init([2], cyclic as unknown as Scheme), /^of: expected schemes that are not splits/],
    ["a list of itself as of", () => split({ axis: 0, parts: 1, of: list as never }), /^scheme: expected a scheme/],
    ["as parts", () => split({ axis: 0, parts: list as never, of }), /^parts\[0\]: expected a whole number/],
    ["as shape", () => init(list as never, of), /^shape\[0\]: expected a whole number/],
    ["as seed", () => init([1], normal({ std: 1 }), { seed: list as never, name: "w" }), /^seed: expected/],
    ["as axes", () => scheme({ scheme: "heNormal", axes: { in: list, out: 0 } }), /^axes\.in: expected/],
    ["as stride", () => scheme({ scheme: "heNormal", stride: list }), /^stride: expected/],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("a name stands for its scheme in a part, too", () => {
    const packed = scheme({ scheme: "split", axis: 0, parts: 2, of: ["zeros", "ones"] });
    expect([...init([2], packed)]).toEqual([0, 1]);
  });
});
