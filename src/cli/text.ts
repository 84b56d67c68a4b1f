/** Numbers, names and laws as the tables have them. */

import type { Unsplit } from "../distribution.js";
import { digits } from "../math/digits.js";
import type { Scheme } from "../scheme/options.js";

/** A scheme in a line, its numbers to six digits. */
export const schemeText = ({ scheme: name, ...options }: Scheme): string =>
  [name, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value, rounded)}`)].join(" ");

const rounded = (_: string, value: unknown): unknown => (typeof value === "number" ? Number(digits(value)) : value);

/** A law with its numbers but for the std. */
export function distributionName(distribution: Unsplit): string {
  switch (distribution.kind) {
    case "constant":
      return `constant ${digits(distribution.value)}`;
    case "uniform":
      return `uniform (${digits(distribution.low)}, ${digits(distribution.high)})`;
    case "normal":
      return distribution.mean === 0 ? "normal" : `normal, mean ${digits(distribution.mean)}`;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return `normal cut at ${digits(mean + std * low)}, ${digits(mean + std * high)}`;
    }
    case "orthogonal":
      return `orthogonal, gain ${digits(distribution.gain)}`;
    case "diagonal":
      return `diagonal ${digits(distribution.value)}`;
    case "sparse":
      return `sparse, ${distribution.zeros} zeros a line`;
    case "hadamard":
      return "hadamard";
  }
}
