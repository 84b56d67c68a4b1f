/** The histogram of a tensor's values, coarse enough to look at, beside the one that its distribution makes. */

import { isRandom } from "../moments.js";
import { cdf } from "./expectation.js";
import type { Histogram } from "./found.js";
import { scaleOf } from "./pattern.js";
import type { TensorSummary } from "./report.js";

const COLUMNS = 41;

export function histogramOf({ regions, summaries, type }: TensorSummary): Histogram {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { moments } of summaries) [low, high] = [Math.min(low, moments.min), Math.max(high, moments.max)];
  if (!(low < high)) return { low: low || 0, high: high || 0, measured: [1], expected: null };
  const width = (high - low) / COLUMNS;
  const sums = new Float64Array(COLUMNS);
  const scale = scaleOf(type);
  const column = (x: number) => Math.min(COLUMNS - 1, Math.max(0, Math.floor((x - low) / width)));
  let total = 0;
  for (const { filled } of summaries) {
    filled.ranks.forEach((rank, i) => {
      const count = filled.counts[i] as number;
      total += count;
      const [begin, end] = [Math.max(low, scale.low[rank] as number), Math.min(high, scale.high[rank] as number)];
      const [first, last] = [column(begin), column(end)];
      for (let j = first; j <= last; ++j) {
        // The values of a bin are taken to lie evenly within it.
        const overlap = Math.min(end, low + (j + 1) * width) - Math.max(begin, low + j * width);
        const share = end > begin ? Math.max(0, overlap) / (end - begin) : Number(j === first);
        sums[j] = (sums[j] as number) + count * share;
      }
    });
  }
  const measured = Array.from(sums, (sum) => (total === 0 ? 0 : sum / total));
  const distribution = regions.length === 1 ? regions[0]?.distribution : undefined;
  if (!isRandom(distribution)) return { low, high, measured, expected: null };
  const below = cdf(distribution);
  const expected = measured.map((_, j) => below(low + (j + 1) * width) - below(low + j * width));
  return { low, high, measured, expected };
}
