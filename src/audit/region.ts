/** The parts of a tensor that have a law each: all of it, or the parts of a packed one. */
import type { Distribution, Unsplit } from "../distribution.js";
import { isRandom } from "../moments.js";

export interface Region {
  /** None where nothing says what a tensor was drawn from. */
  readonly distribution: Unsplit | undefined;
  /** Elements of it that lie together, one period after the other. */
  readonly length: number;
}

export function regionsOf(distribution: Distribution | undefined, elements: number): readonly Region[] {
  return distribution?.kind === "split" ? distribution.parts : [{ distribution: distribution, length: elements }];
}

/** Whether values and their negatives are as likely as each other, so that their signs are coins. */
export function isSymmetric(distribution: Unsplit | undefined): boolean {
  if (!isRandom(distribution)) return distribution?.kind === "orthogonal";
  return distribution.kind === "uniform"
    ? distribution.low === -distribution.high
    : distribution.mean === 0 && (distribution.kind === "normal" || distribution.low === -distribution.high);
}
