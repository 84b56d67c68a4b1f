/** What a scheme draws, in a sentence. */
import { show } from "../check.js";
import { type Law, stdOf } from "../distribution.js";
import { digits } from "../math/digits.js";
import { type Derivation, derive, type Scheme } from "./scheme.js";

/**
 * Law, std or bounds, and for schemes that follow from the shape the fans and the gain (the square root of the scale):
 * "heNormal of [784, 512]: normal, mean 0, cut at -0.114839 and 0.114839, std 0.0505076 (0.0574195 before the cut);
 * variance 2 / fan_in, with fan in 784, fan out 512, gain 1.41421". Numbers to six digits; `resolve` has them all.
 *
 * @throws what `resolve` throws.
 */
export function explain(scheme: Scheme, shape: readonly number[]): string {
  const { fill, from, parts } = derive(scheme, shape);
  const head = `${scheme.scheme} of ${show(shape)}:`;
  if (parts !== undefined) {
    const each = parts.map((part, i) => `[${i}] ${explain(part.scheme, part.shape)}`);
    return `${head} ${parts.length} parts. ${each.join(". ")}`;
  }
  const sentence = `${head} ${law(fill as Law)}`;
  return from === undefined ? sentence : `${sentence}; ${reason(from)}`;
}

function law(fill: Law): string {
  switch (fill.law) {
    case "constant":
      return `the constant ${digits(fill.value)}`;
    case "uniform":
      return `uniform strictly between ${digits(fill.low)} and ${digits(fill.high)}, std ${digits(stdOf(fill))}`;
    case "normal":
      return `normal, mean ${digits(fill.mean)}, std ${digits(fill.std)}`;
    case "truncated": {
      const { mean, std, low, high } = fill;
      const cuts = `cut at ${digits(mean + std * low)} and ${digits(mean + std * high)}`;
      return `normal, mean ${digits(mean)}, ${cuts}, std ${digits(stdOf(fill))} (${digits(std)} before the cut)`;
    }
    case "orthogonal": {
      const { rows, columns, gain, elements } = fill;
      const all = rows * columns === elements ? "" : ", 0 elsewhere";
      return `orthogonal matrix ${rows} x ${columns}, gain ${digits(gain)}, uniformly distributed${all}`;
    }
    case "diagonal":
      return `${digits(fill.value)} in ${fill.count * fill.repeats} places, 0 elsewhere`;
    case "sparse": {
      const line = fill.across ? `row of ${fill.columns}` : `column of ${fill.rows}`;
      return `normal, mean 0, std ${digits(fill.std)}, but ${fill.zeros} zeros in each ${line}`;
    }
    case "hadamard":
      return `Hadamard's matrix, values ${digits(1 / Math.sqrt(fill.size))} and their negatives`;
  }
}

function reason({ fans, scale, mode }: NonNullable<Derivation["from"]>): string {
  const both = `fan in ${digits(fans.in)}, fan out ${digits(fans.out)}`;
  return `variance ${digits(scale)} / ${mode}, with ${both}, gain ${digits(Math.sqrt(scale))}`;
}
