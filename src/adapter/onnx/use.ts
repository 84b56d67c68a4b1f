/** What the parts of stored tensors are used for: the scheme of each, the fans of the whole layer that it belongs to. */
import type { Role } from "../../model/model.js";
import { type RecommendOptions, recommend } from "../../recipes/recommend.js";
import { type Fans, fansOf, type Layout, type Placement } from "../../scheme/fans.js";
import { constant, normal, orthogonal, xavierUniform, zeros } from "../../scheme/named.js";
import type { UnsplitScheme } from "../../scheme/options.js";
import { sizeOf } from "../../shape.js";
import type { Following } from "./activation.js";
import type { Claim } from "./claim.js";
import type { Follower } from "./follow.js";
import { opName } from "./proto.js";
import { hasAll, type Leaf, type StoredValue, type View } from "./view.js";
import type { Taken } from "./walk.js";

/** A part of a stored tensor, or all of it, as one operator uses it. */
export type Use = Drawn | Left;

/** A part that is drawn. */
export interface Drawn {
  readonly kind: "drawn";
  readonly stored: StoredValue;
  readonly scheme: UnsplitScheme;
  readonly role: Role | undefined;
  readonly layout?: Layout | undefined;
  /** Where the fans are, for schemes that a plan gives. */
  readonly placement?: Placement | undefined;
  /** The shape it is drawn in: that of the tensor, or with axes joined. */
  readonly shape: readonly number[];
  /** The part that is used; absent for all. */
  readonly range?: UsedRange | undefined;
  /** The operator. */
  readonly by: string;
}

/** A part that keeps its values. */
export interface Left {
  readonly kind: "left";
  readonly stored: StoredValue;
  readonly why: string;
}

/** Elements [begin, end) along an axis. */
export interface UsedRange {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
}

/** The uses of the tensors that a node takes as one of its inputs. */
export function usesOf(taken: Taken, claim: Claim, follower: Follower): readonly Use[] {
  const { view } = taken;
  if (claim.kind === "left") return leftOf(view, claim.why);
  if (claim.kind === "weight") return weightUses(taken, claim, follower);
  if (claim.kind === "recurrent") return recurrentUses(taken, claim);
  const scheme = claim.kind === "embedding" ? EMBEDDING : (claim.scheme as UnsplitScheme);
  const role = claim.kind === "embedding" ? "embedding" : claim.role;
  const layout = claim.kind === "embedding" ? "io" : undefined;
  return view.leaves.map((leaf) => drawnOf(taken, leaf, { scheme, role, layout }));
}

const EMBEDDING: UnsplitScheme = normal({ std: 0.02 }) as UnsplitScheme; // as `recommend` has it

const leftOf = ({ leaves }: View, why: string): readonly Left[] =>
  leaves.map(({ stored }) => ({ kind: "left", stored, why }));

type Parts = Pick<Drawn, "scheme" | "role" | "layout" | "placement">;

/** The use of one tensor; left if which part of it is used cannot be told. */
function drawnOf({ node }: Taken, leaf: Leaf, parts: Parts): Use {
  const { stored, axes, begin, shape } = leaf;
  const { dims } = stored.tensor;
  const by = opName(node);
  const use = { ...({ kind: "drawn", stored, shape: dims, by } as const), ...parts };
  if (hasAll(leaf)) return use;
  const cuts = axes.flatMap((axis, i) =>
    axis !== undefined && shape[i] !== dims[axis]
      ? [{ axis, begin: begin[i] as number, end: (begin[i] as number) + (shape[i] as number) }]
      : [],
  );
  const [range] = cuts;
  const isOne =
    cuts.length === 1 &&
    range !== undefined &&
    sizeOf(shape) * (dims[range.axis] as number) === sizeOf(dims) * (range.end - range.begin);
  return isOne ? { ...use, range } : { kind: "left", stored, why: `parts of it are used by ${by}` };
}

