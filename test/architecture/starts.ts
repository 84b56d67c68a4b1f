/** Shape and start of a planned tensor, as the vectors of transformers write them. */
import { isOfDraw, isPlaced, type ModelDistribution } from "../../src/computed/computed.js";
import { imageOf, uniformOf } from "../../src/computed/image.js";
import { writePlaced } from "../../src/computed/place.js";
import type { PlannedTensor } from "../../src/model.js";

/** What transformers.py records of a tensor's values. */
function startOf(distribution: ModelDistribution, rows: number, size: number): string {
  switch (distribution.kind) {
    case "constant":
      return `=${Math.fround(distribution.value)}`;
    case "normal":
      return `n${Math.fround(distribution.std)}`;
    case "truncated": {
      const [low, high] = [distribution.low, distribution.high].map((bound) => Math.fround(bound * distribution.std));
      return `t${Math.fround(distribution.std)}${low === -2 && high === 2 ? "" : `@${low},${high}`}`;
    }
    case "uniform":
      return distribution.low === 0 && distribution.high === 1 ? "u0:1" : `u${Math.fround(distribution.high)}`;
    case "split":
      return distribution.parts
        .map(({ length, distribution: part }) => `${startOf(part, rows, size)}*${(length * rows) / size}`)
        .join(",");
    case "norms": {
      const { of, elements, length } = distribution; // of a tensor whose values all are the bound
      return of.kind === "uniform" ? `u${of.high * Math.sqrt(elements / length)} norm` : "?";
    }
    default:
      return `c${computedValues(distribution, size).join()}`;
  }
}

/** The values of a computed tensor, with (i + 0.5) / n in place of draw i of n. */
function computedValues(distribution: ModelDistribution, size: number): Float64Array {
  const values = new Float64Array(size);
  if (isPlaced(distribution)) writePlaced(distribution, 0, values);
  else if (isOfDraw(distribution)) {
    const uniform = uniformOf(distribution);
    if (uniform.kind !== "uniform") throw new Error(uniform.kind);
    const { low, high } = uniform;
    return values.map((_, i) => imageOf(distribution, low + ((i + 0.5) / size) * (high - low)));
  } else throw new Error(distribution.kind);
  return values;
}

/** The library's computed values are of binary32, with six digits; ours that agree are written as they are. */
export function agreed(ours: string, theirs = ""): string {
  const [norm, sum] = [ours, theirs].map((tensor) => Number(/ u([\d.]+)/.exec(tensor)?.[1])) as [number, number];
  if (ours.endsWith(" norm")) return Math.abs(norm / sum - 1) < 1e-6 ? theirs : ours;
  const [mine, other] = [ours, theirs].map((tensor) =>
    tensor
      .match(/ c(.*)/)?.[1]
      ?.split(",")
      .map(Number),
  );
  if (mine === undefined || other?.length !== mine.length) return ours;
  return mine.every((value, i) => Math.abs(value - (other[i] as number)) < 1e-5) ? theirs : ours;
}

/** A normal that is cut at 8 std or later is one that is not cut: ViT's plan cuts all, as older versions do, new ones some. */
export const uncut = (tensor: string): string =>
  tensor.replace(/ t([\d.]+)$/, (cut, std) => (2 / Number(std) >= 8 ? ` n${std}` : cut));

/** Such as `5x4 n0.25`. */
export function textOf({ shape, distribution }: Pick<PlannedTensor, "shape" | "distribution">): string {
  const size = shape.reduce((a, b) => a * b, 1);
  return uncut(`${shape.join("x")} ${startOf(distribution, shape[0] ?? 1, size)}`);
}
