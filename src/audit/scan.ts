/** Reads a piece of a tensor and tallies it, region by region. */
import type { FileType } from "../checkpoint/safetensors.js";
import type { Extent, Reading } from "../checkpoint/stored.js";
import { type CountingMemory, type CountOperations, countingMemory } from "../engine/counting.js";
import { addSquares, type Lines } from "./lines.js";
import { scaleOf } from "./pattern.js";
import { Sampler, signsOf } from "./sample.js";
import {
  BINS,
  bitsOf,
  counter,
  emptyMoments,
  type Filled,
  filledOf,
  inFirstTable,
  infiniteIn,
  isPatterned,
  type Moments,
  momentsOf,
  type Tally,
  takeFilled,
  valuesIn,
} from "./tally.js";

/** A piece of a tensor's bytes, for one thread to read. */
export interface StoredPiece extends Extent {
  readonly type: FileType;
  /** Index of its first value in the tensor. */
  readonly start: number;
  /** The length of each region: how many consecutive values belong to it before the next region begins. */
  readonly lengths: readonly number[];
  /** How many values of each region to return; 0 for types whose bins are single values. */
  readonly samples: number;
  /** The rows or columns whose squares are summed. */
  readonly lines: readonly Lines[];
}

export interface RegionTally {
  readonly moments: Moments;
  readonly filled: Filled;
  /** The first values of the region in the piece. */
  readonly sample: Float64Array<ArrayBuffer>;
}

export interface Scanned {
  readonly regions: readonly RegionTally[];
  /** The signs of the first values, if the piece is the first of its tensor. */
  readonly signs: string | undefined;
  /** For each of the piece's lines, the sums of squares within the piece. */
  readonly squares: readonly Float64Array[];
}

/** The bytes of a run: consecutive values of one region. */
type RunBytes = Uint8Array<ArrayBuffer>;

/** The tally of a region while its values are counted. */
interface RunningTally extends Tally {
  values: number;
  readonly sample: Sampler;
}

/** Bytes read at a time. A multiple of every element's size, 3 bytes included, that stays in a core's own cache. */
const SCAN_BYTES = 3 * 2 ** 19;
/** Most bytes of a piece. */
export const PIECE_BYTES = 32 * SCAN_BYTES;
/** A piece of at most so many values is counted without a look at all 65,536 bins, which would take most of the time. */
const FEW_VALUES = 4096;

/** Whether a piece has so few values that it takes less time to read it than to ask another thread. */
export const isSmall = ({ bytes, type }: StoredPiece): boolean => valuesIn(bytes, type) <= MOST_AT_ONCE;

const MOST_AT_ONCE = 256;

/** Memory of one reading. It is used again for the next piece, and several pieces can be read at once. */
interface ScanMemory extends CountingMemory {
  /** For pieces with few values. Empty between pieces. */
  readonly sharedBins: Uint32Array;
}

const unused: ScanMemory[] = [];

/** Memory with bins for each region of a piece with many values. */
function memoryFor(regions: number): ScanMemory {
  const kept = unused.pop();
  if (kept !== undefined && kept.bins.length >= regions) return kept;
  return { ...countingMemory(SCAN_BYTES, regions), sharedBins: kept?.sharedBins ?? new Uint32Array(2 * BINS) };
}

export function* scan(piece: StoredPiece): Reading<Scanned> {
  const memory = memoryFor(isFew(piece) ? 0 : piece.lengths.length);
  const scanned = yield* scanOn(memory, piece);
  unused.push(memory); // after an error it is left, since its bins may not be empty
  return scanned;
}

const isFew = ({ bytes, type }: StoredPiece): boolean => valuesIn(bytes, type) <= FEW_VALUES;