function weightUses(taken: Taken, claim: Extract<Claim, { kind: "weight" }>, follower: Follower): readonly Use[] {
  const { scope, node, view } = taken;
  const fans =
    view.shape.length < 2 ? { in: sizeOf(view.shape), out: 1 } : fansOf(partShape(view.shape, claim), claim.placement);
  const following: Following = claim.parts === undefined ? follower.after(scope, node) : { activation: "linear" };
  const scheme = recommended(claim, following, view.shape);
  const role = following.head === true ? "head" : "weight";
  return view.leaves.flatMap((leaf): readonly Use[] => {
    const whole = drawnOf(taken, leaf, { scheme, role });
    if (whole.kind === "left") return [whole];
    const placed = placedAt(leaf, claim, fans, view);
    const use = { ...whole, ...placed, scheme: withPlacement(scheme, placed.placement) };
    return packedUses(use, leaf, claim) ?? [use];
  });
}

/** The shape of one of the weights that are packed, or of the weight. */
function partShape(shape: readonly number[], { parts, out }: Extract<Claim, { kind: "weight" }>): readonly number[] {
  const [axis] = out;
  const [first] = parts ?? [];
  return first === undefined || axis === undefined ? shape : shape.with(axis, first);
}

/** A use for each weight that a tensor packs; undefined if it packs none. */
function packedUses(use: Drawn, leaf: Leaf, { parts, out }: Extract<Claim, { kind: "weight" }>) {
  const axis = leaf.axes[out[0] ?? -1];
  if (parts === undefined || axis === undefined || !hasAll(leaf) || use.shape[axis] !== sum(parts)) return undefined;
  let end = 0;
  return parts.map((length): Drawn => {
    end += length;
    return { ...use, range: { axis, begin: end - length, end } };
  });
}

const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);

/** How the fans of a tensor are told: by its layout if that gives those of the layer, else as numbers. */
function placedAt(
  leaf: Leaf,
  claim: Extract<Claim, { kind: "weight" }>,
  fans: Fans,
  view: View,
): { readonly layout?: Layout; readonly placement: Placement } {
  const { dims } = leaf.stored.tensor;
  const layout = layoutOfAxes(leaf, claim);
  const keepsAxes = leaf.axes.length === dims.length && leaf.axes.every((axis, i) => axis === i);
  const isAll = hasAll(leaf) && view.leaves.length === 1;
  if (isAll && keepsAxes && "layout" in claim.placement && claim.parts === undefined) {
    return { layout: claim.placement.layout as Layout, placement: claim.placement };
  }
  const bySelf = layout !== undefined && isAll && claim.parts === undefined ? fansOf(dims, { layout }) : undefined;
  const placement = bySelf?.in === fans.in && bySelf.out === fans.out ? { layout: layout as Layout } : { fans };
  return { ...(layout !== undefined && { layout }), placement };
}

/** The layout that a tensor's own axes have. */
function layoutOfAxes({ stored, axes }: Leaf, claim: Extract<Claim, { kind: "weight" }>): Layout | undefined {
  const rank = stored.tensor.dims.length;
  const [input, output] = [axes[claim.in[0] ?? -1], axes[claim.out[0] ?? -1]];
  if (rank < 2 || input === undefined || output === undefined || claim.in.length + claim.out.length > 2)
    return undefined;
  if (claim.placement.transposed === true) return input === 0 && output === 1 ? "oi" : undefined;
  if (output === 0 && input === 1) return "oi";
  return input === rank - 2 && output === rank - 1 ? "io" : undefined;
}

/** The recommended scheme for the layer, without a placement. It is asked for in layout "oi", so that it does not depend on the file's axes. */
function recommended(
  { attention }: Extract<Claim, { kind: "weight" }>,
  following: Following,
  shape: readonly number[],
): UnsplitScheme {
  const { activation, slope, scheme: own, head } = following;
  const kind = shape.length > 2 ? "convolution" : "dense";
  const options: RecommendOptions = attention
    ? { layer: "attention", layout: "oi" }
    : head
      ? { layer: "head" }
      : { layer: kind, activation, layout: "oi", ...(slope !== undefined && { slope }) };
  const asked = attention ? undefined : own;
  const { layout: _, ...scheme } = (asked ?? recommend(options).scheme) as UnsplitScheme & { layout?: Layout };
  return scheme as UnsplitScheme;
}

