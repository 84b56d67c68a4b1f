/** stream_v1.json with its types. It is what stream_v1.py prints, which is written from docs/stream.md alone. */
import { readFileSync } from "node:fs";
import type { Independent } from "../../src/distribution.js";
import type { DType } from "../../src/dtype.js";

interface Case {
  readonly distribution: "uniform" | "normal" | "truncated";
  readonly parameters: readonly number[];
  readonly dtype: DType;
}

interface Run extends Case {
  readonly seed: string;
  readonly name: string;
  readonly start: number;
}

/** A matrix named "q", of seed 42 if there is no other. */
export interface MatrixCase {
  readonly distribution: "orthogonal" | "sparse";
  readonly dtype: DType;
  /** Rows, columns; for sparse also the zeros of each line, and 1 where the lines are rows, 0 where they are columns. */
  readonly shape: readonly number[];
  /** The bits of the first eight elements. */
  readonly first: string;
  /** Of all bytes, little-endian. */
  readonly sha256: string;
}

/** A sparse matrix of one line. The elements `tie` have equal ranks, and only the first of them is among the zeros. */
export interface TieCase extends MatrixCase {
  readonly seed: string;
  readonly tie: readonly [first: number, second: number];
}

export interface Vectors {
  readonly streams: Readonly<Record<string, string>>;
  readonly elements: readonly (Run & { readonly bits: string })[];
  readonly words: readonly (Case & { readonly bits: string })[];
  readonly hashes: readonly (Run & { readonly count: number; readonly sha256: string })[];
  readonly matrices: readonly MatrixCase[];
  readonly ties: readonly TieCase[];
  readonly extremes: string;
}

export const vectors: Vectors = JSON.parse(readFileSync(new URL("stream_v1.json", import.meta.url), "utf8"));

export function distributionOf({ distribution: kind, parameters }: Omit<Case, "dtype">): Independent {
  const [a, b, c, d] = parameters as [number, number, number, number];
  if (kind === "uniform") return { kind, low: a, high: b };
  return kind === "normal" ? { kind, mean: a, std: b } : { kind, mean: a, std: b, low: c, high: d };
}

/** Bits as words: for a value of f64 two, the lower half first. */
export const parse = (bits: string): Uint32Array =>
  Uint32Array.from(
    bits.split(" ").flatMap((text) => (text.length > 8 ? [text.slice(8), text.slice(0, 8)] : [text])),
    (word) => Number(`0x${word}`),
  );
