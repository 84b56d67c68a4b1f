/**
 * The frozen stream. A failure here means that values changed: that is a new stream, a major version and an entry under
 * "Values" in the changelog, never an edit of the vectors alone. v1.slow.ts holds the vectors to their generator.
 */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { EngineName } from "../../src/index.js";
import { init, orthogonal, sparse } from "../../src/index.js";
import { key, nameHash } from "../../src/stream.js";
import { expectSameBits } from "../bits.js";
import { bitsOf, ENGINES } from "../engines.js";
import { SETS } from "../kernels.js";
import { distributionOf, type MatrixCase, parse, vectors } from "../vectors/stream.js";

const hex = (word: number) => word.toString(16).padStart(8, "0");

test("names hash to their streams", () => {
  for (const [name, stream] of Object.entries(vectors.streams)) {
    const { high, low } = nameHash(name);
    expect(hex(high) + hex(low), name).toBe(stream);
  }
});

function drawMatrix({ distribution, shape, dtype }: MatrixCase, seed: bigint, engine: EngineName) {
  const [rows, columns, zeros, perRow] = shape as [number, number, number, number];
  const scheme =
    distribution === "orthogonal"
      ? orthogonal({ gain: rows === columns ? 1 : 0.7 })
      : sparse({ sparsity: zeros / (perRow ? columns : rows), axis: perRow ? 1 : 0 });
  return init([rows, columns], scheme, { seed, name: "q", dtype, engine });
}

/** Holds a matrix to its first eight elements and to the hash of all. */
function expectMatrix(values: Float32Array | Float64Array | Uint16Array, { first, sha256 }: MatrixCase): void {
  const width = values.BYTES_PER_ELEMENT;
  const bytes = Buffer.from(values.buffer);
  const patterns = Array.from({ length: Math.min(8, values.length) }, (_, i) =>
    Buffer.from(bytes.subarray(i * width, (i + 1) * width))
      .reverse()
      .toString("hex"),
  );
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  expect(patterns.join(" ")).toBe(first);
}

describe.each(ENGINES)("the engine %s draws the frozen values", (engine) => {
  test.each(vectors.elements)("of $distribution $parameters in $dtype, seed $seed, from element $start on", (run) => {
    const count = run.bits.split(" ").length;
    const bits = bitsOf(engine, distributionOf(run), key(BigInt(run.seed), run.name), run.start, count, run.dtype);
    expect(Array.from(bits)).toEqual(Array.from(parse(run.bits)));
  });

  test.each(vectors.matrices)("of the $distribution matrix $shape in $dtype", (matrix) => {
    expectMatrix(drawMatrix(matrix, 42n, engine), matrix);
  });

  test.each(vectors.ties)(
    "of the sparse matrix $shape in $dtype, where the first of two equal ranks is 0",
    (matrix) => {
      const values = drawMatrix(matrix, BigInt(matrix.seed), engine);
      const [first, second] = matrix.tie;
      expect([values[first] === 0, values[second] === 0]).toEqual([true, false]);
      expectMatrix(values, matrix);
    },
  );
});

describe.each(SETS)("the $name makes the frozen values of extreme words", (set) => {
  test.each(vectors.words)("for $distribution $parameters in $dtype", ({ bits, dtype, ...drawn }) => {
    const extremes = parse(vectors.extremes);
    const words = [...extremes].flatMap((x) => [...extremes].flatMap((y) => [x, x, x, x, y, y, y, y]));
    const values = set.map(distributionOf(drawn), words, words.length, dtype);
    const kept = (i: number) => (dtype === "f64" ? i % 4 < 2 : i % 4 === 0); // equal words have equal values
    expectSameBits(
      values.filter((_, i) => kept(i)),
      parse(bits),
    );
  });
});
