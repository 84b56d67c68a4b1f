/** The Range header: RFC 9110, section 14. */

/** Bytes [begin, end). */
export interface ServedRange {
  readonly begin: number;
  readonly end: number;
}

const MOST_RANGES = 64; // in one request

/**
 * The ranges that a header asks for, in its order, those that overlap or touch made one at the place of the first.
 *
 * @param length of the resource, in bytes.
 * @returns undefined where the header is to be ignored: there is none, or its unit is not bytes; [] where it is rejected:
 * nothing in it can be satisfied, it is malformed, or it has more than 64 ranges.
 */
export function rangesOf(header: string | null, length: number): readonly ServedRange[] | undefined {
  const [, unit = "", list = ""] = /^[ \t]*([!#$%&'*+.^_`|~\w-]+)=(.*)$/.exec(header ?? "") ?? [];
  if (unit.toLowerCase() !== "bytes") return undefined;
  const ranges: ServedRange[] = [];
  for (const text of list.split(",").map((item) => item.trim())) {
    if (text === "") continue; // RFC 9110, 5.6.1.2: empty elements of a list
    const range = rangeOf(text, length);
    if (range === undefined) return [];
    if (range.begin < range.end) join(ranges, range, ranges.length);
    if (ranges.length > MOST_RANGES) return [];
  }
  return ranges;
}

/** An empty range where it cannot be satisfied; undefined where it is malformed. */
function rangeOf(text: string, length: number): ServedRange | undefined {
  const [, suffix] = /^-(\d+)$/.exec(text) ?? [];
  if (suffix !== undefined) return { begin: Math.max(0, length - Number(suffix)), end: length };
  const [, first, last] = /^(\d+)-(\d*)$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const begin = Number(first);
  const end = last === "" ? length : Math.min(length, Number(last) + 1);
  if (last !== "" && Number(last) < begin) return undefined;
  return begin < length ? { begin, end } : { begin: length, end: length };
}

/** Inserts a range at an index, or joins it with those that it touches. Parts are sent in this order: section 15.3.7.2. */
function join(ranges: ServedRange[], range: ServedRange, at: number): void {
  const touching = ranges.findIndex(({ begin, end }) => range.begin <= end && begin <= range.end);
  if (touching < 0) {
    ranges.splice(at, 0, range);
    return;
  }
  const [other] = ranges.splice(touching, 1) as [ServedRange];
  const both = { begin: Math.min(range.begin, other.begin), end: Math.max(range.end, other.end) };
  join(ranges, both, Math.min(at, touching));
}
