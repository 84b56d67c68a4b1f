/** What a scheme draws, in a sentence. */
import { show } from "../check.js";
import type { Unsplit } from "../distribution.js";
import { digits } from "../math/digits.js";
import { stdOf } from "../moments.js";
import type { Derivation } from "./derive.js";
import type { Scheme, SchemeName } from "./options.js";
import { derive } from "./scheme.js";

/**
 * Law, std or bounds, and for schemes that follow from the shape the fans and the gain (the square root of the scale):
 * "heNormal of [784, 512]: normal, mean 0, cut at -0.114839 and 0.114839, std 0.0505076 (0.0574195 before the cut);
 * variance 2 / fan_in, with fan in 784, fan out 512, gain 1.41421". Numbers to six digits; `resolve` has them all.
 *
 * @throws what `resolve` throws.
 */
export function explain(shape: readonly number[], scheme: Scheme | SchemeName): string {
  const { distribution, from, parts } = derive(shape, scheme);
  const name = typeof scheme === "string" ? scheme : scheme.scheme;
  const head = `${name} of ${show(shape)}:`;
  if (parts !== undefined) {
    const each = parts.map((part, i) => `[${i}] ${explain(part.shape, part.scheme)}`);
    return `${head} ${parts.length} parts. ${each.join(". ")}`;
  }
  const sentence = `${head} ${describe(distribution as Unsplit)}`;
  return from === undefined ? sentence : `${sentence}; ${reason(from)}`;
}

function describe(distribution: Unsplit): string {
  switch (distribution.kind) {
    case "constant":
      return `the constant ${digits(distribution.value)}`;
    case "uniform":
      return `uniform strictly between ${digits(distribution.low)} and ${digits(distribution.high)}, std ${digits(stdOf(distribution))}`;
    case "normal":
      return `normal, mean ${digits(distribution.mean)}, std ${digits(distribution.std)}`;
    case "truncated": {
      const { mean, std, low, high } = distribution;
      const cuts = `cut at ${digits(mean + std * low)} and ${digits(mean + std * high)}`;
      return `normal, mean ${digits(mean)}, ${cuts}, std ${digits(stdOf(distribution))} (${digits(std)} before the cut)`;
    }
    case "orthogonal": {
      const { rows, columns, gain, elements } = distribution;
      const all = rows * columns === elements ? "" : ", 0 elsewhere";
      return `orthogonal matrix ${rows} x ${columns}, gain ${digits(gain)}, uniformly distributed${all}`;
    }
    case "diagonal":
      return `${digits(distribution.value)} in ${distribution.count * distribution.repeats} places, 0 elsewhere`;
    case "sparse": {
      const line = distribution.perRow ? `row of ${distribution.columns}` : `column of ${distribution.rows}`;
      return `normal, mean 0, std ${digits(distribution.std)}, but ${distribution.zeros} zeros in each ${line}`;
    }
    case "hadamard":
      return `Hadamard's matrix, values ${digits(1 / Math.sqrt(distribution.size))} and their negatives`;
  }
}

function reason({ fans, scale, mode }: NonNullable<Derivation["from"]>): string {
  const both = `fan in ${digits(fans.in)}, fan out ${digits(fans.out)}`;
  return `variance ${digits(scale)} / ${mode}, with ${both}, gain ${digits(Math.sqrt(scale))}`;
}
