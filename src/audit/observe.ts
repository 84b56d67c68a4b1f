/** From the tallies of a tensor's runs to what was observed of it: merged in the order of the runs. */

import type { FileType } from "../checkpoint/safetensors.js";
import type { StoredTensor } from "../file/checkpoint.js";
import type { Sample } from "./check.js";
import { type Scale, scaleOf } from "./pattern.js";
import { type Region, regionsOf } from "./region.js";
import type { Observed } from "./report.js";
import { JOB_BYTES, type Job, type RegionTally, type Scanned, valuesIn } from "./scan.js";
import type { Subject } from "./subject.js";
import { emptyMoments, type Filled, isPatterned, merge, mergeFilled, SAMPLES } from "./tally.js";

export const regionsFor = ({ stored, distribution }: Subject): readonly Region[] =>
  regionsOf(distribution, valuesIn(stored.end - stored.begin, stored.dtype));

/** The runs that a tensor is read in. */
export function jobsOf(subject: Subject): readonly Job[] {
  const { path, at, begin, end, dtype: type } = subject.stored;
  const lengths = regionsFor(subject).map(({ length }) => length);
  const count = Math.ceil((end - begin) / JOB_BYTES);
  const samples = isPatterned(type) ? 0 : Math.ceil(SAMPLES / Math.max(1, count));
  return Array.from({ length: count }, (_, i): Job => {
    const done = i * JOB_BYTES;
    const bytes = Math.min(JOB_BYTES, end - begin - done);
    return { path, at: at + done, bytes, type, start: valuesIn(done, type), lengths, samples };
  });
}

export function observe(subject: Subject, scanned: readonly Scanned[]): Observed {
  const { name, shape, dtype: type }: StoredTensor = subject.stored;
  const regions = regionsFor(subject);
  const samples = regions.map((_, i) =>
    sampleOf(
      scanned.map((run) => run.regions[i] as RegionTally),
      type,
    ),
  );
  return { name, shape, type, regions, samples, signs: scanned[0]?.signs };
}

function sampleOf(runs: readonly RegionTally[], type: FileType): Sample {
  const scale = scaleOf(type);
  const moments = emptyMoments();
  for (const run of runs) merge(moments, run.moments);
  const filled = mergeFilled(
    runs.map((run) => run.filled),
    scale,
  );
  if (!isPatterned(type)) return { moments, filled, ...differing(runs.map(({ sample }) => sample)) };
  return { moments, filled, distinct: used(filled, scale), among: moments.finite };
}

/** How many values differ, among those that were handed back. */
function differing(sorted: readonly Float64Array[]): Pick<Sample, "distinct" | "among"> {
  const all = sorted.length === 1 ? (sorted[0] as Float64Array) : merged(sorted);
  let distinct = 0;
  for (let i = 0; i < all.length; ++i) if (i === 0 || all[i] !== all[i - 1]) distinct += 1;
  return { distinct, among: all.length };
}

function merged(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
}

/** Values that occur; +0 and -0 are one. */
function used({ ranks }: Filled, { low }: Scale): number {
  let distinct = 0;
  for (let i = 0; i < ranks.length; ++i) {
    if (i === 0 || low[ranks[i] as number] !== low[ranks[i - 1] as number]) distinct += 1;
  }
  return distinct;
}
