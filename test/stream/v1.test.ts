/**
 * The frozen stream. A failure here means that values changed: that is a new stream, a major version and an entry under
 * "Values" in the changelog, never an edit of the vectors alone.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { init, orthogonal, sparse } from "../../src/index.js";
import { key, nameHash } from "../../src/stream.js";
import { bitsOf, ENGINES } from "../engines.js";
import { SETS } from "../kernels.js";
import { distributionOf, parse, vectors } from "../vectors/stream.js";

const hex = (word: number) => word.toString(16).padStart(8, "0");

test("names hash to their streams", () => {
  for (const [name, stream] of Object.entries(vectors.streams)) {
    const { high, low } = nameHash(name);
    expect(hex(high) + hex(low), name).toBe(stream);
  }
});

describe.each(ENGINES)("%s", (engine) => {
  test.each(vectors.elements)("$distribution $parameters $dtype, seed $seed, elements from $start", (run) => {
    const count = run.bits.split(" ").length;
    const bits = bitsOf(engine, distributionOf(run), key(BigInt(run.seed), run.name), run.start, count, run.dtype);
    expect(Array.from(bits)).toEqual(Array.from(parse(run.bits)));
  });
});

describe.each(ENGINES)("matrices, %s", (engine) => {
  test.each(vectors.matrices)("$distribution $shape $dtype", ({ distribution, shape, dtype, first, sha256 }) => {
    const [rows, columns, zeros, across] = shape as [number, number, number, number];
    const scheme =
      distribution === "orthogonal"
        ? orthogonal({ gain: rows === columns ? 1 : 0.7 })
        : sparse({ sparsity: zeros / (across ? columns : rows), axis: across ? 1 : 0 });
    const values = init([rows, columns], scheme, { seed: 42, name: "q", dtype, engine });
    const digits = 2 * values.BYTES_PER_ELEMENT;
    const bytes = Buffer.from(values.buffer);
    const pattern = (i: number) =>
      bytes
        .subarray((i * digits) / 2, ((i + 1) * digits) / 2)
        .reverse()
        .toString("hex");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
    expect(Array.from({ length: Math.min(8, values.length) }, (_, i) => pattern(i)).join(" ")).toBe(first);
  });
});

describe.each(SETS)("$name on extreme words", (set) => {
  test.each(vectors.words)("$distribution $parameters $dtype", ({ bits, dtype, ...drawn }) => {
    const extremes = parse(vectors.extremes);
    const words = [...extremes].flatMap((x) => [...extremes].flatMap((y) => [x, x, x, x, y, y, y, y]));
    const values = set.map(distributionOf(drawn), words, words.length, dtype);
    const kept = (i: number) => (dtype === "f64" ? i % 4 < 2 : i % 4 === 0); // equal words have equal values
    expect(values.filter((_, i) => kept(i))).toEqual(parse(bits));
  });
});

const script = fileURLToPath(new URL("../vectors/stream_v1.py", import.meta.url));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

// The golden vectors still are what the implementation in Python prints; CI machines may have Node alone.
test.skipIf(!hasPython)("the vectors' generator prints the vectors (skipped without python3)", () => {
  const printed = execFileSync("python3", [script], { encoding: "utf8", maxBuffer: 2 ** 26 });
  expect(printed).toBe(readFileSync(new URL("../vectors/stream_v1.json", import.meta.url), "utf8"));
});

test.skipIf(!hasPython)("docs/stream.md has the known answers that it prints (skipped without python3)", () => {
  const document = readFileSync(new URL("../../docs/stream.md", import.meta.url), "utf8");
  const lines = execFileSync("python3", [script, "--document"], { encoding: "utf8" }).trim().split("\n");
  expect(lines.length).toBeGreaterThan(15);
  for (const line of lines) {
    const answer = line.startsWith("|") ? line : line.replace(/^.*?: /, "").split(" last: ")[0];
    expect(document).toContain(answer);
  }
});
