/** What test/vectors/computed_v1.py answers, which is written from docs/stream.md alone; and what the library does. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { checkpoint } from "../../src/checkpoint.js";
import type { EngineName } from "../../src/index.js";
import { type DType, modelOfShapes } from "../../src/model.js";

export interface ComputedCase {
  /** A list of shapes, of which the first tensor is asked for. */
  readonly tensors: readonly { readonly name: string; readonly [key: string]: unknown }[];
  readonly seed: string;
  readonly dtype: DType;
}

interface Answer {
  /** The bits of the first four values. */
  readonly first: string;
  /** Of all bytes, little-endian. */
  readonly sha256: string;
}

export const golden: readonly (ComputedCase & Answer)[] = JSON.parse(
  readFileSync(new URL("computed_v1.json", import.meta.url), "utf8"),
).cases;

/** The library's answer. */
export function answer({ tensors, seed, dtype }: ComputedCase, engine: EngineName): Answer {
  const made = checkpoint(modelOfShapes("m", tensors), { seed: BigInt(seed), dtype, engine });
  const values = made.region(tensors[0]?.name ?? "", []);
  const bytes = Buffer.from(values.buffer);
  const width = values.BYTES_PER_ELEMENT;
  const first = Array.from({ length: Math.min(4, values.length) }, (_, i) =>
    Buffer.from(bytes.subarray(i * width, (i + 1) * width))
      .reverse()
      .toString("hex"),
  );
  return { first: first.join(" "), sha256: createHash("sha256").update(bytes).digest("hex") };
}
