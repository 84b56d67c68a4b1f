/** Shape and start of a planned tensor, as the vectors of transformers write them. */
import type { Distribution } from "../../src/index.js";
import type { PlannedTensor } from "../../src/model.js";

/** What transformers.py records of a tensor's values. */
function startOf(distribution: Distribution, rows: number, size: number): string {
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
      return `u${Math.fround(distribution.high)}`;
    case "split":
      return distribution.parts
        .map(({ length, distribution: part }) => `${startOf(part, rows, size)}*${(length * rows) / size}`)
        .join(",");
    default:
      throw new Error(distribution.kind);
  }
}

/** A normal that is cut at 8 std or later is one that is not cut: ViT's plan cuts all, as older versions do, new ones some. */
export const uncut = (tensor: string): string =>
  tensor.replace(/ t([\d.]+)$/, (cut, std) => (2 / Number(std) >= 8 ? ` n${std}` : cut));

/** Such as `5x4 n0.25`. */
export function textOf({ shape, distribution }: Pick<PlannedTensor, "shape" | "distribution">): string {
  const size = shape.reduce((a, b) => a * b, 1);
  return uncut(`${shape.join("x")} ${startOf(distribution, shape[0] ?? 1, size)}`);
}
