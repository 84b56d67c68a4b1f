/** Groups of tensors that share a scheme, and the standard deviation of the first piece of each, measured while drawing. */
import { scaleOf } from "../audit/pattern.js";
import { BINS, counter, emptyMoments, filledOf, isPatterned, merge, momentsOf } from "../audit/tally.js";
import { storedAs } from "../checkpoint/safetensors.js";
import { partsOf } from "../distribution.js";
import type { DType } from "../dtype.js";
import type { PlannedTensor } from "../model/model.js";
import { rmsOf } from "../moments.js";
import type { Scheme } from "../scheme/options.js";
import { sizeOf } from "../shape.js";

const bins = new Uint32Array(BINS);

export class Group {
  /** Expected standard deviations, one for each distribution in the group. */
  readonly expected = new Set<number>();
  tensors = 0;
  elements = 0;
  readonly #moments = emptyMoments();
  /** For each 16-bit type, how often each bit pattern occurs. */
  readonly #patterns = new Map<DType, Float64Array>();

  constructor(readonly scheme: Scheme) {}

  measure(bytes: Uint8Array<SharedArrayBuffer>, dtype: DType): void {
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

export class Groups {
  readonly #groups = new Map<string, Group>();

  get list(): readonly Group[] {
    return [...this.#groups.values()];
  }

  of({ scheme, shape, distribution }: PlannedTensor): Group {
    const text = JSON.stringify(scheme);
    const group = this.#groups.get(text) ?? new Group(scheme);
    this.#groups.set(text, group);
    group.tensors += 1;
    group.elements += sizeOf(shape);
    for (const part of partsOf(distribution)) group.expected.add(rmsOf(part));
    return group;
  }
}
