/** What a scheme draws, as a sentence. */
import { show } from "../check.js";
import type { Unsplit } from "../distribution.js";
import { checkDType, type DType } from "../dtype.js";
import { digits } from "../math/digits.js";
import { isEmpty, lostTo0, stdOf } from "../moments.js";
import type { Derivation } from "./derive.js";
import type { Scheme, SchemeName } from "./options.js";
import { derive } from "./scheme.js";

const MAX_LISTED = 64; // parts

/**
 * A sentence that says what a scheme draws for a shape: the distribution with its std and bounds, and for a scheme that
 * depends on the fans also the fans, the variance and the gain (the square root of the scale). It also says where a dtype
 * rounds typical values to 0, or has no value between the bounds. Numbers have six digits; `resolve` gives all of them.
 *
 * @param shape lengths of the axes.
 * @param given a scheme, or the name of a scheme that needs no options.
 * @param dtype the element type that is asked about.
 * @throws TypeError, RangeError as `resolve` does.
 * @example
 * ```js
 * import { explain, normal, orthogonal, xavierUniform } from "nn-init";
 *
 * console.log(explain([512], normal({ std: 0.02 }))); // normal of [512]: normal, mean 0, std 0.02
 * console.log(explain([3, 4], orthogonal())); // orthogonal of [3, 4]: orthogonal matrix 3 x 4, gain 1, uniformly distributed
 * const sentence = explain([10, 20], xavierUniform());
 * console.log(sentence.split("; ")[1]); // variance 1 / fan_avg, with fan in 20, fan out 10, gain 1
 * ```
 */
export function explain(shape: readonly number[], given: Scheme | SchemeName, dtype: DType = "f32"): string {
  const scheme = typeof given === "object" && given !== null ? { ...given } : given; // each option is read once
  const type = checkDType(dtype);
  const { distribution, from, parts } = derive(shape, scheme);
  const name = typeof scheme === "string" ? scheme : scheme.scheme;
  const head = `${name} of ${show(shape)}:`;
  if (parts !== undefined) {
    const each = parts.slice(0, MAX_LISTED).map((part, i) => `[${i}] ${explain(part.shape, part.scheme, type)}`);
    if (parts.length > MAX_LISTED) each.push("...");
    return `${head} ${parts.length} parts. ${each.join(". ")}`;
  }
  const sentence = `${head} ${describe(distribution as Unsplit)}${lossOf(distribution as Unsplit, type)}`;
  return from === undefined ? sentence : `${sentence}; ${reason(from)}`;
}

/** What a dtype leaves of a distribution, where that is little. */
function lossOf(distribution: Unsplit, dtype: DType): string {
  if (isEmpty(distribution, dtype)) return `; no value of ${dtype} is between the bounds`;
  return lostTo0(distribution, dtype) === undefined ? "" : `; ${dtype} rounds typical values to 0`;
}

function describe(distribution: Unsplit): string {
  switch (distribution.kind) {
    case "constant":
      return `the constant ${digits(distribution.value)}`;
    case "uniform": {
      const { low, high } = distribution;
      return `uniform strictly between ${digits(low)} and ${digits(high)}, std ${digits(stdOf(distribution))}`;
    }
    case "normal":
      return `normal, mean ${digits(distribution.mean)}, std ${digits(distribution.std)}`;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      const bounds = `truncated to (${digits(mean + std * low)}, ${digits(mean + std * high)})`;
      const stds = `std ${digits(stdOf(distribution))} (${digits(std)} before truncation)`;
      return `normal, mean ${digits(mean)}, ${bounds}, ${stds}`;
    }
    case "orthogonal": {
      const { rows, columns, gain, elements } = distribution;
      const rest = rows * columns === elements ? "" : ", 0 elsewhere";
      return `orthogonal matrix ${rows} x ${columns}, gain ${digits(gain)}, uniformly distributed${rest}`;
    }
    case "diagonal":
      return `${digits(distribution.value)} in ${distribution.count * distribution.repeats} places, 0 elsewhere`;
    case "sparse": {
      const line = distribution.perRow ? `row of ${distribution.columns}` : `column of ${distribution.rows}`;
      return `normal, mean 0, std ${digits(distribution.std)}, but ${distribution.zeros} zeros in each ${line}`;
    }
    case "hadamard":
      return `Hadamard matrix, values ${digits(1 / Math.sqrt(distribution.size))} and their negatives`;
  }
}

function reason({ fans, scale, mode }: NonNullable<Derivation["from"]>): string {
  const both = `fan in ${digits(fans.in)}, fan out ${digits(fans.out)}`;
  return `variance ${digits(scale)} / ${mode}, with ${both}, gain ${digits(Math.sqrt(scale))}`;
}
