/** What test/vectors/schemes_v1.py answers, which is written from docs/stream.md alone; and what the library does. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Distribution, partsOf, type Unsplit } from "../../src/distribution.js";
import { type DType, type EngineName, init, resolve, type Scheme } from "../../src/index.js";

export interface SchemeCase {
  readonly scheme: Scheme;
  readonly shape: readonly number[];
  readonly seed: string;
  readonly name: string;
  readonly dtype: DType;
}

interface Answer {
  /** Of each part, or of the tensor: the kind, then its numbers; those that need not be whole as bits of binary64. */
  readonly distributions: readonly (readonly (string | number)[])[];
  /** The bits of the first four values. */
  readonly first: string;
  /** Of all bytes, little-endian. */
  readonly sha256: string;
}

export const golden: readonly (SchemeCase & Answer)[] = JSON.parse(
  readFileSync(new URL("schemes_v1.json", import.meta.url), "utf8"),
).cases;

const bits = (x: number): string =>
  Buffer.from(new Float64Array([x]).buffer)
    .reverse()
    .toString("hex");

function described(distribution: Unsplit): readonly (string | number)[] {
  const { kind } = distribution;
  if (kind === "constant") return [kind, bits(distribution.value)];
  if (kind === "uniform") return [kind, bits(distribution.low), bits(distribution.high)];
  if (kind === "normal") return [kind, bits(distribution.mean), bits(distribution.std)];
  if (kind === "truncated") {
    const { mean, std, low, high } = distribution;
    return [kind, ...[mean, std, low, high].map(bits)];
  }
  if (kind === "orthogonal") return [kind, distribution.rows, distribution.columns, bits(distribution.gain)];
  if (kind !== "sparse") return ["fixed"];
  const { rows, columns, std, zeros, perRow } = distribution;
  return [kind, rows, columns, bits(std), zeros, perRow ? 1 : 0];
}

/** The parts of the distribution, if its scheme has parts; equal ones may have become one distribution. */
function partsDescribed(distribution: Distribution, { scheme }: SchemeCase): Answer["distributions"] {
  const parts = partsOf(distribution).map(described);
  if (scheme.scheme !== "split" || distribution.kind === "split") return parts;
  const count = typeof scheme.parts === "number" ? scheme.parts : scheme.parts.length;
  return Array(count).fill(parts[0]);
}

/** The library's answer. */
export function answer(one: SchemeCase, engine: EngineName): Answer {
  const { scheme, shape, seed, name, dtype } = one;
  const values = init(shape, scheme, { seed: BigInt(seed), name, dtype, engine });
  const bytes = Buffer.from(values.buffer);
  const width = values.BYTES_PER_ELEMENT;
  const first = Array.from({ length: Math.min(4, values.length) }, (_, i) =>
    Buffer.from(bytes.subarray(i * width, (i + 1) * width))
      .reverse()
      .toString("hex"),
  );
  return {
    distributions: partsDescribed(resolve(shape, scheme), one),
    first: first.join(" "),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
