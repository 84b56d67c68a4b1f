/** test/vectors/stream_v1.json, typed. Made by stream_v1.py from docs/stream.md alone. */
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

/** Rows and columns; of a sparse one the zeros of a line, and 1 where lines are rows. */
interface MatrixCase {
  readonly distribution: "orthogonal" | "sparse";
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly first: string;
  readonly sha256: string;
}

export interface Vectors {
  readonly streams: Readonly<Record<string, string>>;
  readonly elements: readonly (Run & { readonly bits: string })[];
  readonly words: readonly (Case & { readonly bits: string })[];
  readonly hashes: readonly (Run & { readonly count: number; readonly sha256: string })[];
  readonly matrices: readonly MatrixCase[];
  readonly extremes: string;
}

export const vectors: Vectors = JSON.parse(readFileSync(new URL("stream_v1.json", import.meta.url), "utf8"));

export function distributionOf({ distribution: kind, parameters }: Omit<Case, "dtype">): Independent {
  const [a, b, c, d] = parameters as [number, number, number, number];
  if (kind === "uniform") return { kind, low: a, high: b };
  return kind === "normal" ? { kind, mean: a, std: b } : { kind, mean: a, std: b, low: c, high: d };
}

/** Bits in words of 32, two of them for a value of f64, its lower half first. */
export const parse = (bits: string): Uint32Array =>
  Uint32Array.from(
    bits.split(" ").flatMap((text) => (text.length > 8 ? [text.slice(8), text.slice(0, 8)] : [text])),
    (word) => Number(`0x${word}`),
  );
