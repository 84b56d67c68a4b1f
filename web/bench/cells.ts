/** What the bench measures, in the words of `nn-init bench`: a distribution, who draws, where to, the element type, how many. */

import { normal, type Scheme, truncatedNormal, uniform } from "nn-init";
import type { BenchResult as CommandResult } from "../../src/cli/bench.result.js";

export const DISTRIBUTIONS = { uniform: "uniform", normal: "normal", truncated: "truncated normal" } as const;
export type DistributionName = keyof typeof DISTRIBUTIONS;

export const SCHEMES: Readonly<Record<DistributionName, Scheme>> = {
  uniform: uniform({ low: -0.1, high: 0.1 }),
  normal: normal({ std: 0.02 }),
  truncated: truncatedNormal({ std: 0.02 }),
};

/** The kernels, all threads with them, the twins, the loop that people write with Math.random, and the fill of memory. */
export type BenchEngine = "simd" | "threads" | "scalar" | "loop" | "limit";

export const ENGINES: Readonly<Record<BenchEngine, string>> = {
  threads: "SIMD kernels, all threads",
  simd: "SIMD kernels",
  scalar: "their twin in TypeScript",
  loop: "a loop with Math.random",
  limit: "filling the memory alone",
};

/** From what fits into the first cache to what fits into none. */
export const SIZES = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576] as const;

/** A cell, and seconds of a call in each turn. */
export interface Measured {
  readonly distribution: string;
  readonly engine: BenchEngine;
  readonly to: "arena" | "own";
  readonly dtype: "f32";
  readonly size: number;
  readonly seconds: readonly number[];
}

/** As `nn-init bench --json` writes it. */
export interface BenchResult extends Omit<CommandResult, "cells"> {
  readonly cells: readonly Measured[];
}

/** The fill of memory is one for all distributions. */
export const CEILING = "memory.fill";

const bestOf = (seconds: readonly number[]): number => Math.min(...seconds);

/** Elements in a second, in the best turn; undefined if it was not measured. */
export function rateOf(
  cells: readonly Measured[],
  distribution: string,
  engine: BenchEngine,
  size: number,
): number | undefined {
  const wanted = engine === "limit" ? CEILING : distribution;
  const found = cells.find((one) => one.distribution === wanted && one.engine === engine && one.size === size);
  return found === undefined || found.seconds.length === 0 ? undefined : size / bestOf(found.seconds);
}
