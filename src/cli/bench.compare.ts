/**
 * Before and after: how many times faster each cell has become, with an interval that assumes no distribution of times.
 *
 * Source: H. B. Mann and D. R. Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the
 * Other" (1947); J. L. Hodges and E. L. Lehmann, "Estimates of Location Based on Rank Tests" (1963).
 */
import { isForeignCell, nameOfCell } from "./bench.cells.js";
import { type BenchResult, type Measured, machineText } from "./bench.result.js";
import { type Column, table } from "./table.js";

/** How many times faster: above 1 is faster. */
export interface SpeedUp {
  readonly ratio: number;
  /** It lies between these with a probability of at least 95%. Undefined where there are too few turns to say so. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

const ERROR = 0.05; // how often an interval may miss

/** @param before, after seconds of the turns of a cell, at least one each. */
export function speedUp(before: readonly number[], after: readonly number[]): SpeedUp {
  const ratios = before.flatMap((old) => after.map((now) => old / now)).sort((a, b) => a - b);
  const outside = mostOutside(before.length, after.length);
  return {
    ratio: medianOf(ratios),
    interval: outside === 0 ? undefined : [ratios[outside - 1] as number, ratios.at(-outside) as number],
  };
}

const medianOf = (sorted: readonly number[]): number =>
  ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;

/**
 * The largest k such that the interval from the k-th smallest to the k-th largest of all ratios is right often enough: that is,
 * such that P(U < k) is at most half of what may be missed. 0 where there is none.
 */
function mostOutside(m: number, n: number): number {
  const share = sharesOfU(m, n);
  let below = 0;
  for (let k = 0; k < share.length; ++k) {
    below += share[k] as number;
    if (below > ERROR / 2) return k;
  }
  return 0;
}

const MOST_EXACT = 100; // turns: with more the tables are long, and the intervals narrow in any case

/** The probabilities of U = 0, 1, ... if both samples come from one distribution. */
export function sharesOfU(m: number, n: number): readonly number[] {
  const [a, b] = [Math.min(m, MOST_EXACT), Math.min(n, MOST_EXACT)];
  // The generating function is the Gaussian binomial coefficient: the product of (1 - q^(b + i)) / (1 - q^i).
  let counts = new Float64Array(a * b + 1);
  counts[0] = 1;
  for (let i = 1; i <= a; ++i) {
    const scale = i / (b + i); // so that they stay probabilities
    counts = counts.map((value) => value * scale);
    for (let u = a * b; u >= b + i; --u) counts[u] = (counts[u] as number) - (counts[u - b - i] as number);
    for (let u = i; u <= a * b; ++u) counts[u] = (counts[u] as number) + (counts[u - i] as number);
  }
  return [...counts];
}

const COLUMNS: readonly Column[] = [
  { head: "cell", weight: 5, least: 24 },
  { head: "before, us", weight: 2, align: "right" },
  { head: "after, us", weight: 2, align: "right" },
  { head: "speed-up", weight: 4, align: "right" },
  { head: "95% interval", weight: 4 },
  { head: "", weight: 3 },
];

const NOTABLE = 0.02; // of what no code of this package changes

/** The table of a comparison. @throws Error where the two have no cell in common. */
export function comparisonText(before: BenchResult, after: BenchResult, width: number | undefined): string {
  const old = new Map(before.cells.map((cell) => [nameOfCell(cell), cell]));
  const pairs = after.cells.flatMap((cell) => {
    const earlier = old.get(nameOfCell(cell));
    return earlier === undefined ? [] : [{ cell, earlier, speed: speedUp(earlier.seconds, cell.seconds) }];
  });
  const rows = pairs.map(({ cell, earlier, speed }) => [
    nameOfCell(cell),
    microseconds(earlier),
    microseconds(cell),
    `${speed.ratio.toFixed(3)}x`,
    speed.interval === undefined ? "too few turns" : speed.interval.map((bound) => bound.toFixed(3)).join(" to "),
    wordOf(speed),
  ]);
  const moved = pairs.filter(({ cell, speed }) => isForeignCell(cell) && isNotable(speed));
  const names = moved.map(({ cell, speed }) => `${nameOfCell(cell)} ${speed.ratio.toFixed(3)}x`).join(", ");
  return [
    ...[`before: ${machineText(before.machine)}`, `after:  ${machineText(after.machine)}`],
    table(COLUMNS, rows, width),
    ...(moved.length === 0
      ? []
      : [`The machine itself was not the same in both runs: ${names}, which no code of nn-init changes`]),
    "",
  ].join("\n");
}

const microseconds = ({ seconds }: Measured): string => (Math.min(...seconds) * 1e6).toFixed(2);

function wordOf({ interval }: SpeedUp): string {
  if (interval === undefined) return "";
  if (interval[0] > 1) return "faster";
  return interval[1] < 1 ? "slower" : "no difference found";
}

const isNotable = ({ ratio, interval }: SpeedUp): boolean =>
  interval !== undefined && (interval[0] > 1 || interval[1] < 1) && Math.abs(ratio - 1) > NOTABLE;
