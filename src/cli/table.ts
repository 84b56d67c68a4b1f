/** Tables: in full for pipes and `--wide`, else fitted to the width of the terminal. */
import stringWidth from "fast-string-width";
import { foldLayers, type Row } from "../chart/fold.js";

export interface Column {
  readonly head: string;
  /** Of two columns the lighter one goes first where the terminal is narrow; one of weight 0 is only in full tables. */
  readonly weight: number;
  /** Cells may be shortened in the middle, to this many characters at least. Without it they stay whole. */
  readonly least?: number;
  /** The column of the tensors' names, by which repeated layers are found. */
  readonly names?: boolean;
  /** Its cells begin with a measured number. Rows that differ only there are folded, to the smallest and the largest one. */
  readonly measured?: boolean;
  readonly align?: "right";
}

/** Columns that a text takes in a terminal. Nearly all texts are ASCII, whose letters take one each. */
const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

const LONGEST = 1000; // characters of a cell, also in full tables: a file can give a tensor a name of megabytes

/**
 * @param width of the terminal; undefined gives the full table.
 * @param most rows that are shown in a terminal, after folding.
 */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number | undefined,
  most = Number.POSITIVE_INFINITY,
): string {
  const bearable = rows.map((row) =>
    row.some(isLong) ? row.map((cell) => (isLong(cell) ? clippedInside(cell) : cell)) : row,
  );
  if (width === undefined) return drawn(columns, bearable);
  const { shown, cells, rest, whole } = fitted(columns, bearable, width, most);
  const left = rest === 0 ? "" : `, also the ${rest} rows after these`;
  return `${drawn(shown, cells)}${whole ? "" : `\n--wide shows every column and row${left}`}`;
}

/** How many bytes went by in a second. */
export function rateText(bytes: number, seconds: number): string {
  const rate = bytes / seconds / 1e6;
  return `${rate.toFixed(rate < 10 ? 1 : 0)} MB/s`;
}

/** A whole number with commas between its thousands, as `toLocaleString("en")` has them, which takes 100 times as long. */
export const grouped = (x: number): string => String(x).replace(/\B(?=(\d{3})+$)/g, ",");

const isLong = (cell: string): boolean => cell.length > LONGEST;
const clippedInside = (text: string): string => `${text.slice(0, LONGEST / 2)}…${text.slice(1 - LONGEST / 2)}`;

function drawn(columns: readonly Column[], rows: readonly Row[]): string {
  const widths = naturalWidths(columns, rows);
  const rule = (left: string, between: string, right: string) =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(between)}${right}`;
  const pad = columns.map((column, i) => likeBefore((cell) => padded(cell, widths[i] as number, column)));
  const line = (cells: Row) => `│ ${cells.map((cell, i) => pad[i]?.(cell)).join(" │ ")} │`;
  return [
    ...[rule("┌", "┬", "┐"), line(columns.map(({ head }) => head)), rule("├", "┼", "┤")],
    ...[...rows.map(line), rule("└", "┴", "┘")],
  ].join("\n");
}

function padded(cell: string, width: number, column: Column | undefined): string {
  const length = cell.length + width - widthOf(cell);
  return column?.align === "right" ? cell.padStart(length) : cell.padEnd(length);
}

const naturalWidths = (columns: readonly Column[], rows: readonly Row[]): readonly number[] =>
  columns.map(({ head }, i) => {
    const width = likeBefore(widthOf);
    return rows.reduce((most, row) => Math.max(most, width(row[i] as string)), widthOf(head));
  });

/** Remembers the answer for the last text: in most columns, rows of a long table say what the row before says. */
function likeBefore<T>(of: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly answer: T } | undefined;
  return (text) => {
    if (text !== last?.text) last = { text, answer: of(text) };
    return last.answer;
  };
}

interface Fitted {
  readonly shown: readonly Column[];
  readonly cells: readonly Row[];
  /** How many rows were left out. */
  readonly rest: number;
  /** Whether nothing was left out, folded or shortened. */
  readonly whole: boolean;
}

/** Folds repeated layers and leaves out columns, lightest first, until the rest fits with long cells shortened. */
function fitted(all: readonly Column[], rows: readonly Row[], width: number, most: number): Fitted {
  const kept = all.flatMap(({ weight }, i) => (weight > 0 ? [i] : []));
  const columns = kept.map((i) => all[i] as Column);
  const folded = foldLayers(
    rows.map((row) => kept.map((i) => row[i] as string)),
    columns.findIndex(({ names }) => names),
    columns.map(({ measured = false }) => measured),
  );
  const listed = folded.slice(0, most);
  const weights = [...new Set(columns.map(({ weight }) => weight))].sort((a, b) => a - b);
  for (const weight of weights) {
    const heavy = columns.flatMap((column, i) => (column.weight < weight ? [] : [i]));
    const shown = heavy.map((i) => columns[i] as Column);
    const picked = listed.map((row) => heavy.map((i) => row[i] as string));
    const widths = widthsWithin(width, shown, picked, weight === weights.at(-1));
    if (widths === undefined) continue;
    const cells = picked.map((row) => row.map((cell, i) => shortened(cell, widths[i] as number)));
    const same = cells.every((row, r) => row.every((cell, i) => cell === picked[r]?.[i]));
    const whole = same && shown.length === all.length && cells.length === rows.length;
    return { shown, cells, rest: folded.length - cells.length, whole };
  }
  return { shown: all, cells: rows, rest: 0, whole: true };
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
    return Math.max(widthOf(head), last ? 0 : least);
  });
  const free = width - (3 * columns.length + 1); // each cell has two spaces and a border
  for (let most = Math.max(...natural); most > 0; --most) {
    const widths = natural.map((each, i) => Math.min(each, Math.max(leasts[i] as number, most)));
    if (widths.reduce((sum, each) => sum + each, 0) <= free) return widths;
  }
  return last ? leasts : undefined;
}

/**
 * The text with an ellipsis for its middle. The end, where names differ most, keeps twice as much as the beginning; a
 * folded range `{0..11}` stays whole or goes whole, where that is possible.
 */
function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
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
  while (kept.length > 1 && widthOf(kept.join("")) > width) kept = kept.toSpliced(place + 1, 1); // wide letters
  return kept.join("");
}
