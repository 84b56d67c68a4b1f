/** Values that are functions of one draw each: docs/stream.md, "Computed values". */
import { type Unsplit, uniformDistribution } from "../distribution.js";
import { exp, log } from "../math/functions.js";
import { expm1 } from "../math/transcendental.js";
import type { OfDraw } from "./computed.js";

/** The distribution in binary64 whose values the function takes. */
export const uniformOf = ({ kind, low, high }: OfDraw): Unsplit =>
  kind === "logUniform" ? uniformDistribution(log(low), log(high)) : uniformDistribution(low, high);

/** The function of a value of `uniformOf`. */
export function imageOf(of: OfDraw, x: number): number {
  if (of.kind === "logOfUniform") return log(x);
  const value = Math.max(of.floor, Math.min(of.high, Math.max(of.low, exp(x))));
  return of.softplus ? inverseSoftplus(value) : value;
}

/** The number whose softplus ln(1 + e^x) is y > 0. */
const inverseSoftplus = (y: number): number => y + log(-expm1(-y));
