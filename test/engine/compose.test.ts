/** Which draws a split or structured tensor is made of: where they lie, and how few they are. Values are those of a stand-in engine. */
import { expect, test } from "vitest";
import type { Distribution, Split, Unsplit } from "../../src/distribution.js";
import { draws } from "../../src/engine/compose.js";
import type { Source } from "../../src/engine/source.js";
import { BLOCK } from "../../src/kernel/bits.js";
import { key } from "../../src/stream.js";
import { expectSameBits } from "../bits.js";

const KEY = key(1, "w");
const BATCH = 8 * BLOCK;

const part = (length: number, distribution: Unsplit) => ({ length, distribution });
const [a, b, c] = [1, 2, 3].map((mean) => ({ kind: "normal", mean, std: 1 }) as const) as [Unsplit, Unsplit, Unsplit];
const matrix = { kind: "orthogonal", rows: 2, columns: 3, gain: 1, offset: 0, stride: 1, elements: 6 } as const;
const sparse = { kind: "sparse", rows: 4, columns: 5, std: 1, zeros: 2, perRow: true, elements: 20 } as const;

/** An element that names its distribution and its place there. */
const elementOf = (distribution: Unsplit | Source["distribution"], at: number) =>
  ("mean" in distribution ? distribution.mean : 0) * 2 ** 40 + at + 1;

/** Carries out the draws of a slice. Each is told as "first element, elements"; with "copied" where it is not drawn in place. */
function carriedOut(distribution: Distribution, start: number, length: number) {
  const out = new Float64Array(length).fill(-1);
  const made: string[] = [];
  for (const draw of draws(distribution, KEY, "f64", start, out)) {
    const { source } = draw;
    made.push(`${draw.start}, ${draw.out.length}${draw.out.buffer === out.buffer ? "" : ", copied"}`);
    for (let i = 0; i < draw.out.length; ++i) draw.out[i] = elementOf(source.distribution, draw.start + i);
  }
  return { out, made };
}

/** The draws of a slice of a split, after a look at its values. */
function drawsOf(parts: Split["parts"], start: number, length: number): string[] {
  const { out, made } = carriedOut({ kind: "split", parts }, start, length);
  const period = parts.reduce((sum, { length }) => sum + length, 0);
  const expected = out.map((_, i) => {
    let within = (start + i) % period;
    const { length, distribution } = parts.find((one) => {
      within -= one.length;
      return within < 0;
    }) as Split["parts"][number];
    const isMatrix = distribution.kind === "orthogonal";
    const place = Math.floor((start + i) / period) * length + within + length;
    return elementOf(distribution, isMatrix ? place : start + i);
  });
  expectSameBits(out, expected);
  return made;
}

test("runs of a block or more are drawn where they lie, in their order", () => {
  const parts = [part(BLOCK, a), part(BLOCK + 1, b)];
  expect(drawsOf(parts, 0, 3 * BLOCK + 1)).toEqual(["0, 4096", "4096, 4097", "8193, 4096"]);
  expect(drawsOf([part(2 * BLOCK, a), part(2 * BLOCK, b)], 10, 3 * BLOCK)).toEqual(["10, 8182", "8192, 4106"]);
});

test("shorter runs of a distribution share a draw of at most eight blocks and a run, also where it has two objects", () => {
  const parts = [part(100, a), part(100, b)];
  const expected = ["50, 32650, copied", "100, 32700, copied", "32800, 32700, copied", "32900, 32686, copied"];
  expect(drawsOf(parts, 50, 2 * BATCH)).toEqual(expected);
  expect(drawsOf([...parts, part(100, { ...a }), part(100, b)], 50, 2 * BATCH)).toEqual(expected);
});

test("runs that are a block apart, or alone, are drawn where they lie; runs that are closer are copied", () => {
  expect(drawsOf([part(10, a), part(BLOCK, b)], 0, 2 * BLOCK + 20)).toEqual([
    ...["10, 4096", "4116, 4096"],
    ...["0, 10", "4106, 10"],
  ]);
  expect(drawsOf([part(10, a), part(10, b), part(10, a), part(BLOCK + 5, c)], 0, 8272)).toEqual([
    ...["30, 4101", "4161, 4101"],
    ...["0, 30, copied", "4131, 30, copied", "8262, 10", "10, 10", "4141, 10"],
  ]);
});

test("a part without elements is not drawn", () => {
  expect(drawsOf([part(5, a), part(0, b), part(5, c)], 0, 10)).toEqual(["0, 5", "5, 5"]);
});

test("a matrix is drawn where it lies, once; if it is cut or lies in pieces, it is drawn whole and copied", () => {
  const alone = [part(4, a), part(6, matrix), part(4, b)];
  expect(drawsOf(alone, 0, 14)).toEqual(["0, 4", "10, 4", "0, 6"]);
  expect(drawsOf(alone, 2, 8)).toEqual(["2, 2", "0, 6"]);
  expect(drawsOf(alone, 2, 12)).toEqual(["2, 2", "10, 4", "0, 6"]);
  expect(drawsOf(alone, 4, 6)).toEqual(["0, 6"]);
  expect(drawsOf(alone, 5, 6)).toEqual(["10, 1", "0, 6, copied"]);
  expect(drawsOf(alone, 3, 6)).toEqual(["3, 1", "0, 6, copied"]);
  expect(drawsOf([part(3, matrix), part(2, a)], 0, 10)).toEqual(["3, 7, copied", "0, 6, copied"]);
});

test("a matrix is not drawn for a slice that ends before it or begins after it", () => {
  const pieces = [part(3, matrix), part(2, a)];
  expect(drawsOf(pieces, 3, 2)).toEqual(["3, 2"]);
  expect(drawsOf(pieces, 4, 1)).toEqual(["4, 1"]);
  expect(drawsOf(pieces, 8, 2)).toEqual(["8, 2"]);
});

test("a tensor that is a matrix is drawn where it lies; one that holds it, by a copy", () => {
  expect(carriedOut(matrix, 2, 3).made).toEqual(["2, 3"]);
  const { made, out } = carriedOut({ ...matrix, offset: 1, stride: 2, elements: 12 }, 2, 4);
  expect(made).toEqual(["0, 6, copied"]);
  expect([...out]).toEqual([0, 2, 0, 3]);
});

test("a sparse tensor draws the lots of the rows that it meets, or of all columns; none, where nothing becomes 0", () => {
  expect(carriedOut(sparse, 5, 10).made).toEqual(["5, 10, copied", "25, 5, copied", "30, 5, copied"]);
  const columns = { ...sparse, perRow: false };
  expect(carriedOut(columns, 19, 1).made).toHaveLength(6);
  expect(carriedOut({ ...columns, zeros: 0 }, 0, 20).made).toHaveLength(1);
});
