/** Groups of tensors that share a scheme, and the standard deviation of the first piece of each, measured while drawing. */
import { scaleOf } from "../audit/pattern.js";
import { BINS, counter, emptyMoments, filledOf, isPatterned, merge, momentsOf } from "../audit/tally.js";
import type { CheckpointFile, CheckpointTensor } from "../checkpoint/file.js";
import { firstBeyond } from "../checkpoint/range.js";
import { storedAs } from "../checkpoint/safetensors.js";
import { partsOf } from "../distribution.js";
import type { DType } from "../dtype.js";
import { bytesOf, isInteger } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";
import { rmsOf } from "../moments.js";
import type { Scheme } from "../scheme/options.js";
import { sizeOf } from "../shape.js";

const bins = new Uint32Array(BINS);

export class SchemeGroup {
  /** Expected standard deviations, one for each distribution in the group. */
  readonly expected = new Set<number>();
  tensors = 0;
  elements = 0;
  readonly #moments = emptyMoments();
  /** For each 16-bit type, how often each bit pattern occurs. */
  readonly #patterns = new Map<DType, Float64Array>();

  constructor(readonly scheme: Scheme) {}

  measure(bytes: Uint8Array, dtype: DType): void {
    const type = storedAs(dtype);
    bins.fill(0);
    counter(type)(bytes, { moments: this.#moments, bins });
    if (!isPatterned(type)) return;
    const counts = this.#patterns.get(dtype) ?? new Float64Array(BINS);
    this.#patterns.set(dtype, counts);
    for (let pattern = 0; pattern < BINS; ++pattern) {
      counts[pattern] = (counts[pattern] as number) + (bins[pattern] as number);
    }
  }

  /** Standard deviation of the values measured so far. */
  std(): number {
    for (const [dtype, counts] of this.#patterns) {
      const scale = scaleOf(storedAs(dtype));
      const total = counts.reduce((sum, count) => sum + count, 0);
      merge(this.#moments, momentsOf(filledOf(counts, scale), total, scale));
    }
    this.#patterns.clear();
    const { finite: count, sum, squares, min, max } = this.#moments;
    const mean = sum / count;
    return count === 0 || min === max ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
  }
}

const MEASURED_BYTES = 2 ** 22; // of a tensor

/** Groups the tensors that are drawn, and measures what they begin with. */
export class Measuring {
  readonly #groups = new SchemeGroups();
  readonly #groupOf = new Map<CheckpointTensor, SchemeGroup>();

  /** @param measured whether to measure values, besides counting tensors. */
  constructor(readonly measured: boolean) {}

  get groups(): readonly SchemeGroup[] {
    return this.#groups.list;
  }

  /** Takes a piece of a file in: the bytes from an offset on. */
  drawn({ tensors }: CheckpointFile, begin: number, piece: Uint8Array<SharedArrayBuffer>): void {
    if (begin === 0) for (const tensor of tensors) this.#groupOf.set(tensor, this.#groups.of(tensor));
    if (!this.measured) return;
    const end = begin + piece.length;
    for (let i = firstBeyond(tensors, begin); i < tensors.length; ++i) {
      const tensor = tensors[i] as CheckpointTensor;
      if (tensor.begin >= end) return;
      const { dtype } = tensor;
      if (isInteger(dtype)) continue;
      const size = bytesOf(dtype);
      // Elements that the piece cuts are left out.
      const low = tensor.begin + Math.ceil(Math.max(0, begin - tensor.begin) / size) * size;
      const high = Math.min(tensor.end, end, tensor.begin + MEASURED_BYTES);
      const count = Math.floor((high - low) / size);
      if (count <= 0) continue;
      const part = piece.subarray(low - begin, low - begin + count * size);
      this.#groupOf.get(tensor)?.measure(aligned(part, size), dtype);
    }
  }
}

/** The bytes, or a copy of them that begins at a multiple of an element's size. */
const aligned = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);

class SchemeGroups {
  readonly #groups = new Map<string, SchemeGroup>();

  get list(): readonly SchemeGroup[] {
    return [...this.#groups.values()];
  }

  of({ scheme, shape, distribution }: PlannedTensor): SchemeGroup {
    const text = JSON.stringify(scheme);
    const group = this.#groups.get(text) ?? new SchemeGroup(scheme);
    this.#groups.set(text, group);
    group.tensors += 1;
    group.elements += sizeOf(shape);
    for (const part of partsOf(distribution)) group.expected.add(rmsOf(part));
    return group;
  }
}
