/** Groups of tensors that share a scheme, and the standard deviation of what each tensor begins with, measured while drawing. */
import { scaleOf } from "../audit/pattern.js";
import {
  BINS,
  counter,
  countsOf,
  emptyMoments,
  filledOf,
  isPatterned,
  type Moments,
  merge,
  momentsOf,
  valuesIn,
} from "../audit/tally.js";
import type { CheckpointFile, CheckpointTensor } from "../checkpoint/file.js";
import { firstBeyond } from "../checkpoint/range.js";
import { storedAs } from "../checkpoint/safetensors.js";
import { isComputed } from "../computed/computed.js";
import type { ModelScheme } from "../computed/options.js";
import { partsOf } from "../distribution.js";
import type { DType } from "../dtype.js";
import { bytesOf, isInteger } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";
import { rmsOf } from "../moments.js";
import { sizeOf } from "../shape.js";

const unused = new Uint32Array(2 * BINS); // of types whose values are counted by their moments alone
const MOST_COUNTED = 2 ** 31; // values, so that no bin of 32 bits overflows

/** How often each bit pattern of a 16-bit type occurs. */
class Patterns {
  readonly #bins = new Uint32Array(2 * BINS);
  /** Earlier values, if there were very many. */
  #earlier: Float64Array | undefined;
  #counted = 0;

  /** Where `count` more values can be counted. */
  binsFor(count: number): Uint32Array {
    if (this.#counted + count > MOST_COUNTED) {
      this.#earlier = this.counts();
      this.#bins.fill(0);
      this.#counted = 0;
    }
    this.#counted += count;
    return this.#bins;
  }

  counts(): Float64Array {
    const earlier = this.#earlier;
    return countsOf(this.#bins).map((count, pattern) => count + (earlier?.[pattern] ?? 0));
  }
}

/** What the values of one group's tensors in one file add up to. */
export interface GroupMoments {
  /** The index in the file of a tensor of the group. */
  readonly tensor: number;
  readonly moments: Moments;
}

/** Counts the values of tensors that share a scheme. */
class Counting {
  readonly #moments = emptyMoments();
  /** Of each 16-bit type. */
  readonly #patterns = new Map<DType, Patterns>();

  /** @param tensor the index of the first of them. */
  constructor(readonly tensor: number) {}

  count(bytes: Uint8Array, dtype: DType): void {
    const type = storedAs(dtype);
    const bins = isPatterned(type) ? this.#patternsOf(dtype).binsFor(valuesIn(bytes.length, type)) : unused;
    counter(type)(bytes, { moments: this.#moments, bins });
  }

  #patternsOf(dtype: DType): Patterns {
    const patterns = this.#patterns.get(dtype) ?? new Patterns();
    this.#patterns.set(dtype, patterns);
    return patterns;
  }

  result(): GroupMoments {
    for (const [dtype, patterns] of this.#patterns) {
      const scale = scaleOf(storedAs(dtype));
      const counts = patterns.counts();
      const total = counts.reduce((sum, count) => sum + count, 0);
      merge(this.#moments, momentsOf(filledOf(counts, scale), total, scale));
    }
    this.#patterns.clear();
    return { tensor: this.tensor, moments: this.#moments };
  }
}

const MEASURED_BYTES = 2 ** 20; // of a tensor
/** Each piece that is measured begins at a multiple of this. */
export const BLOCK_BYTES = 2 ** 18;

/** Measures what the tensors of one file begin with: at most 1 MiB of each. */
export class FileMeasuring {
  readonly #tensors: readonly CheckpointTensor[];
  readonly #groups = new ByScheme<Counting>();

  constructor(tensors: readonly CheckpointTensor[]) {
    this.#tensors = tensors;
  }

  /** Takes a piece of the file in: the bytes from an offset on. The same is measured whatever the length of the pieces. */
  measure(begin: number, piece: Uint8Array): void {
    for (let at = 0; at < piece.length; at += BLOCK_BYTES) {
      this.#measureBlock(begin + at, piece.subarray(at, at + BLOCK_BYTES));
    }
  }

  #measureBlock(begin: number, piece: Uint8Array): void {
    const end = begin + piece.length;
    for (let i = firstBeyond(this.#tensors, begin); i < this.#tensors.length; ++i) {
      const tensor = this.#tensors[i] as CheckpointTensor;
      if (tensor.begin >= end) return;
      const { dtype, scheme } = tensor;
      if (isInteger(dtype)) continue;
      const size = bytesOf(dtype);
      // Elements that the block cuts are left out.
      const low = tensor.begin + Math.ceil(Math.max(0, begin - tensor.begin) / size) * size;
      const high = Math.min(tensor.end, end, tensor.begin + MEASURED_BYTES);
      const count = Math.floor((high - low) / size);
      if (count <= 0) continue;
      const part = piece.subarray(low - begin, low - begin + count * size);
      this.#groups.of(scheme, () => new Counting(i)).count(aligned(part, size), dtype);
    }
  }

  result(): readonly GroupMoments[] {
    return this.#groups.list.map((group) => group.result());
  }
}

/** The bytes, or a copy of them that begins at a multiple of an element's size. */
const aligned = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);

/** The tensors of all files that share a scheme. */
export class SchemeGroup {
  /** Expected standard deviations, one for each distribution in the group; none for values that are computed. */
  readonly expected = new Set<number>();
  readonly moments = emptyMoments();
  tensors = 0;
  elements = 0;

  constructor(readonly scheme: ModelScheme) {}

  /** Standard deviation of the measured values. */
  std(): number {
    const { finite: count, sum, squares, min, max } = this.moments;
    const mean = sum / count;
    return count === 0 || min === max ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
  }
}

/** Groups the tensors that were drawn, file by file. */
export class SchemeGroups {
  readonly #groups = new ByScheme<SchemeGroup>();

  get list(): readonly SchemeGroup[] {
    return this.#groups.list;
  }

  /** Takes a file in, and what was measured of it. */
  add({ tensors }: CheckpointFile, measured: readonly GroupMoments[]): void {
    for (const tensor of tensors) this.#addTensor(tensor);
    for (const { tensor, moments } of measured) merge(this.#of(tensors[tensor] as PlannedTensor).moments, moments);
  }

  #addTensor(tensor: PlannedTensor): void {
    const group = this.#of(tensor);
    group.tensors += 1;
    group.elements += sizeOf(tensor.shape);
    const { distribution } = tensor;
    for (const part of isComputed(distribution) ? [] : partsOf(distribution)) group.expected.add(rmsOf(part));
  }

  #of = ({ scheme }: PlannedTensor): SchemeGroup => this.#groups.of(scheme, () => new SchemeGroup(scheme));
}

/** One thing for each scheme, in the order in which the schemes come. */
class ByScheme<Group> {
  readonly #groups = new Map<string, Group>();
  /** Alike tensors share the object of their scheme. */
  readonly #known = new Map<ModelScheme, Group>();

  get list(): readonly Group[] {
    return [...this.#groups.values()];
  }

  of(scheme: ModelScheme, make: () => Group): Group {
    return this.#known.get(scheme) ?? this.#find(scheme, make);
  }

  #find(scheme: ModelScheme, make: () => Group): Group {
    const text = JSON.stringify(scheme);
    const group = this.#groups.get(text) ?? make();
    this.#groups.set(text, group);
    this.#known.set(scheme, group);
    return group;
  }
}
