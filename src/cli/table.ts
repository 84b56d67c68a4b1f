/** Tables: in full for pipes and `--wide`, else fitted to the width of the terminal. */
import Table from "cli-table3";

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

const MOST_ROWS = 500; // of one table: the library takes time in their square, and stack

/** @param width of the terminal; undefined gives the full table. */
export function table(columns: readonly Column[], rows: readonly Row[], width: number | undefined): string {
  if (width === undefined) return drawn(columns, rows);
  const { shown, cells, whole } = fitted(columns, rows, width);
  return `${drawn(shown, cells)}${whole ? "" : "\n--wide shows every column and row"}`;
}

function drawn(columns: readonly Column[], rows: readonly Row[]): string {
  const count = Math.max(1, Math.ceil(rows.length / MOST_ROWS));
  const tables = Array.from({ length: count }, (_, i) => {
    const part = new Table({
      head: columns.map(({ head }) => head),
      colAligns: columns.map(({ align }) => align ?? "left"),
      style: { head: [], border: [], compact: true },
    });
    part.push(...rows.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS).map((row) => [...row]));
    return part.toString();
  });
  return tables.join("\n");
}

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
  const heads = columns.map(({ head }) => widthOf(head));
  const natural = heads.map((head, i) => rows.reduce((most, row) => Math.max(most, widthOf(row[i] as string)), head));
  const leasts = columns.map(({ least }, i) => {
    if (least === undefined) return natural[i] as number;
    return Math.max(heads[i] as number, last ? 0 : least);
  });
  const free = width - (3 * columns.length + 1); // each cell has two spaces and a border
  for (let most = Math.max(...natural); most > 0; --most) {
    const widths = natural.map((each, i) => Math.min(each, Math.max(leasts[i] as number, most)));
    if (widths.reduce((sum, each) => sum + each, 0) <= free) return widths;
  }
  return last ? leasts : undefined;
}

const SEPARATOR = /([._/])/;
const NUMBER = /^(0|[1-9]\d{0,8})$/;

/**
 * Merges rows that are equal but for a number in their names: `h.{0..11}.attn.weight`. Numbers at several places fold one
 * after the other, as of the experts of each layer.
 */
export function foldLayers(rows: readonly Row[], names: number): readonly Row[] {
  if (names < 0) return rows;
  const places = rows.reduce((most, row) => Math.max(most, (row[names] as string).split(SEPARATOR).length), 0);
  let folded = rows;
  for (let place = 0; place < places; place += 2) folded = foldPlace(folded, names, place); // separators lie between
  return folded;
}

function foldPlace(rows: readonly Row[], names: number, place: number): Row[] {
  const groups = new Map<string, { readonly row: Row; readonly numbers: number[] }>();
  for (const row of rows) {
    const parts = (row[names] as string).split(SEPARATOR);
    const number = parts[place];
    const isNumber = number !== undefined && NUMBER.test(number);
    const key = JSON.stringify(isNumber ? row.with(names, parts.with(place, "{}").join("")) : row);
    const group = groups.get(key) ?? { row, numbers: [] };
    groups.set(key, group);
    if (isNumber) group.numbers.push(Number(number));
  }
  return [...groups.values()].map(({ row, numbers }) => {
    if (numbers.length < 2) return row;
    const parts = (row[names] as string).split(SEPARATOR);
    return row.with(names, parts.with(place, `{${ranges(numbers)}}`).join(""));
  });
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

/** The text with its middle replaced by an ellipsis; the end, where names differ most, keeps twice as much as the beginning. */
function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const letters = [...text];
  const head = Math.floor((width - 1) / 3);
  let kept = [...letters.slice(0, head), "…", ...letters.slice(letters.length - (width - 1 - head))];
  while (kept.length > 1 && widthOf(kept.join("")) > width) kept = kept.toSpliced(1, 1); // wide letters
  return kept.join("");
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{3fffd}]/gu;

/** Columns that a text takes in a terminal: two for each ideograph, emoji and their like. */
const widthOf = (text: string): number => [...text].length + (text.match(WIDE)?.length ?? 0);
