/** The parts of a tensor that have a law each: all of it, or the parts of a packed one. */
import { type Fill, isStructured, type Law, type Pointwise } from "../distribution.js";
import type { Random } from "./expectation.js";

export interface Region {
  /** None where nothing says what a tensor was drawn from. */
  readonly law: Law | undefined;
  /** Elements of it that lie together, one period after the other. */
  readonly length: number;
}

export function regionsOf(fill: Fill | undefined, elements: number): readonly Region[] {
  return fill?.law === "split" ? fill.parts : [{ law: fill, length: elements }];
}

export const isRandom = (law: Law | undefined): law is Random =>
  law !== undefined && !isStructured(law) && (law as Pointwise).law !== "constant";

/** Whether values and their negatives are as likely as each other, so that their signs are coins. */
export function isSymmetric(law: Law | undefined): boolean {
  if (!isRandom(law)) return law?.law === "orthogonal";
  return law.law === "uniform"
    ? law.low === -law.high
    : law.mean === 0 && (law.law === "normal" || law.low === -law.high);
}
