/** Tensors packed of several along one axis: where they are split, and the distribution of each part. */
import { checkPositive, wrongType, wrongValue } from "../check.js";
import { isStructured, type Unsplit } from "../distribution.js";
import { sizeOf } from "../shape.js";
import { type Derivation, deriveUnsplit } from "./derive.js";
import type { Scheme, SplitAxis, SplitOptions, UnsplitScheme } from "./options.js";

export const SPLIT_KEYS = ["axis", "parts", "of"] as const;

export function checkSplitAxis({ axis, parts }: SplitAxis): void {
  if (typeof axis !== "number") throw wrongType("axis", "an axis", axis);
  if (!Number.isInteger(axis)) throw wrongValue("axis", "a whole number", axis);
  if (!Array.isArray(parts)) checkPositive("parts", parts);
  else if (parts.length === 0) throw wrongValue("parts", "one length or more", parts);
  else parts.forEach((length, i) => void checkPositive(`parts[${i}]`, length));
}

const countOf = ({ parts }: SplitAxis): number => (typeof parts === "number" ? parts : parts.length);

/** @param read turns what is given for a part into a scheme, or throws. */
export function checkSplit({ axis, parts, of }: SplitOptions, read: (json: unknown) => Scheme): void {
  checkSplitAxis({ axis, parts });
  if (Array.isArray(of) && of.length !== countOf({ axis, parts })) {
    throw wrongValue("of", `as many schemes as parts (${countOf({ axis, parts })}), or one`, of.length);
  }
  for (const each of schemesOf(of)) {
    if (read(each).scheme === "split") throw wrongValue("of", "schemes that are no split themselves", "split");
  }
}

/** The shape of each part, and how many consecutive elements of the tensor belong to it. */
export function splitShape(
  shape: readonly number[],
  { axis, parts }: SplitAxis,
): { readonly shape: number[]; readonly length: number }[] {
  const index = axis < 0 ? axis + shape.length : axis;
  const whole = shape[index];
  if (whole === undefined) throw wrongValue("axis", `an axis of ${shape.length}`, axis);
  const even = typeof parts === "number";
  const lengths = even ? Array.from({ length: parts }, () => whole / parts) : parts;
  if (even && whole % parts !== 0) {
    throw wrongValue("parts", `a divisor of ${whole}, the length of axis ${axis}`, parts);
  }
  if (!even && lengths.reduce((sum, length) => sum + length, 0) !== whole) {
    throw wrongValue("parts", `lengths that add up to ${whole}, the length of axis ${axis}`, parts);
  }
  const inner = sizeOf(shape.slice(index + 1));
  return lengths.map((length) => ({ shape: shape.with(index, length), length: length * inner }));
}

const schemesOf = (of: SplitOptions["of"]): readonly Scheme[] => (Array.isArray(of) ? of : [of as Scheme]);

const MOST_MATRICES = 0x20000; // each has 2^36 elements of the stream, which has 2^53

/** The distribution of each part; one for the whole tensor where all parts are alike and independent of their place. */
export function deriveSplit(shape: readonly number[], { axis, parts, of }: SplitOptions): Derivation {
  const schemes = schemesOf(of) as readonly UnsplitScheme[];
  const derived = splitShape(shape, { axis, parts }).map((part, i) => {
    const scheme = schemes[schemes.length === 1 ? 0 : i] as UnsplitScheme;
    return { ...part, scheme, distribution: deriveUnsplit(part.shape, scheme).distribution };
  });
  const [first] = derived.map(({ distribution }) => distribution);
  // Matrices differ from part to part, even of one distribution.
  const alike = derived.every(
    ({ distribution }) => !isStructured(distribution) && JSON.stringify(distribution) === JSON.stringify(first),
  );
  if (derived.length > MOST_MATRICES && derived.some(({ distribution }) => isStructured(distribution))) {
    throw wrongValue("parts", `at most ${MOST_MATRICES} matrices`, derived.length);
  }
  const split = derived.map(({ length, distribution }) => ({ length, distribution }));
  return { distribution: alike ? (first as Unsplit) : { kind: "split", parts: split }, parts: derived };
}
