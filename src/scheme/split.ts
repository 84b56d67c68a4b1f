/** Tensors packed from several parts along one axis: where they are split, and the distribution of each part. */
import { checkPositive, wrongType, wrongValue } from "../check.js";
import { isStructured, type Unsplit } from "../distribution.js";
import { sizeOf } from "../shape.js";
import { type Derivation, deriveUnsplit } from "./derive.js";
import type { Scheme, SplitAxis, SplitOptions, UnsplitScheme } from "./options.js";

export const SPLIT_KEYS = ["axis", "parts", "of"] as const;

function checkSplitAxis({ axis, parts }: SplitAxis): void {
  if (typeof axis !== "number") throw wrongType("axis", "an axis", axis);
  if (!Number.isInteger(axis)) throw wrongValue("axis", "a whole number", axis);
  if (!Array.isArray(parts)) checkPositive("parts", parts);
  else if (parts.length === 0) throw wrongValue("parts", "one length or more", parts);
  else parts.forEach((length, i) => void checkPositive(`parts[${i}]`, length));
}

const countOf = ({ parts }: SplitAxis): number => (typeof parts === "number" ? parts : parts.length);

/** @param read turns JSON into a scheme, or throws. */
export function checkSplit({ axis, parts, of }: SplitOptions, read: (json: unknown) => Scheme): void {
  checkSplitAxis({ axis, parts });
  if (Array.isArray(of) && of.length !== countOf({ axis, parts })) {
    throw wrongValue("of", `as many schemes as parts (${countOf({ axis, parts })}), or one`, of.length);
  }
  for (const each of schemesOf(of)) {
    if (read(each).scheme === "split") throw wrongValue("of", "schemes that are not splits themselves", "split");
  }
}

/** For each part, its shape and how many consecutive elements of the flat tensor belong to it. */
export function splitShape(
  shape: readonly number[],
  { axis, parts }: SplitAxis,
): { readonly shape: number[]; readonly length: number }[] {
  const index = axis < 0 ? axis + shape.length : axis;
  const total = shape[index];
  if (total === undefined) throw wrongValue("axis", `one of the ${shape.length} axes of the shape`, axis);
  const even = typeof parts === "number";
  if (even ? total % parts !== 0 : parts.reduce((sum, length) => sum + length, 0) !== total) {
    const expected = even ? `a divisor of ${total}` : `lengths that add up to ${total}`;
    throw wrongValue("parts", `${expected}, the length of axis ${axis}`, parts);
  }
  const lengths = even ? Array.from({ length: parts }, () => total / parts) : parts;
  const inner = sizeOf(shape.slice(index + 1));
  return lengths.map((length) => ({ shape: shape.with(index, length), length: length * inner }));
}

const schemesOf = (of: SplitOptions["of"]): readonly Scheme[] => (Array.isArray(of) ? of : [of as Scheme]);

const MAX_MATRICES = 0x20000; // each takes 2^36 elements of the stream, which has 2^53

/**
 * Derives the distribution of each part. If all parts have the same distribution of independent elements, the tensor has
 * it too. Structured parts stay apart even if their distributions are equal, since each is a matrix of its own.
 */
export function deriveSplit(shape: readonly number[], { axis, parts, of }: SplitOptions): Derivation {
  const schemes = schemesOf(of) as readonly UnsplitScheme[];
  const derived = splitShape(shape, { axis, parts }).map((part, i) => {
    const scheme = schemes[schemes.length === 1 ? 0 : i] as UnsplitScheme;
    return { ...part, scheme, distribution: deriveUnsplit(part.shape, scheme).distribution };
  });
  const [first] = derived.map(({ distribution }) => distribution);
  const alike = derived.every(
    ({ distribution }) => !isStructured(distribution) && JSON.stringify(distribution) === JSON.stringify(first),
  );
  if (derived.length > MAX_MATRICES && derived.some(({ distribution }) => isStructured(distribution))) {
    throw wrongValue("parts", `at most ${MAX_MATRICES} matrices`, derived.length);
  }
  const split = derived.map(({ length, distribution }) => ({ length, distribution }));
  return { distribution: alike ? (first as Unsplit) : { kind: "split", parts: split }, parts: derived };
}
