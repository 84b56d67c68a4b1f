/** Reads a run of a tensor from its file and tallies it, region by region. */

import { BITS, type FileType } from "../checkpoint/safetensors.js";
import { readAt } from "../file/checkpoint.js";
import { scaleOf } from "./pattern.js";
import {
  BINS,
  counter,
  emptyMoments,
  type Filled,
  filledOf,
  isPatterned,
  type Moments,
  momentsOf,
  SIGNS,
} from "./tally.js";

/** A run of a tensor's bytes, short enough to be one thread's next piece of work. */
export interface Job {
  readonly path: string;
  /** Bytes from the file's beginning. */
  readonly at: number;
  readonly bytes: number;
  readonly type: FileType;
  /** The first value of the run, counted in the tensor. */
  readonly start: number;
  /** Values of each region that lie together, in turn. */
  readonly lengths: readonly number[];
  /** Values of each region to be handed back, where the type has more than patterns tell. */
  readonly samples: number;
}

export interface RegionTally {
  readonly moments: Moments;
  readonly filled: Filled;
  /** In ascending order. */
  readonly sample: Float64Array<ArrayBuffer>;
}

export interface Scanned {
  readonly regions: readonly RegionTally[];
  /** Of the first values, where the run begins its tensor. */
  readonly signs: string | undefined;
}

/** Bytes read at a time: a multiple of every element, of three bytes too, that stays in a core's own cache. */
const SCAN_BYTES = 3 * 2 ** 19;
/** Of a job. */
export const JOB_BYTES = 32 * SCAN_BYTES;

/** Values in so many bytes; a complex number is two. */
export const valuesIn = (bytes: number, type: FileType): number => (8 * bytes) / bitsOf(type);
const bitsOf = (type: FileType): number => (type === "C64" ? 32 : BITS[type]);

const piece = new Uint8Array(SCAN_BYTES);

export function scan(file: number, job: Job): Scanned {
  const { type, lengths } = job;
  const count = counter(type);
  const tallies = lengths.map((_, i) => ({
    moments: emptyMoments(),
    bins: clear(i),
    values: 0,
    sample: new Sample(job.samples),
  }));
  let signs: string | undefined;
  for (let done = 0; done < job.bytes; done += SCAN_BYTES) {
    const bytes = piece.subarray(0, Math.min(SCAN_BYTES, job.bytes - done));
    readAt(file, bytes, job.at + done);
    const start = job.start + valuesIn(done, type);
    if (start === 0) signs = signsOf(bytes, type);
    forEachRun(bytes, type, start, lengths, (run, region) => {
      const tally = tallies[region] as (typeof tallies)[number];
      count(run, tally);
      tally.values += valuesIn(run.length, type);
      tally.sample.take(run, type);
    });
  }
  const scale = scaleOf(type);
  const regions = tallies.map(({ moments, bins, values, sample }) => {
    const filled = filledOf(bins, scale);
    return { moments: isPatterned(type) ? momentsOf(filled, values, scale) : moments, filled, sample: sample.sorted };
  });
  return { regions, signs };
}

const kept: Uint32Array[] = [];

/** Empty bins for one region of the run at hand. */
function clear(region: number): Uint32Array {
  const bins = kept[region] ?? new Uint32Array(BINS);
  kept[region] = bins;
  return bins.fill(0);
}

function forEachRun(
  bytes: Uint8Array<ArrayBuffer>,
  type: FileType,
  start: number,
  lengths: readonly number[],
  visit: (run: Uint8Array<ArrayBuffer>, region: number) => void,
): void {
  if (lengths.length === 1) {
    visit(bytes, 0);
    return;
  }
  const size = bitsOf(type) / 8;
  const end = start + bytes.length / size;
  let at = start - (start % lengths.reduce((sum, length) => sum + length, 0)); // where the period begins
  for (let region = 0; at < end; region = (region + 1) % lengths.length) {
    const [begin, next] = [Math.max(at, start), Math.min(at + (lengths[region] as number), end)];
    if (begin < next) visit(bytes.subarray((begin - start) * size, (next - start) * size), region);
    at += lengths[region] as number;
  }
}

/** The first values of a region of the run. */
class Sample {
  readonly #values: Float64Array<ArrayBuffer>;
  #length = 0;

  constructor(most: number) {
    this.#values = new Float64Array(most);
  }

  get sorted(): Float64Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length).sort(); // here, where it is done beside other threads' work
  }

  take(bytes: Uint8Array<ArrayBuffer>, type: FileType): void {
    const room = this.#values.length - this.#length;
    if (room === 0) return;
    const count = Math.min(room, valuesIn(bytes.length, type));
    this.#values.set(numbers(bytes, type, count), this.#length);
    this.#length += count;
  }
}

/** The first values, as numbers. Types of patterns are none of them: their bins have them all. */
function numbers(bytes: Uint8Array<ArrayBuffer>, type: FileType, count: number): ArrayLike<number> {
  const { buffer, byteOffset } = bytes;
  switch (type) {
    case "F64":
      return new Float64Array(buffer, byteOffset, count);
    case "I32":
      return new Int32Array(buffer, byteOffset, count);
    case "U32":
      return new Uint32Array(buffer, byteOffset, count);
    case "I64":
      return Float64Array.from(new BigInt64Array(buffer, byteOffset, count) as unknown as number[], Number);
    case "U64":
      return Float64Array.from(new BigUint64Array(buffer, byteOffset, count) as unknown as number[], Number);
    default:
      return new Float32Array(buffer, byteOffset, count);
  }
}

const SIGN_BYTE: Readonly<Partial<Record<FileType, number>>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** By the sign bits of the first values, which lie in their last bytes. */
function signsOf(bytes: Uint8Array, type: FileType): string | undefined {
  const size = SIGN_BYTE[type];
  if (size === undefined || bytes.length < SIGNS * size) return undefined;
  let signs = "";
  for (let i = 0; i < SIGNS; ++i) {
    const value = bytes.subarray(i * size, (i + 1) * size);
    if (value.every((byte, j) => (j === size - 1 ? byte & 0x7f : byte) === 0)) return undefined; // zeros have no side
    signs += (value[size - 1] as number) >> 7;
  }
  return /^(0*|1*)$/.test(signs) ? undefined : signs;
}
