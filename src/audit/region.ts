/** The regions of a tensor, each with one distribution: the whole tensor, or the parts of a packed one. */
import type { Distribution, Unsplit } from "../distribution.js";
import { isRandom } from "../moments.js";

export interface Region {
  /** Undefined if nothing says what the tensor was drawn from. */
  readonly distribution: Unsplit | undefined;
  /** Number of consecutive elements. The regions follow each other, and then begin again. */
  readonly length: number;
}

export function regionsOf(distribution: Distribution | undefined, elements: number): readonly Region[] {
  return distribution?.kind === "split" ? distribution.parts : [{ distribution, length: elements }];
}

/** Whether a value and its negative are equally likely, so that signs are fair coins. */
export function isSymmetric(distribution: Unsplit | undefined): boolean {
  if (!isRandom(distribution)) return distribution?.kind === "orthogonal";
  return distribution.kind === "uniform"
    ? distribution.low === -distribution.high
    : distribution.mean === 0 && (distribution.kind === "normal" || distribution.low === -distribution.high);
}
