/** What was read of a tensor: the tallies of its pieces, merged in the order of the pieces. */
import type { FileType } from "../checkpoint/safetensors.js";
import type { StoredTensor } from "../checkpoint/stored.js";
import { isRandom } from "../moments.js";
import type { RegionSummary } from "./check.js";
import { type Lines, linesOf } from "./lines.js";
import { type Scale, scaleOf } from "./pattern.js";
import { type Region, regionsOf } from "./region.js";
import type { TensorSummary } from "./report.js";
import { distinctIn } from "./sample.js";
import { PIECE_BYTES, type RegionTally, type Scanned, type StoredPiece } from "./scan.js";
import type { Subject } from "./subject.js";
import { emptyMoments, type Filled, isPatterned, merge, mergeFilled, SAMPLES, valuesIn } from "./tally.js";

export const regionsFor = ({ stored, distribution }: Subject): readonly Region[] =>
  regionsOf(distribution, valuesIn(stored.end - stored.begin, stored.dtype));

/** The rows or columns whose norms are checked. */
export const linesFor = ({ stored, distribution }: Subject): readonly Lines[] =>
  distribution === undefined || distribution.kind === "split" || !isRandom(distribution)
    ? []
    : linesOf(stored.shape, stored.dtype, distribution);

/** The pieces in which a tensor is read. */
export function storedPieces(subject: Subject): readonly StoredPiece[] {
  const { path, at, begin, end, dtype: type } = subject.stored;
  const lengths = regionsFor(subject).map(({ length }) => length);
  const lines = linesFor(subject);
  const count = Math.ceil((end - begin) / PIECE_BYTES);
  const samples = isPatterned(type) ? 0 : Math.ceil(SAMPLES / Math.max(1, count));
  return Array.from({ length: count }, (_, i): StoredPiece => {
    const done = i * PIECE_BYTES;
    const bytes = Math.min(PIECE_BYTES, end - begin - done);
    return { path, at: at + done, bytes, type, start: valuesIn(done, type), lengths, samples, lines };
  });
}

export function summarize(subject: Subject, scanned: readonly Scanned[]): TensorSummary {
  const { name, shape, dtype: type }: StoredTensor = subject.stored;
  const regions = regionsFor(subject);
  const summaries = regions.map((_, i) =>
    summarizeRegion(
      scanned.map((piece) => piece.regions[i] as RegionTally),
      type,
    ),
  );
  const lines = linesFor(subject).map((lines, i) => ({ lines, squares: sumOf(lines, scanned, i) }));
  const { copyOf, computed } = subject;
  return { name, shape, type, regions, summaries, lines, copyOf, computed, signs: scanned[0]?.signs };
}

/** The sums of squares of a tensor's lines, over its pieces. */
function sumOf({ count }: Lines, scanned: readonly Scanned[], i: number): Float64Array {
  const sums = new Float64Array(count);
  for (const { squares } of scanned) {
    (squares[i] as Float64Array).forEach((square, line) => {
      sums[line] = (sums[line] as number) + square;
    });
  }
  return sums;
}

function summarizeRegion(tallies: readonly RegionTally[], type: FileType): RegionSummary {
  const scale = scaleOf(type);
  const moments = emptyMoments();
  for (const tally of tallies) merge(moments, tally.moments);
  const filled = mergeFilled(
    tallies.map((tally) => tally.filled),
    scale,
  );
  if (!isPatterned(type)) {
    const samples = tallies.map(({ sample }) => sample);
    return {
      moments,
      filled,
      distinct: distinctIn(samples),
      among: samples.reduce((sum, { length }) => sum + length, 0),
    };
  }
  return { moments, filled, distinct: countFilled(filled, scale), among: moments.finite };
}

/** How many different values there are in bins of one value each; +0 and -0 are one value. */
function countFilled({ ranks }: Filled, { low }: Scale): number {
  let distinct = 0;
  for (let i = 0; i < ranks.length; ++i) {
    if (i === 0 || low[ranks[i] as number] !== low[ranks[i - 1] as number]) distinct += 1;
  }
  return distinct;
}
