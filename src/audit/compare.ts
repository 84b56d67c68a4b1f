/**
 * Tensors compared with each other: equal ones, copies, and one draw used twice. Two tensors that should have been drawn
 * independently fail if they are alike. If nothing is known of them, that is only noted: networks tie and copy by design.
 */

import { show } from "../check.js";
import type { FileType } from "../checkpoint/safetensors.js";
import type { Extent, StoredTensor } from "../checkpoint/stored.js";
import { type Computed, isOfDraw } from "../computed/computed.js";
import { isRandom } from "../moments.js";
import { certain } from "./check.js";
import { expectationOf } from "./expectation.js";
import type { Finding, Note, Statistics } from "./found.js";
import { isSymmetric } from "./region.js";
import type { TensorSummary } from "./report.js";

/** What is kept of a tensor to compare it with others. */
export interface Trace {
  readonly name: string;
  /** The signs of its first values; undefined if the distribution does not make them fair coins. */
  readonly signs: string | undefined;
  /** A key that two tensors share if they may be equal, value by value. Undefined if equality is expected anyway. */
  readonly sums: string | undefined;
  /** Whether its distribution is known. */
  readonly known: boolean;
  /** -log of the largest probability that another draw from the distribution is equal. */
  readonly entropy: number;
}

export function traceOf(
  { name, type, regions, summaries, signs, copyOf, computed }: TensorSummary,
  { std, mean, min, max }: Statistics,
): Trace {
  if (computed !== undefined) return computedTrace(name, type, computed, summaries, { std, mean, min, max });
  const known = regions.every(({ distribution }) => distribution !== undefined);
  const entropy = regions.reduce((sum, { distribution }, i) => {
    const { moments } = summaries[i] as TensorSummary["summaries"][number];
    const size = moments.finite + moments.nonFinite;
    if (distribution?.kind === "orthogonal") return sum + size;
    if (!isRandom(distribution)) return sum;
    return sum - size * Math.log(Math.max(2 - expectationOf(distribution, type).distinct(2), 1e-15));
  }, 0);
  const size = summaries.reduce((sum, { moments }) => sum + moments.finite + moments.nonFinite, 0);
  const fair = regions.every(({ distribution }) => distribution === undefined || isSymmetric(distribution));
  const surprising = copyOf === undefined && std > 0 && (!known || entropy > 0);
  return {
    name,
    signs: fair && copyOf === undefined ? signs : undefined,
    sums: surprising ? JSON.stringify([type, size, mean, std, min, max]) : undefined,
    known,
    entropy,
  };
}

const LIKELIEST = 1 / 64; // P(two values are equal), of a type of 16 bits; far less of others

/**
 * For values that are computed: equality in two tensors is a fault only if they are functions of draws. Values below the floor of
 * `logUniform` all become the floor, so they may be equal.
 */
function computedTrace(
  name: string,
  type: FileType,
  computed: Computed,
  summaries: TensorSummary["summaries"],
  { mean, std, min, max }: Pick<Statistics, "mean" | "std" | "min" | "max">,
): Trace {
  const size = summaries.reduce((sum, { moments }) => sum + moments.finite + moments.nonFinite, 0);
  if (!isOfDraw(computed) || std === 0) return { name, signs: undefined, sums: undefined, known: true, entropy: 0 };
  const floored = computed.kind === "logOfUniform" ? 0 : shareOfFloor(computed);
  const entropy = -size * Math.log(Math.min(1, floored * floored + LIKELIEST));
  return { name, signs: undefined, sums: JSON.stringify([type, size, mean, std, min, max]), known: true, entropy };
}

function shareOfFloor({ low, high, floor }: Extract<Computed, { kind: "logUniform" }>): number {
  return floor <= low || low === high ? 0 : Math.min(1, Math.log(floor / low) / Math.log(high / low));
}

/** What was found of each tensor, by its name. */
export interface Comparisons {
  readonly failures: ReadonlyMap<string, Finding>;
  readonly notes: ReadonlyMap<string, Note>;
}

/**
 * Finds tensors that equal an earlier one, or that are the same draw as an earlier one, scaled.
 *
 * @param hash of a tensor's bytes; asked for tensors that may be equal.
 * @param t as for `checkRandom`: how unlikely a pair of equal tensors must be, to be no chance.
 */
export async function compareTensors(
  traces: readonly Trace[],
  hash: (name: string) => Promise<string>,
  t: number,
): Promise<Comparisons> {
  const found = { failures: new Map<string, Finding>(), notes: new Map<string, Note>() };
  const least = t + 2 * Math.log(traces.length); // there are fewer than count^2 pairs
  for (const group of groupsBy(traces, ({ signs }) => signs)) {
    const [first] = group as [Trace];
    judge(
      group,
      ({ known }) => known,
      sameSignsAs,
      `the signs of its first values are those of ${show(first.name)}`,
      found,
    );
  }
  for (const candidates of groupsBy(traces, ({ sums }) => sums)) {
    const hashes = new Map<Trace, string>();
    await Promise.all(candidates.map(async (trace) => hashes.set(trace, await hash(trace.name))));
    for (const group of groupsBy(candidates, (trace) => hashes.get(trace))) {
      const [first] = group as [Trace];
      for (const { name } of group) for (const by of [found.failures, found.notes]) by.delete(name); // equal says more than signs
      judge(group, ({ known, entropy }) => known && entropy >= least, equalTo, `equal to ${show(first.name)}`, found);
    }
  }
  return found;
}

/**
 * Judges each of a group of equal tensors, except the first. A tensor fails if it and an earlier one should have been drawn
 * independently.
 */
function judge(
  group: readonly Trace[],
  drawn: (trace: Trace) => boolean,
  failure: (other: string) => Finding,
  note: string,
  { failures, notes }: { failures: Map<string, Finding>; notes: Map<string, Note> },
): void {
  const first = group.find(drawn);
  for (const trace of group.slice(1)) {
    if (first !== undefined && trace !== first && drawn(trace)) failures.set(trace.name, failure(first.name));
    else notes.set(trace.name, { check: "alike", sentence: note });
  }
}

/** Groups of two or more with the same key, in the order of the traces; those without a key are left out. */
function groupsBy(
  traces: readonly Trace[],
  keyOf: (trace: Trace) => string | undefined,
): readonly (readonly Trace[])[] {
  const groups = new Map<string, Trace[]>();
  for (const trace of traces) {
    const key = keyOf(trace);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trace]);
    else group.push(trace);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

const equalTo = (name: string): Finding => certain("equal", `equal to ${show(name)}, value by value`);
const sameSignsAs = (name: string): Finding =>
  certain("seed", `its first values have the signs of those of ${show(name)}: both come from one draw`);

/** Whether a tensor that should be a copy of another is one. */
export async function checkCopy(
  copy: StoredTensor,
  name: string,
  original: StoredTensor | undefined,
  hash: (name: string) => Promise<string>,
): Promise<Finding | undefined> {
  const fail = (got: string) => certain("copy", `expected a copy of ${show(name)}, ${got}`);
  if (original === undefined) return fail("which is not in the file");
  if (original.dtype !== copy.dtype) return fail(`which is ${original.dtype}, got ${copy.dtype}`);
  if (original.end - original.begin !== copy.end - copy.begin) {
    return fail(`which has shape ${show(original.shape)}, got ${show(copy.shape)}`);
  }
  return (await hash(copy.name)) === (await hash(name)) ? undefined : fail("got other values");
}

export const extentOf = ({ path, at, begin, end }: StoredTensor): Extent => ({ path, at, bytes: end - begin });
