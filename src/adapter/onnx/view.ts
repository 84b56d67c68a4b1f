/**
 * What becomes of stored tensors on their way to a layer: transposed, reshaped, cut, joined. A view knows for each of its
 * axes which axis of which tensor it is.
 */
import { axisIn, sizeOf } from "../../shape.js";
import type { OnnxNode, OnnxTensor } from "./proto.js";

/** A tensor of a model, under a name that no other one has. */
export interface StoredValue {
  readonly tensor: OnnxTensor;
  /** Where it stands: the path of its graph, for names that two graphs have. */
  readonly path: string;
  readonly name: string;
  /** The node that makes it, of one value: ConstantOfShape. */
  readonly filledBy?: OnnxNode;
  /** Whether only the values that are not 0 are stored. */
  readonly sparse?: boolean;
}

/** A part of a view that comes from one tensor. The lists have an entry for each axis of the view. */
export interface Leaf {
  readonly stored: StoredValue;
  /** The axis of the tensor; undefined for one that was inserted, or made of several. */
  readonly axes: readonly (number | undefined)[];
  /** Where the part begins along the tensor's axis. */
  readonly begin: readonly number[];
  /** Where it begins in the view. */
  readonly at: readonly number[];
  readonly shape: readonly number[];
}

/** A value that is known before the model runs: stored tensors, joined along axes. */
export interface View {
  readonly shape: readonly number[];
  readonly leaves: readonly Leaf[];
}

export function viewOf(stored: StoredValue): View {
  const { dims } = stored.tensor;
  const zeros = dims.map(() => 0);
  return { shape: dims, leaves: [{ stored, axes: dims.map((_, i) => i), begin: zeros, at: zeros, shape: dims }] };
}

const MOST_LEAVES = 4096; // of a view

const eachLeaf = ({ leaves }: View, change: (leaf: Leaf) => Leaf): readonly Leaf[] => leaves.map(change);

/** Each of these functions returns undefined for what it does not follow. */
export function transposed(view: View, perm: readonly number[]): View | undefined {
  const { shape } = view;
  const order = [...shape.keys()];
  if (String([...perm].sort((a, b) => a - b)) !== String(order)) return undefined;
  const by = <T>(list: readonly T[]) => perm.map((axis) => list[axis] as T);
  return {
    shape: by(shape),
    leaves: eachLeaf(view, (leaf) => ({
      ...{ stored: leaf.stored, axes: by(leaf.axes), begin: by(leaf.begin) },
      ...{ at: by(leaf.at), shape: by(leaf.shape) },
    })),
  };
}

/** @param axes of the result. */
export function unsqueezed(view: View, axes: readonly number[]): View | undefined {
  const rank = view.shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisIn(axis, rank)));
  if (added.size !== axes.length || added.has(undefined)) return undefined;
  const withNew = <T>(list: readonly T[], value: T): readonly T[] => {
    const rest = [...list];
    return Array.from({ length: rank }, (_, i) => (added.has(i) ? value : (rest.shift() as T)));
  };
  return {
    shape: withNew(view.shape, 1),
    leaves: eachLeaf(view, (leaf) => ({
      ...{ stored: leaf.stored, axes: withNew(leaf.axes, undefined), begin: withNew(leaf.begin, 0) },
      ...{ at: withNew(leaf.at, 0), shape: withNew(leaf.shape, 1) },
    })),
  };
}

/** @param axes undefined for all of length 1. */
export function squeezed(view: View, axes: readonly number[] | undefined): View | undefined {
  const { shape } = view;
  const ones = [...shape.keys()].filter((i) => shape[i] === 1);
  const gone = new Set(axes === undefined ? ones : axes.map((axis) => axisIn(axis, shape.length)));
  if ([...gone].some((axis) => axis === undefined || shape[axis] !== 1)) return undefined;
  const without = <T>(list: readonly T[]) => list.filter((_, i) => !gone.has(i));
  return {
    shape: without(shape),
    leaves: eachLeaf(view, (leaf) => ({
      ...{ stored: leaf.stored, axes: without(leaf.axes), begin: without(leaf.begin) },
      ...{ at: without(leaf.at), shape: without(leaf.shape) },
    })),
  };
}

