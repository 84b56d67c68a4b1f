/** From the uses of a stored tensor to how it is drawn, or why it is not. */
import type { ModelTensor } from "../../model/model.js";
import type { Scheme, SplitAxis, UnsplitScheme } from "../../scheme/options.js";
import { dtypeOf, typeName } from "./element.js";
import type { Drawn, Use } from "./use.js";
import type { StoredValue } from "./view.js";
import type { LeftTensor, OnnxWeight } from "./weight.js";

/** A tensor that is left, before it is known whether it could be drawn. */
export type UndrawnTensor = Omit<LeftTensor, "drawable">;

/** What is decided of a tensor: a weight with its scheme, or why it is left. */
export function decided(stored: StoredValue, name: string, uses: readonly Use[]): OnnxWeight | UndrawnTensor {
  const { tensor, sparse, filledBy } = stored;
  const left = (why: string): UndrawnTensor => ({ name, dims: tensor.dims, type: typeName(tensor.type), why });
  const dtype = dtypeOf(tensor);
  if (uses.some((use) => use.kind === "left" && use.why === "quantized")) return left("quantized");
  if (dtype === undefined) return left(`values of the type ${typeName(tensor.type)}`);
  if (sparse === true) return left("only its values other than 0 are stored");
  if (tensor.dims.includes(0)) return left("empty");
  if (tensor.payload === undefined && filledBy === undefined) return left("without values");
  if (uses.length === 0) return left("taken by no operator");
  const drawn = uses.filter((use) => use.kind === "drawn");
  const other = uses.find((use) => use.kind === "left");
  if (tensor.dims.length === 0 && drawn.every(({ role }) => role !== "bias")) return left("a scalar");
  if (other !== undefined) return left(drawn.length === 0 ? other.why : `a weight, and also ${other.why}`);
  const combined = combine(drawn);
  if (typeof combined === "string") return left(combined);
  const takenBy = [...new Set(drawn.map(({ by }) => by))];
  return { name, dtype, dims: tensor.dims, takenBy, ...combined };
}

export const isWeight = (tensor: OnnxWeight | UndrawnTensor): tensor is OnnxWeight => "scheme" in tensor;

type Combined = Pick<ModelTensor, "shape" | "role" | "layout" | "placement" | "packed" | "scheme">;

/** @returns why the tensor cannot be drawn, in words, if its uses do not agree. */
function combine(uses: readonly Drawn[]): Combined | string {
  const [first] = uses as readonly [Drawn, ...Drawn[]];
  if (new Set(uses.map(({ shape }) => String(shape))).size > 1) return otherwise(uses);
  if (uses.every(({ range }) => range === undefined)) return ofWhole(uses);
  const axes = new Set(uses.map(({ range }) => range?.axis));
  const axis = first.range?.axis;
  if (axes.size > 1 || axis === undefined) return otherwise(uses);
  return ofParts(uses, axis);
}

const otherwise = (uses: readonly Drawn[]): string =>
  `used in several ways, by ${[...new Set(uses.map(({ by }) => by))].join(" and ")}`;

/**
 * Decides about a tensor that several operators use. An embedding wins over the output layer that is tied to it, a layer with an
 * activation over one without.
 */
function ofWhole(uses: readonly Drawn[]): Combined | string {
  const embedding = uses.find(({ role }) => role === "embedding");
  if (embedding !== undefined) return withScheme(embedding, embedding.scheme);
  const places = new Set(uses.map(({ placement, layout }) => JSON.stringify([placement, layout])));
  const schemes = new Map(uses.map((use) => [JSON.stringify(use.scheme), use]));
  const [first, ...others] = [...schemes.values()].filter(({ scheme }) => scheme.scheme !== "lecunNormal");
  const chosen = first ?? (uses[0] as Drawn);
  return places.size > 1 || others.length > 0 ? otherwise(uses) : withScheme(chosen, chosen.scheme);
}

const withScheme = ({ shape, role, layout, placement }: Drawn, scheme: Scheme): Combined => ({
  ...{ shape, role, scheme },
  ...(layout !== undefined && { layout }),
  ...(placement !== undefined && { placement }),
});

/** Decides about a tensor whose parts along an axis are used separately. Every part must be used, and always in the same way. */
function ofParts(uses: readonly Drawn[], axis: number): Combined | string {
  const byBegin = new Map<string, Drawn>();
  for (const use of uses) {
    const key = `${use.range?.begin}:${use.range?.end}`;
    const before = byBegin.get(key);
    if (before !== undefined && JSON.stringify(before.scheme) !== JSON.stringify(use.scheme)) return otherwise(uses);
    byBegin.set(key, use);
  }
  const sorted = [...byBegin.values()].sort((a, b) => (a.range?.begin ?? 0) - (b.range?.begin ?? 0));
  const [first] = sorted as [Drawn, ...Drawn[]];
  let end = 0;
  for (const { range } of sorted) {
    if (range?.begin !== end) return `only parts of it are used, by ${first.by}`;
    end = range.end;
  }
  if (end !== first.shape[axis]) return `only parts of it are used, by ${first.by}`;
  const lengths = sorted.map(({ range }) => (range as { end: number }).end - (range as { begin: number }).begin);
  const even = lengths.every((length) => length === lengths[0]);
  const packed: SplitAxis = { axis, parts: even ? lengths.length : lengths };
  const schemes = sorted.map(({ scheme }) => scheme);
  const alike = schemes.every((scheme) => JSON.stringify(scheme) === JSON.stringify(schemes[0]));
  if (sorted.length === 1) return withScheme(first, first.scheme);
  if (alike && isUnpacked(schemes[0] as UnsplitScheme)) return withScheme(first, schemes[0] as Scheme);
  return {
    ...withScheme(first, { scheme: "split", ...packed, of: alike ? (schemes[0] as UnsplitScheme) : schemes }),
    packed,
  };
}

/** Whether a scheme is the same for the parts as for all of them. */
const isUnpacked = ({ scheme }: UnsplitScheme): boolean => ["zeros", "ones", "constant", "normal"].includes(scheme);

/** Names that no two tensors have: those of the file, with the path of the graph where it has them twice. */
export function namesFor(stored: readonly StoredValue[]): ReadonlyMap<StoredValue, string> {
  const counts = new Map<string, number>();
  for (const { name } of stored) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = new Map<StoredValue, string>();
  const used = new Set<string>();
  for (const one of stored) {
    const isTwice = (counts.get(one.name) ?? 0) > 1 && one.path !== "";
    const plain = isTwice ? `${one.path}/${one.name}` : one.name;
    let name = plain;
    for (let i = 2; used.has(name); ++i) name = `${plain}#${i}`;
    used.add(name);
    names.set(one, name);
  }
  return names;
}
