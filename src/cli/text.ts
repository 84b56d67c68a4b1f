/** Numbers, names and laws as the tables have them. */

import type { Law } from "../distribution.js";
import { digits } from "../math/digits.js";
import type { Scheme } from "../scheme/scheme.js";

/** A name from a file: what could move a terminal's cursor is escaped. */
export const printable = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
  name.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });

/** A scheme in a line, its numbers to six digits. */
export const schemeText = ({ scheme: name, ...options }: Scheme): string =>
  [name, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value, rounded)}`)].join(" ");

const rounded = (_: string, value: unknown): unknown => (typeof value === "number" ? Number(digits(value)) : value);

/** A law with its numbers but for the std. */
export function lawName(law: Law): string {
  switch (law.law) {
    case "constant":
      return `constant ${digits(law.value)}`;
    case "uniform":
      return `uniform (${digits(law.low)}, ${digits(law.high)})`;
    case "normal":
      return law.mean === 0 ? "normal" : `normal, mean ${digits(law.mean)}`;
    case "truncated": {
      const { mean, std, low, high } = law;
      return `normal cut at ${digits(mean + std * low)}, ${digits(mean + std * high)}`;
    }
    case "orthogonal":
      return `orthogonal, gain ${digits(law.gain)}`;
    case "diagonal":
      return `diagonal ${digits(law.value)}`;
    case "sparse":
      return `sparse, ${law.zeros} zeros a line`;
    case "hadamard":
      return "hadamard";
  }
}