/** Elements [begin, end) along an axis. */
export function cut(view: View, axis: number, begin: number, end: number): View | undefined {
  const at = axisIn(axis, view.shape.length);
  if (at === undefined) return undefined;
  const length = view.shape[at] as number;
  const bounded = (index: number) => Math.min(length, Math.max(0, index < 0 ? index + length : index));
  const [low, high] = [bounded(begin), bounded(end)];
  if (low === 0 && high === length) return view;
  if (low >= high) return undefined;
  const leaves: Leaf[] = [];
  for (const leaf of view.leaves) {
    const [from, size] = [leaf.at[at] as number, leaf.shape[at] as number];
    const [first, last] = [Math.max(low, from), Math.min(high, from + size)];
    if (first >= last) continue;
    if (leaf.axes[at] === undefined && last - first < size) return undefined;
    leaves.push({
      ...leaf,
      begin: leaf.begin.with(at, (leaf.begin[at] as number) + first - from),
      at: leaf.at.with(at, first - low),
      shape: leaf.shape.with(at, last - first),
    });
  }
  return { shape: view.shape.with(at, high - low), leaves };
}

export function concatenation(views: readonly View[], axis: number): View | undefined {
  const [first] = views;
  const at = first && axisIn(axis, first.shape.length);
  if (first === undefined || at === undefined) return undefined;
  const leaves: Leaf[] = [];
  let end = 0;
  for (const { shape, leaves: own } of views) {
    if (shape.length !== first.shape.length || leaves.length + own.length > MOST_LEAVES) return undefined;
    leaves.push(...own.map((leaf) => ({ ...leaf, at: leaf.at.with(at, (leaf.at[at] as number) + end) })));
    end += shape[at] as number;
  }
  return { shape: first.shape.with(at, end), leaves };
}

/**
 * The same elements in another shape. Axes that keep their place and length are followed; those that are split or merged are
 * not.
 *
 * @param target as Reshape has it: 0 keeps a length, -1 is what is left.
 */
export function reshaped(view: View, target: readonly number[]): View | undefined {
  const { shape } = view;
  const kept = target.map((length, i) => (length === 0 ? (shape[i] ?? 0) : length));
  const known = sizeOf(kept.filter((length) => length !== -1));
  const made = kept.map((length) => (length === -1 ? sizeOf(shape) / known : length));
  if (sizeOf(made) !== sizeOf(shape) || made.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    return undefined;
  }
  const from = sourcesOf(shape, made);
  const [leaf] = view.leaves;
  const moves = from.some((axis, i) => axis === undefined && (made[i] as number) > 1);
  if (leaf === undefined || (moves && (view.leaves.length > 1 || !hasAll(leaf)))) return undefined;
  const by = <T>(list: readonly T[], otherwise: T) =>
    from.map((axis) => (axis === undefined ? otherwise : (list[axis] as T)));
  return {
    shape: made,
    leaves: eachLeaf(view, (one) => ({
      ...{ stored: one.stored, axes: by(one.axes, undefined), begin: by(one.begin, 0), at: by(one.at, 0) },
      shape: moves ? made : from.map((axis) => (axis === undefined ? 1 : (one.shape[axis] as number))),
    })),
  };
}

/** For each axis of a new shape, the old one that it is; undefined for one that is split off, merged or of length 1. */
function sourcesOf(old: readonly number[], made: readonly number[]): readonly (number | undefined)[] {
  const sources = new Array<number | undefined>(made.length).fill(undefined);
  let [i, j, before, after] = [0, 0, 1, 1];
  while (i < old.length && j < made.length) {
    if (before === after && old[i] === made[j]) {
      sources[j] = i;
      before *= old[i++] as number;
      after *= made[j++] as number;
    } else if (before * (old[i] as number) <= after * (made[j] as number)) before *= old[i++] as number;
    else after *= made[j++] as number;
  }
  return sources;
}

/** Whether a leaf has every element of its tensor. */
export const hasAll = ({ stored, shape }: Leaf): boolean => sizeOf(shape) === sizeOf(stored.tensor.dims);
