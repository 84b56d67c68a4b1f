/** Reads a piece of a tensor from its file and tallies it, region by region. */
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

/** A piece of a tensor's bytes, for one thread to read. */
export interface Job {
  readonly path: string;
  /** Where the piece begins in the file, in bytes. */
  readonly at: number;
  /** Its length in bytes. */
  readonly bytes: number;
  readonly type: FileType;
  /** Index of its first value in the tensor. */
  readonly start: number;
  /** The length of each region: how many consecutive values belong to it before the next region begins. */
  readonly lengths: readonly number[];
  /** How many values of each region to return; 0 for types whose bins are single values. */
  readonly samples: number;
}

export interface RegionTally {
  readonly moments: Moments;
  readonly filled: Filled;
  /** The first values of the region in the piece, in ascending order. */
  readonly sample: Float64Array<ArrayBuffer>;
}

export interface Scanned {
  readonly regions: readonly RegionTally[];
  /** The signs of the first values, if the piece is the first of its tensor. */
  readonly signs: string | undefined;
}

/** Bytes read at a time. A multiple of every element's size, 3 bytes included, that stays in a core's own cache. */
const SCAN_BYTES = 3 * 2 ** 19;
/** Most bytes of a job. */
export const JOB_BYTES = 32 * SCAN_BYTES;

/** Number of values in this many bytes. A complex number is two values. */
export const valuesIn = (bytes: number, type: FileType): number => (8 * bytes) / bitsOf(type);
const bitsOf = (type: FileType): number => (type === "C64" ? 32 : BITS[type]);

const buffer = new Uint8Array(SCAN_BYTES);

export function scan(file: number, job: Job): Scanned {
  const { type, lengths } = job;
  const count = counter(type);
  const tallies = lengths.map((_, i) => ({
    moments: emptyMoments(),
    bins: emptyBins(i),
    values: 0,
    sample: new Sampler(job.samples),
  }));
  let signs: string | undefined;
  for (let done = 0; done < job.bytes; done += SCAN_BYTES) {
    const bytes = buffer.subarray(0, Math.min(SCAN_BYTES, job.bytes - done));
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

const allBins: Uint32Array[] = []; // used again for the next job

/** Empty bins for one region. */
function emptyBins(region: number): Uint32Array {
  const bins = allBins[region] ?? new Uint32Array(BINS);
  allBins[region] = bins;
  return bins.fill(0);
}

/** Calls `visit` for each run of values that belong to one region. */
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
  let at = start - (start % lengths.reduce((sum, length) => sum + length, 0)); // where the first region begins
  for (let region = 0; at < end; region = (region + 1) % lengths.length) {
    const [begin, next] = [Math.max(at, start), Math.min(at + (lengths[region] as number), end)];
    if (begin < next) visit(bytes.subarray((begin - start) * size, (next - start) * size), region);
    at += lengths[region] as number;
  }
}

/** Collects the first values of a region. */
class Sampler {
  readonly #values: Float64Array<ArrayBuffer>;
  #length = 0;

  constructor(most: number) {
    this.#values = new Float64Array(most);
  }

  get sorted(): Float64Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length).sort(); // sorted here, where other threads do the same for their pieces
  }

  take(bytes: Uint8Array<ArrayBuffer>, type: FileType): void {
    const room = this.#values.length - this.#length;
    if (room === 0) return;
    const count = Math.min(room, valuesIn(bytes.length, type));
    this.#values.set(firstValues(bytes, type, count), this.#length);
    this.#length += count;
  }
}

/** The first values, as numbers. Not used for types of 16 bits or fewer: their bins already hold every value. */
function firstValues(bytes: Uint8Array<ArrayBuffer>, type: FileType, count: number): ArrayLike<number> {
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

/** Bytes of a value, the last of which begins with the sign bit. */
const SIGNED_BYTES: Readonly<Partial<Record<FileType, number>>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** The sign bits of the first values, as a string of 0 and 1. Undefined if a value is 0 or all signs are equal. */
function signsOf(bytes: Uint8Array, type: FileType): string | undefined {
  const size = SIGNED_BYTES[type];
  if (size === undefined || bytes.length < SIGNS * size) return undefined;
  let signs = "";
  for (let i = 0; i < SIGNS; ++i) {
    const value = bytes.subarray(i * size, (i + 1) * size);
    if (value.every((byte, j) => (j === size - 1 ? byte & 0x7f : byte) === 0)) return undefined;
    signs += (value[size - 1] as number) >> 7;
  }
  return /^(0*|1*)$/.test(signs) ? undefined : signs;
}
