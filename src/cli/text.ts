/** Schemes and distributions in words, as the tables and pages show them. */
import { printable } from "../check.js";
import type { Unsplit } from "../distribution.js";
import { digits } from "../math/digits.js";
import type { Scheme } from "../scheme/options.js";
import type { Examined } from "./complete.js";

/** A scheme on one line, its numbers to six digits. */
export const schemeText = ({ scheme: name, ...options }: Scheme): string =>
  [name, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value, rounded)}`)].join(" ");

const rounded = (_: string, value: unknown): unknown => (typeof value === "number" ? Number(digits(value)) : value);

/** A distribution with its numbers, without its standard deviation, which has a column of its own. */
export function distributionText(distribution: Unsplit): string {
  switch (distribution.kind) {
    case "constant":
      return `constant ${digits(distribution.value)}`;
    case "uniform":
      return `uniform (${digits(distribution.low)}, ${digits(distribution.high)})`;
    case "normal":
      return distribution.mean === 0 ? "normal" : `normal, mean ${digits(distribution.mean)}`;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return `truncated normal (${digits(mean + std * low)}, ${digits(mean + std * high)})`;
    }
    case "orthogonal":
      return `orthogonal, gain ${digits(distribution.gain)}`;
    case "diagonal":
      return `diagonal ${digits(distribution.value)}`;
    case "sparse":
      return `sparse, ${distribution.zeros} zeros per ${distribution.perRow ? "row" : "column"}`;
    case "hadamard":
      return "hadamard";
  }
}

const MOST_NAMES = 20; // that a text lists

/**
 * Lines about what is wrong with the files of a checkpoint.
 *
 * @param files how many there should be.
 */
export const faultLines = ({ missing, foreign }: Pick<Examined, "missing" | "foreign">, files: number) => [
  ...(missing.length === 0 ? [] : [`missing, or not whole: ${missing.length} of ${files} files: ${listOf(missing)}`]),
  ...(foreign.length === 0 ? [] : [foreignText(foreign)]),
];

/** A line about files that belong to another checkpoint. */
export const foreignText = (names: readonly string[]): string => `foreign, remove them: ${listOf(names)}`;

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(printable).join(", ");
  return names.length > MOST_NAMES ? `${shown}, ... ${names.length - MOST_NAMES} more` : shown;
}
