/** Tables: in full for pipes and `--wide`, else fitted to the width of the terminal. */
import stringWidth from "fast-string-width";

export interface Column {
  readonly head: string;
  /** Of two columns the lighter one goes first where the terminal is narrow; one of weight 0 is only in full tables. */
  readonly weight: number;
  /** Cells may be shortened in the middle, to this many characters at least. Without it they stay whole. */
  readonly least?: number;
  /** The column of the tensors' names, by which repeated layers are found. */
  readonly names?: boolean;
  readonly align?: "right";
}

export type Row = readonly string[];

const LONGEST = 1000; // characters of a cell, also in full tables: a file can give a tensor a name of megabytes

/** @param width of the terminal; undefined gives the full table. */
export function table(columns: readonly Column[], rows: readonly Row[], width: number | undefined): string {
  const bearable = rows.map((row) => row.map((cell) => (cell.length > LONGEST ? clippedInside(cell) : cell)));
  if (width === undefined) return drawn(columns, bearable);
  const { shown, cells, whole } = fitted(columns, bearable, width);
  return `${drawn(shown, cells)}${whole ? "" : "\n--wide shows every column and row"}`;
}

const clippedInside = (text: string): string => `${text.slice(0, LONGEST / 2)}…${text.slice(1 - LONGEST / 2)}`;

function drawn(columns: readonly Column[], rows: readonly Row[]): string {
  const widths = naturalWidths(columns, rows);
  const rule = (left: string, between: string, right: string) =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(between)}${right}`;
  const line = (cells: Row) =>
    `│ ${cells.map((cell, i) => padded(cell, widths[i] as number, columns[i])).join(" │ ")} │`;
  return [
    ...[rule("┌", "┬", "┐"), line(columns.map(({ head }) => head)), rule("├", "┼", "┤")],
    ...[...rows.map(line), rule("└", "┴", "┘")],
  ].join("\n");
}

function padded(cell: string, width: number, column: Column | undefined): string {
  const space = " ".repeat(width - stringWidth(cell));
  return column?.align === "right" ? space + cell : cell + space;
}

const naturalWidths = (columns: readonly Column[], rows: readonly Row[]): readonly number[] =>
  columns.map(({ head }, i) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[i] as string)), stringWidth(head)),
  );

interface Fitted {
  readonly shown: readonly Column[];
  readonly cells: readonly Row[];
  /** Whether nothing was left out, folded or shortened. */
  readonly whole: boolean;
}

/** Leaves out columns, lightest first, until the rest fits with repeated layers folded and long cells shortened. */
function fitted(columns: readonly Column[], rows: readonly Row[], width: number): Fitted {
  const weights = [...new Set(columns.map(({ weight }) => weight))]
    .filter((weight) => weight > 0)
    .sort((a, b) => a - b);
  for (const weight of weights) {
    const kept = columns.flatMap((column, i) => (column.weight < weight ? [] : [i]));
    const shown = kept.map((i) => columns[i] as Column);
    const picked = rows.map((row) => kept.map((i) => row[i] as string));
    const folded = foldLayers(
      picked,
      shown.findIndex(({ names }) => names),
    );
    const widths = widthsWithin(width, shown, folded, weight === weights.at(-1));
    if (widths === undefined) continue;
    const cells = folded.map((row) => row.map((cell, i) => shortened(cell, widths[i] as number)));
    const same = cells.every((row, r) => row.every((cell, i) => cell === picked[r]?.[i]));
    return { shown, cells, whole: same && shown.length === columns.length && cells.length === rows.length };
  }
  return { shown: columns, cells: rows, whole: true };
}

/**
 * How wide each column may be, of which the widest give way first; undefined where the table cannot fit.
 *
 * @param last whether no column can be left out any more: then cells may become as narrow as their column's head.
 */
function widthsWithin(
  width: number,
  columns: readonly Column[],
  rows: readonly Row[],
  last: boolean,
): readonly number[] | undefined {
  const natural = naturalWidths(columns, rows);
  const leasts = columns.map(({ head, least }, i) => {
    if (least === undefined) return natural[i] as number;
    return Math.max(stringWidth(head), last ? 0 : least);
  });
  const free = width - (3 * columns.length + 1); // each cell has two spaces and a border
  for (let most = Math.max(...natural); most > 0; --most) {
    const widths = natural.map((each, i) => Math.min(each, Math.max(leasts[i] as number, most)));
    if (widths.reduce((sum, each) => sum + each, 0) <= free) return widths;
  }
  return last ? leasts : undefined;
}

const SEPARATOR = /([._/])(?![^{]*\})/; // not inside a folded range
const NUMBER = /^(0|[1-9]\d{0,8})$/;

/**
 * Merges rows that are equal but for a number in their names: `h.{0..11}.attn.weight`. Numbers at several places fold one
 * after the other, as of the experts of each layer.
 */
export function foldLayers(rows: readonly Row[], names: number): readonly Row[] {
  if (names < 0) return rows;
  const places = rows.reduce((most, row) => Math.max(most, partsOf(row, names).length), 0);
  let folded = rows;
  for (let place = 0; place < places; place += 2) folded = foldPlace(folded, names, place); // separators lie between
  return folded;
}

const partsOf = (row: Row, names: number): string[] => (row[names] as string).split(SEPARATOR);

function foldPlace(rows: readonly Row[], names: number, place: number): readonly Row[] {
  const isNumber = (row: Row): boolean => NUMBER.test(partsOf(row, names)[place] ?? "");
  if (!rows.some(isNumber)) return rows;
  const withPart = (row: Row, part: string): Row => row.with(names, partsOf(row, names).with(place, part).join(""));
  const groups = new Map<string | Row, { readonly row: Row; readonly numbers: number[] }>();
  for (const row of rows) {
    const key = isNumber(row) ? JSON.stringify(withPart(row, "")) : row;
    const group = groups.get(key) ?? { row, numbers: [] };
    groups.set(key, group);
    group.numbers.push(Number(partsOf(row, names)[place]));
  }
  return [...groups.values()].map(({ row, numbers }) =>
    numbers.length < 2 ? row : withPart(row, `{${ranges(numbers)}}`),
  );
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

/**
 * The text with an ellipsis for its middle. The end, where names differ most, keeps twice as much as the beginning; a
 * folded range `{0..11}` stays whole or goes whole, where that is possible.
 */
function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const letters = [...text];
  const removed = letters.length - width + 1;
  const insideRange = (place: number) => /\{[^}]*$/.test(letters.slice(0, place).join(""));
  const wanted = Math.floor((width - 1) / 3);
  const cost = (place: number) =>
    Math.abs(place - wanted) + (letters.slice(place, place + removed).includes("{") ? width : 0);
  const [place = wanted] = Array.from({ length: width }, (_, i) => i)
    .filter((each) => !insideRange(each) && !insideRange(each + removed))
    .sort((a, b) => cost(a) - cost(b));
  let kept = [...letters.slice(0, place), "…", ...letters.slice(place + removed)];
  while (kept.length > 1 && stringWidth(kept.join("")) > width) kept = kept.toSpliced(place + 1, 1); // wide letters
  return kept.join("");
}
