/** A distribution that a caller gives as data, instead of a scheme: checked, field by field, and copied. */
import {
  checkBoolean,
  checkCount,
  checkFinite,
  checkNotNegative,
  checkNumber,
  checkOneOf,
  checkOptions,
  wrongType,
  wrongValue,
} from "./check.js";
import {
  areBounds,
  checkMatrices,
  type Distribution,
  isStructured,
  MAX_PARTS,
  normalDistribution,
  truncatedDistribution,
  type Unsplit,
  uniformDistribution,
} from "./distribution.js";

/** The fields of a distribution that a caller passed in, each read once. */
type GivenFields = Readonly<Record<string, unknown>>;

const MAX_SIDE = 0x40000000; // rows and columns are counted in 32 bits

/** The check of each field that is not a count. */
const CHECKS: Readonly<Record<string, (name: string, value: unknown) => unknown>> = {
  value: checkFinite,
  mean: checkFinite,
  std: checkNotNegative,
  low: checkFinite,
  high: checkFinite,
  gain: checkFinite,
  perRow: checkBoolean,
};

interface Kind<D extends Unsplit> {
  readonly fields: readonly Exclude<keyof D, "kind">[];
  /** Checks of its own. */
  readonly checks?: typeof CHECKS;
  /** Whether the fields go together. */
  readonly holds?: (d: D) => boolean;
  /** The distribution as its scheme makes it: a constant, if that is what the fields say. */
  readonly make?: (d: D) => Unsplit;
}

const KINDS: { readonly [Name in Unsplit["kind"]]: Kind<Extract<Unsplit, { kind: Name }>> } = {
  constant: { fields: ["value"] },
  uniform: {
    fields: ["low", "high"],
    holds: ({ low, high }) => low <= high,
    make: ({ low, high }) => uniformDistribution(low, high),
  },
  normal: { fields: ["mean", "std"], make: ({ mean, std }) => normalDistribution(mean, std) },
  truncated: {
    fields: ["mean", "std", "low", "high"],
    checks: { low: checkNumber, high: checkNumber }, // a bound can be infinite
    holds: ({ low, high }) => areBounds(low, high),
    make: ({ mean, std, low, high }) => truncatedDistribution(mean, std, low, high),
  },
  orthogonal: {
    fields: ["rows", "columns", "gain", "offset", "stride", "elements"],
    holds: ({ rows, columns, offset, stride, elements }) =>
      Math.max(rows, columns) <= MAX_SIDE &&
      Math.min(rows, columns, stride) > 0 &&
      offset + (rows * columns - 1) * stride < elements,
  },
  diagonal: {
    fields: ["value", "offset", "step", "count", "repeat", "repeats", "elements"],
    holds: ({ offset, step, count, repeat, repeats, elements }) =>
      Math.min(step, count, repeats) > 0 &&
      (repeat > 0 || repeats === 1) &&
      count * repeats <= elements &&
      offset + (repeats - 1) * repeat + (count - 1) * step < elements,
  },
  sparse: {
    fields: ["rows", "columns", "std", "zeros", "perRow", "elements"],
    holds: ({ rows, columns, zeros, perRow, elements }) =>
      rows * columns === elements && zeros <= (perRow ? columns : rows),
  },
  hadamard: {
    fields: ["columns", "size", "elements"],
    holds: ({ columns, size, elements }) =>
      size <= MAX_SIDE &&
      (size & (size - 1)) === 0 &&
      columns > 0 &&
      columns <= size &&
      elements % columns === 0 &&
      elements / columns <= size,
  },
};

/**
 * Checks a distribution that a caller passed in, for a tensor of `elements` elements, and copies it.
 *
 * @throws TypeError, RangeError naming the field.
 */
export function checkDistribution(given: unknown, elements: number): Distribution {
  const { kind, ...fields } = fieldsOf("distribution", given);
  if (kind !== "split") return checkUnsplit(kind, fields, elements, ["split"]);
  checkOptions("distribution", fields, ["parts"]);
  const { parts } = fields;
  if (!Array.isArray(parts) || parts.length === 0) throw wrongType("distribution.parts", "a list of parts", parts);
  if (parts.length > MAX_PARTS) throw wrongValue("distribution.parts", `at most ${MAX_PARTS} parts`, parts.length);
  const read = Array.from(parts, (part) => {
    const { length, distribution } = fieldsOf("distribution.parts", part);
    return { length: checkCount("distribution.parts.length", length), distribution };
  });
  const period = read.reduce((sum, { length }) => sum + length, 0);
  if (period > 0 ? elements % period !== 0 : elements > 0) {
    throw wrongValue("distribution.parts", `lengths whose sum divides ${elements}, the tensor's elements`, period);
  }
  const known = new Map<unknown, Unsplit>(); // of parts that share an object, as those of a split into equal parts do
  const checked = read.map(({ length, distribution }) => {
    const size = (elements / period) * length || 0;
    const same = known.get(distribution);
    if (same !== undefined && (!isStructured(same) || same.elements === size)) return { length, distribution: same };
    const { kind, ...fields } = fieldsOf("distribution.parts.distribution", distribution);
    const part = checkUnsplit(kind, fields, size, []);
    known.set(distribution, part);
    return { length, distribution: part };
  });
  checkMatrices("distribution.parts", checked);
  return { kind, parts: checked };
}

function fieldsOf(name: string, given: unknown): GivenFields {
  if (typeof given === "object" && given !== null) return { ...given };
  throw wrongType(name, "an object as resolve() makes it", given);
}

/** @param others kinds that the error message offers besides those without parts. */
function checkUnsplit(kind: unknown, given: GivenFields, elements: number, others: readonly string[]): Unsplit {
  const name = checkOneOf("distribution.kind", kind, [...Object.keys(KINDS), ...others]) as Unsplit["kind"];
  const { fields, checks, holds, make } = KINDS[name] as Kind<Unsplit> & { readonly fields: readonly string[] };
  checkOptions("distribution", given, fields);
  const entries = fields.map((key) => [
    key,
    (checks?.[key] ?? CHECKS[key] ?? checkCount)(`distribution.${key}`, given[key]),
  ]);
  const checked = { kind: name, ...Object.fromEntries(entries) } as Unsplit;
  if (holds?.(checked) === false) {
    throw wrongValue("distribution", `numbers of kind "${name}" that go together, as resolve() makes them`, given);
  }
  const distribution = make?.(checked) ?? checked;
  if (isStructured(distribution) && distribution.elements !== elements) {
    throw wrongValue("distribution.elements", `${elements}, as in the shape`, distribution.elements);
  }
  return distribution;
}
