/** The part of the page's address after the #, for the network of the lab's flags: what `web/network.ts` reads. */
import type { LabFlags } from "./lab.flags.js";

/** Keys of the address, their defaults on the page, and where their values come from. */
const VALUES: readonly (readonly [key: string, initial: unknown, of: (flags: LabFlags) => unknown])[] = [
  ["n", "dense", ({ network }) => network],
  ["d", 50, ({ depth }) => depth],
  ["w", 256, ({ width }) => width],
  ["a", "relu", ({ activation, formula }) => (formula === undefined ? activation : "own")],
  ["f", undefined, ({ formula }) => formula],
  ["sl", 0.01, ({ slope }) => slope],
  ["s", undefined, ({ scheme }) => scheme && schemeWord(scheme)],
  ["r", undefined, ({ residual }) => (residual ? 1 : undefined)],
  ["bs", 1, ({ branchScale }) => branchScale],
  ["no", "none", ({ normalization }) => normalization],
  ["np", "pre", ({ normalizationAt }) => normalizationAt],
  ["bv", 0, ({ biasVariance }) => biasVariance],
  ["k", 3, ({ seeds }) => seeds],
  ["m", undefined, ({ samples }) => samples],
  ["seed", 0, ({ seed }) => seed],
  ["b", undefined, ({ recommendation }) => (recommendation ? undefined : "none")],
];

export function labAddress(flags: LabFlags): string {
  const pairs = VALUES.flatMap(([key, initial, of]) => {
    const value = of(flags);
    return value === undefined || value === initial ? [] : [`&${key}=${encodeURIComponent(String(value))}`];
  });
  return `#lab${pairs.join("")}`;
}

/** Such as `xavierNormal,gain=1.2`. Options that are neither numbers nor words (axes, fans) are left out. */
function schemeWord({ scheme, ...options }: NonNullable<LabFlags["scheme"]>): string {
  const given = Object.entries(options).filter(([, value]) => typeof value === "number" || typeof value === "string");
  return [scheme, ...given.map(([key, value]) => `${key}=${value}`)].join(",");
}
