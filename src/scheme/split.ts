/** Tensors packed from several parts along one axis: where they are split, and the distribution of each part. */
import { checkAxis, checkPositive, wrongValue } from "../check.js";
import { checkMatrices, isStructured, MAX_PARTS, type Split, textOf, type Unsplit } from "../distribution.js";
import { sizeOf } from "../shape.js";
import { type Derivation, deriveUnsplit, type Scaling } from "./derive.js";
import type { SplitAxis, SplitOptions, UnsplitScheme } from "./options.js";
import { checkPart } from "./part.js";

export const SPLIT_KEYS = ["axis", "parts", "of"] as const;

function checkSplitAxis({ axis, parts }: SplitAxis): void {
  checkAxis("axis", axis);
  if (Array.isArray(parts) && parts.length === 0) throw wrongValue("parts", "one length or more", parts);
  const count = checkPositive("parts", Array.isArray(parts) ? parts.length : parts);
  if (count > MAX_PARTS) throw wrongValue("parts", `at most ${MAX_PARTS} parts`, count);
  if (Array.isArray(parts)) Array.from(parts, (length, i) => checkPositive(`parts[${i}]`, length));
}

/**
 * Checks the options of a split.
 *
 * @param read turns a scheme, or its JSON, into a checked scheme that is not a split, or throws.
 * @returns the scheme of each part, or the one scheme of all.
 */
export function checkSplit(
  { axis, parts, of }: SplitOptions,
  read: (json: unknown) => UnsplitScheme,
): readonly UnsplitScheme[] {
  checkSplitAxis({ axis, parts });
  if (!Array.isArray(of)) return [read(of)];
  const count = Array.isArray(parts) ? parts.length : parts;
  if (of.length !== count) throw wrongValue("of", `as many schemes as parts (${count}), or one`, of.length);
  const known = new Map<unknown, UnsplitScheme>();
  for (const each of of) if (!known.has(each)) known.set(each, read(each));
  return of.map((each) => known.get(each) as UnsplitScheme);
}

/** The shape of a part, and how many consecutive elements of the flat tensor belong to it. */
interface PartShape {
  readonly shape: readonly number[];
  readonly length: number;
}

/** The parts of a shape. Those of equal length can be one object. */
export function splitShape(shape: readonly number[], { axis, parts }: SplitAxis): readonly PartShape[] {
  const index = axis < 0 ? axis + shape.length : axis;
  const total = shape[index];
  if (total === undefined) throw wrongValue("axis", `one of the ${shape.length} axes of the shape`, axis);
  const even = typeof parts === "number";
  if (even ? total % parts !== 0 : parts.reduce((sum, length) => sum + length, 0) !== total) {
    const expected = even ? `a divisor of ${total}` : `lengths that add up to ${total}`;
    throw wrongValue("parts", `${expected}, the length of axis ${axis}`, parts);
  }
  const inner = sizeOf(shape.slice(index + 1));
  const part = (length: number) => ({ shape: shape.with(index, length), length: length * inner });
  return even ? Array(parts).fill(part(total / parts)) : parts.map(part);
}

interface Part {
  readonly shape: readonly number[];
  readonly scheme: UnsplitScheme;
  readonly distribution: Unsplit;
  readonly from: Scaling | undefined;
  readonly drawn: Split["parts"][number];
}

/**
 * Derives the distribution of each part, once for all parts of one scheme and length. If all parts have the same
 * distribution of independent elements, the tensor has it too. Structured parts stay apart even if their distributions
 * are equal, since each is a matrix of its own.
 *
 * @param schemes the scheme of each part, or the one scheme of all.
 */
export function deriveSplit(
  shape: readonly number[],
  { axis, parts }: SplitAxis,
  schemes: readonly UnsplitScheme[],
): Derivation {
  const index = axis < 0 ? axis + shape.length : axis;
  const known = new Map<UnsplitScheme, Map<number, Part>>(schemes.map((scheme) => [scheme, new Map()]));
  const derived = splitShape(shape, { axis, parts }).map((each, i) => {
    const scheme = schemes[schemes.length === 1 ? 0 : i] as UnsplitScheme;
    const length = each.shape[index] as number;
    const ofScheme = known.get(scheme) as Map<number, Part>;
    const part = ofScheme.get(length) ?? derivePart(each, scheme, { shape, axis: index, length });
    ofScheme.set(length, part);
    return part;
  });
  const drawn = derived.map((part) => part.drawn);
  checkMatrices("parts", drawn);
  const distinct = [...new Set(derived)];
  const [{ distribution: first }] = distinct as [Part];
  const text = textOf(first);
  const alike = distinct.every(
    ({ distribution }) => !isStructured(distribution) && (distribution === first || textOf(distribution) === text),
  );
  return { distribution: alike ? first : { kind: "split", parts: drawn }, parts: derived };
}

function derivePart(part: PartShape, scheme: UnsplitScheme, where: Parameters<typeof checkPart>[1]): Part {
  checkPart(scheme, where);
  const { distribution, from } = deriveUnsplit(part.shape, scheme);
  return { shape: part.shape, scheme, distribution, from, drawn: { length: part.length, distribution } };
}
