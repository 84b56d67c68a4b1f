/** Folds the rows of repeated layers in a table into one. */

export type Row = readonly string[];

const SEPARATOR = /([._/])/;
const NUMBER = /^(0|[1-9]\d{0,8})$/;

/** A row while it is folded. */
interface Folding {
  readonly row: Row;
  /** Its name, cut at separators. */
  readonly parts: readonly string[];
  /** What rows must have in common to be folded, beside the rest of their names. */
  readonly key: string;
}

/**
 * Merges rows that are equal but for a number in their names: `h.{0..11}.attn.weight`. Numbers at several places fold one
 * after the other, as of the experts of each layer.
 *
 * @param names index of the names' column; -1 folds nothing.
 * @param measured columns in which rows may differ: see `Column`.
 */
export function foldLayers(rows: readonly Row[], names: number, measured: readonly boolean[]): readonly Row[] {
  if (names < 0) return rows;
  let folded = rows.map((row): Folding => {
    const key = row.map((cell, i) => (i === names ? "" : measured[i] ? cell.replace(SPAN, "#") : cell));
    return { row, parts: (row[names] as string).split(SEPARATOR), key: JSON.stringify(key) };
  });
  const places = folded.reduce((most, { parts }) => Math.max(most, parts.length), 0);
  const join = (group: readonly Row[]): Row =>
    (group[0] as Row).map((cell, i) => (measured[i] ? spanOf(group.map((row) => row[i] as string)) : cell));
  // Separators lie between the places.
  for (let place = 0; place < places; place += 2) folded = foldPlace(folded, place, join);
  return folded.map(({ row, parts }) => row.with(names, parts.join("")));
}

/** @param join makes one row of several. */
function foldPlace(rows: readonly Folding[], place: number, join: (group: readonly Row[]) => Row): Folding[] {
  const isNumber = ({ parts }: Folding): boolean => NUMBER.test(parts[place] ?? "");
  const groups = new Map<string | Folding, Folding[]>();
  for (const each of rows) {
    const key = isNumber(each) ? `${each.key}${each.parts.with(place, "").join("")}` : each;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [Folding];
    if (group.length < 2) return first;
    const range = `{${ranges(group.map(({ parts }) => Number(parts[place])))}}`;
    return { ...first, row: join(group.map(({ row }) => row)), parts: first.parts.with(place, range) };
  });
}

const MEASURED = /-?[\d,]*\.?\d+(?:e[+-]?\d+)?/;
const SPAN = new RegExp(`^(${MEASURED.source})(?:\\.\\.(${MEASURED.source}))?`);

/** `1..3 of 8` for cells such as "3 of 8" and "1..2 of 8", which differ in their numbers only. */
function spanOf(cells: readonly string[]): string {
  const [first = ""] = cells;
  if (cells.every((cell) => cell === first)) return first;
  let [low, high] = ["", ""];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const cell of cells) {
    const [, begin = "", end = begin] = SPAN.exec(cell) as RegExpExecArray;
    const [from, to] = [begin, end].map((number) => Number(number.replaceAll(",", ""))) as [number, number];
    if (from < least) [least, low] = [from, begin];
    if (to > most) [most, high] = [to, end];
  }
  return first.replace(SPAN, () => `${low}..${high}`);
}

/** `0..2,5` for 0, 1, 2 and 5. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] + 1 === number) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}..${last}`)).join(",");
}