function* scanOn(memory: ScanMemory, piece: StoredPiece): Reading<Scanned> {
  const { path, at, type } = piece;
  const squares = piece.lines.map(({ count }) => new Float64Array(count));
  const tallies = isFew(piece) ? new FewTallies(piece, memory.sharedBins) : new ManyTallies(piece, memory);
  let signs: string | undefined;
  for (let done = 0; done < piece.bytes; done += SCAN_BYTES) {
    const bytes = memory.bytes.subarray(0, Math.min(SCAN_BYTES, piece.bytes - done));
    yield { path, at: at + done, to: bytes };
    const start = piece.start + valuesIn(done, type);
    if (start === 0) signs = signsOf(bytes, type);
    for (const [i, lines] of piece.lines.entries()) addSquares(bytes, type, start, lines, squares[i] as Float64Array);
    forEachRun(bytes, type, start, piece.lengths, (run, region) => tallies.take(run, region));
  }
  return { regions: tallies.end(), signs, squares };
}

/** Tallies of the regions of a piece, to which runs of values are given in their order. */
interface Tallies {
  take(run: RunBytes, region: number): void;
  end(): readonly RegionTally[];
}

class ManyTallies implements Tallies {
  readonly #piece: StoredPiece;
  readonly #regions: readonly RunningTally[];
  readonly #counting: CountOperations;

  constructor(piece: StoredPiece, { bins, counting }: CountingMemory) {
    this.#piece = piece;
    this.#counting = counting;
    this.#regions = piece.lengths.map((_, i) => ({
      ...{ moments: emptyMoments(), bins: (bins[i] as Uint32Array).fill(0) },
      ...{ values: 0, sample: new Sampler(piece.samples) },
    }));
  }

  take(run: RunBytes, region: number): void {
    const tally = this.#regions[region] as RunningTally;
    const { type } = this.#piece;
    counter(type, this.#counting)(run, tally);
    tally.values += valuesIn(run.length, type);
    tally.sample.take(run, type);
  }

  end(): readonly RegionTally[] {
    const scale = scaleOf(this.#piece.type);
    return this.#regions.map((region) =>
      tallyOf(region, this.#piece.type, () => filledOf(inFirstTable(region.bins), scale)),
    );
  }
}

/** Keeps the runs, all of which lie in the buffer, and counts one region after the other in the same bins. */
class FewTallies implements Tallies {
  readonly #piece: StoredPiece;
  readonly #bins: Uint32Array;
  readonly #runs: readonly RunBytes[][];

  constructor(piece: StoredPiece, bins: Uint32Array) {
    this.#piece = piece;
    this.#bins = bins;
    this.#runs = piece.lengths.map(() => []);
  }

  take(run: RunBytes, region: number): void {
    (this.#runs[region] as RunBytes[]).push(run);
  }

  end(): readonly RegionTally[] {
    const { type, samples } = this.#piece;
    const count = counter(type);
    return this.#runs.map((runs) => {
      const values = runs.reduce((sum, run) => sum + valuesIn(run.length, type), 0);
      const sample = new Sampler(Math.min(samples, values));
      const region = { moments: emptyMoments(), bins: this.#bins, values, sample };
      for (const run of runs) {
        count(run, region);
        sample.take(run, type);
      }
      return tallyOf(region, type, () => takeFilled(this.#bins, runs, type, scaleOf(type)));
    });
  }
}

/** The result for a region whose values were counted. @param take gets the filled bins. */
function tallyOf({ moments, bins, values, sample }: RunningTally, type: FileType, take: () => Filled): RegionTally {
  if (!isPatterned(type)) return { moments, filled: take(), sample: sample.values };
  const scale = scaleOf(type);
  const infinite = infiniteIn(bins, scale);
  const filled = take();
  return { moments: momentsOf(filled, values, scale, infinite), filled, sample: sample.values };
}

/** Calls `visit` for each run of values that belong to one region. */
function forEachRun(
  bytes: RunBytes,
  type: FileType,
  start: number,
  lengths: readonly number[],
  visit: (run: RunBytes, region: number) => void,
): void {
  if (lengths.length === 1) {
    visit(bytes, 0);
    return;
  }
  const size = bitsOf(type) / 8;
  const end = start + bytes.length / size;
  let at = start - (start % lengths.reduce((sum, length) => sum + length, 0)); // where the first region begins
  for (let region = 0; at < end; region = (region + 1) % lengths.length) {
    const [begin, next] = [Math.max(at, start), Math.min(at + (lengths[region] as number), end)];
    if (begin < next) visit(bytes.subarray((begin - start) * size, (next - start) * size), region);
    at += lengths[region] as number;
  }
}
