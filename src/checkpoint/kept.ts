/** Tensors of which a slice costs as much as the whole, such as orthogonal matrices, kept for the slices that follow. */
import type { Values } from "../dtype.js";

/** Where whole tensors are kept, by name. */
export interface Kept {
  get(name: string): Values | undefined;
  set(name: string, values: Values): void;
}

/** Keeps nothing larger than its budget. */
export interface Bounded extends Kept {
  /** Bytes of all tensors together. */
  readonly budget: number;
}

/** What is kept for the tensors of one checkpoint: other checkpoints may have tensors of the same names. */
export const keptFor = (kept: Bounded, checkpoint: string): Bounded => ({
  budget: kept.budget,
  get: (name) => kept.get(`${checkpoint} ${name}`),
  set: (name, values) => kept.set(`${checkpoint} ${name}`, values),
});

/** The budget unless another one is asked for: 64 MiB. */
const KEPT_BYTES = 0x4000000;

/** Keeps the tensors that were used last, as many as fit into a budget. */
export class KeptWithin implements Bounded {
  readonly #values = new Map<string, Values>(); // from the one that was used first to the one that was used last
  #bytes = 0;

  constructor(readonly budget = KEPT_BYTES) {}

  get(name: string): Values | undefined {
    const values = this.#values.get(name);
    if (values === undefined) return undefined;
    this.#values.delete(name);
    this.#values.set(name, values);
    return values;
  }

  set(name: string, values: Values): void {
    if (values.byteLength > this.budget || this.#values.has(name)) return;
    this.#values.set(name, values);
    this.#bytes += values.byteLength;
    for (const [oldest, { byteLength }] of this.#values) {
      if (this.#bytes <= this.budget) return;
      this.#values.delete(oldest);
      this.#bytes -= byteLength;
    }
  }
}

/** Also keeps the last tensor that is larger than the budget, for a reader that goes through a file in order. */
export function withLast(within: Bounded): Kept {
  let last: { readonly name: string; readonly values: Values } | undefined;
  return {
    get: (name) => (last?.name === name ? last.values : within.get(name)),
    set(name, values) {
      last = values.byteLength > within.budget ? { name, values } : undefined;
      within.set(name, values);
    },
  };
}
