/** Exact checks: of constants, and of structured matrices whose sum of squares or number of zeros is known. */

import type { FileType } from "../checkpoint/safetensors.js";
import type { Structured, Unsplit } from "../distribution.js";
import { round } from "../math/float.js";
import { certain } from "./check.js";
import type { Finding } from "./found.js";
import { scaleOf } from "./pattern.js";
import type { Moments } from "./tally.js";

type Constant = Extract<Unsplit, { kind: "constant" }>;

/** Checks that all values are the constant, rounded to the type. */
export function checkConstant({ min, max, finite }: Moments, { value }: Constant, type: FileType): Finding[] {
  if (finite === 0) return [];
  const expected = nearestValue(value, type);
  if (min === expected && max === expected) return [];
  return [certain("constant", `values from ${min} to ${max}, expected ${expected}`)];
}

function nearestValue(value: number, type: FileType): number {
  if (type === "F32" || type === "F64") return round(value, type === "F32" ? "f32" : "f64");
  if (type === "F16" || type === "BF16") return round(value, type === "F16" ? "f16" : "bf16");
  const { exact, low } = scaleOf(type);
  return exact ? low.reduce((best, x) => (Math.abs(x - value) < Math.abs(best - value) ? x : best)) : value;
}

export function checkStructure(moments: Moments, distribution: Structured, type: FileType): Finding[] {
  const { finite, zeros, squares, min, max } = moments;
  const precision = type === "F64" ? 1e-9 : type === "F32" ? 1e-4 : type === "F16" ? 2e-3 : 1e-2;
  const close = (name: string, got: number, expected: number) =>
    Math.abs(got - expected) <= precision * expected ? [] : [certain(name, `${name} ${got}, expected ${expected}`)];
  switch (distribution.kind) {
    case "orthogonal": {
      const { rows, columns, gain, elements } = distribution;
      const outside = elements - rows * columns;
      const least = zeros < outside ? [certain("zeros", `${zeros} exact zeros, expected ${outside}`)] : [];
      return [...close("sum of squares", squares, gain * gain * Math.min(rows, columns)), ...least];
    }
    case "diagonal": {
      const { value, repeats } = distribution;
      const count = distribution.count * repeats;
      const places = value === 0 ? [] : close("values that are not 0", finite - zeros, count);
      return [...places, ...close("sum of squares", squares, value * value * count)];
    }
    case "sparse": {
      const expected = distribution.zeros * (distribution.perRow ? distribution.rows : distribution.columns);
      // At least so many: values that are drawn may round to 0 as well.
      return zeros >= expected && zeros < expected + 4 + 1e-3 * finite
        ? []
        : [certain("zeros", `${zeros} exact zeros, expected ${expected}`)];
    }
    case "hadamard": {
      const size = 1 / Math.sqrt(distribution.size);
      return [...close("largest value", max, size), ...close("smallest value", -min, size)];
    }
  }
}
