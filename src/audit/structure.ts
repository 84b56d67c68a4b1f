/** Checks of laws that leave no doubt: constants, and matrices of which sums or zeros are known beforehand. */

import type { FileType } from "../checkpoint/safetensors.js";
import type { Structured, Unsplit } from "../distribution.js";
import { round } from "../math/float.js";
import { certain, type Finding } from "./check.js";
import { scaleOf } from "./pattern.js";
import type { Moments } from "./tally.js";

type Constant = Extract<Unsplit, { kind: "constant" }>;

/** That all values are the constant, as the type has it. */
export function checkConstant({ min, max, finite }: Moments, { value }: Constant, type: FileType): Finding[] {
  if (finite === 0) return [];
  const expected = nearest(value, type);
  if (min === expected && max === expected) return [];
  return [certain("constant", `values from ${min} to ${max}, expected ${expected}`)];
}

function nearest(value: number, type: FileType): number {
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
      const outside = distribution.elements - distribution.rows * distribution.columns;
      const least = zeros < outside ? [certain("zeros", `${zeros} exact zeros, expected ${outside}`)] : [];
      return [
        ...close(
          "sum of squares",
          squares,
          distribution.gain * distribution.gain * Math.min(distribution.rows, distribution.columns),
        ),
        ...least,
      ];
    }
    case "diagonal": {
      const count = distribution.count * distribution.repeats;
      const there = distribution.value === 0 ? [] : close("values that are not 0", finite - zeros, count);
      return [...there, ...close("sum of squares", squares, distribution.value * distribution.value * count)];
    }
    case "sparse": {
      const lines = distribution.perRow ? distribution.rows : distribution.columns;
      return zeros >= distribution.zeros * lines && zeros < distribution.zeros * lines + 4 + 1e-3 * finite
        ? []
        : [certain("zeros", `${zeros} exact zeros, expected ${distribution.zeros * lines}`)];
    }
    case "hadamard": {
      const size = 1 / Math.sqrt(distribution.size);
      return [...close("largest value", max, size), ...close("smallest value", -min, size)];
    }
  }
}