/** Schemes without fans, such as that of a head, have no place for them. */
const withPlacement = (scheme: UnsplitScheme, placement: Placement): UnsplitScheme =>
  ["normal", "constant", "zeros", "ones"].includes(scheme.scheme)
    ? scheme
    : ({ ...scheme, ...placement } as UnsplitScheme);

const FORGET_GATE = 2; // of input, output, forget, cell: ONNX's order

/**
 * The gates of a recurrent layer, in each direction: weights by Glorot, orthogonal matrices from the state, biases 0 but
 * that of an LSTM's forget gate, as in Keras. ONNX has [directions, gates * hidden, inputs].
 */
function recurrentUses(taken: Taken, { part, gates }: Extract<Claim, { kind: "recurrent" }>): readonly Use[] {
  const { node, view } = taken;
  const [, rows = 0, inputs = 1] = view.shape;
  const packed = part === "bias" ? 2 * gates : gates;
  const hidden = rows / packed;
  if (view.shape.length !== (part === "bias" ? 2 : 3) || !Number.isInteger(hidden)) {
    return leftOf(view, `a shape that ${opName(node)} does not have`);
  }
  const schemeOf = (gate: number): UnsplitScheme => {
    if (part === "input") return xavierUniform({ fans: { in: inputs, out: hidden } }) as UnsplitScheme;
    if (part === "state") return orthogonal({ layout: "oi" }) as UnsplitScheme;
    return (gates === 4 && gate === FORGET_GATE ? constant(1) : zeros()) as UnsplitScheme;
  };
  const parts = (gate: number): Parts => ({
    ...{ scheme: schemeOf(gate), role: part === "bias" ? "bias" : "weight" },
    ...(part !== "bias" && { layout: "oi", placement: { fans: { in: inputs, out: hidden } } }),
  });
  return view.leaves.flatMap((leaf) => gateUses(taken, leaf, hidden, parts));
}

/** A use for each gate of a tensor, whose rows are those of all gates and directions. */
function gateUses({ node }: Taken, leaf: Leaf, hidden: number, partsOf: (gate: number) => Parts): readonly Use[] {
  const { stored, axes, begin, at, shape } = leaf;
  const { dims } = stored.tensor;
  const by = opName(node);
  const columns = shape[2] ?? 1;
  const [direction, row, column] = axes;
  const total = sizeOf(dims) / columns;
  const perDirection = row === undefined ? 1 : (dims[row] as number);
  const isOrdered =
    (column === undefined ? columns === 1 : column === dims.length - 1 && columns === dims[column]) &&
    (direction === undefined || row === undefined || direction < row) &&
    (row !== undefined || shape[1] === 1) &&
    (direction === undefined
      ? shape[0] === 1 && total === perDirection
      : total === perDirection * (dims[direction] as number));
  if (!isOrdered) return [{ kind: "left", stored, why: `${by} takes it with its axes in another order` }];
  const drawnShape = leaf.shape.length > 2 ? [total, columns] : [total];
  const uses: Use[] = [];
  const [, first = 0] = at;
  const last = first + (shape[1] as number);
  for (let d = 0; d < (shape[0] as number); ++d) {
    const base = ((begin[0] as number) + d) * perDirection + (begin[1] as number);
    for (let low = first; low < last; ) {
      const gate = Math.floor(low / hidden);
      const high = Math.min(last, (gate + 1) * hidden);
      const range = { axis: 0, begin: base + low - first, end: base + high - first };
      uses.push({ kind: "drawn", stored, shape: drawnShape, by, range, ...partsOf(gate) });
      low = high;
    }
  }
  return uses;
}
