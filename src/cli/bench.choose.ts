/** Which cells `nn-init bench` measures. */
import { checkOneOf, show } from "../check.js";
import { parsed, UsageError } from "./arguments.js";
import { type BenchCell, CEILING, cellsOf, HEAD, nameOfCell, type Present } from "./bench.cells.js";
import type { BenchResult } from "./bench.result.js";

/** In the order in which they are measured: the first table is that of the README. */
const SIZES = [HEAD, 1024, 1_048_576, 10_000_000];

/** What was asked for. */
export interface Asked {
  readonly filter?: string | undefined;
  readonly sizes?: readonly number[] | undefined;
}

/**
 * The cells of each size: those that were asked for, or that an earlier run measured, and beside them the fill of memory.
 *
 * @throws UsageError if there are none.
 */
export function chosenCells(
  { filter, sizes }: Asked,
  { absent }: Pick<Present, "absent">,
  before: BenchResult | undefined,
): readonly (readonly BenchCell[])[] {
  const earlier = before && new Set(before.cells.map(nameOfCell));
  const list = [...new Set(sizes ?? before?.cells.map(({ size }) => size) ?? SIZES)];
  const withDTypes = list.includes(HEAD) ? HEAD : list[0];
  const all = list.map((size) => cellsOf(size, size === withDTypes));
  const words = wordsOf(filter, [...cellsOf(HEAD, true), ...all.flat()]);
  const isChosen = ({ name, engine }: BenchCell) => {
    const own = name.split(" ");
    return !(engine in absent) && words.every((word) => own.includes(word)) && earlier?.has(name) !== false;
  };
  const chosen = all
    .filter((cells) => cells.some(isChosen))
    .map((cells) => cells.filter((cell) => cell.distribution === CEILING || isChosen(cell)));
  if (chosen.length > 0) return chosen;
  if (before !== undefined)
    throw new UsageError("--compare: expected a file with cells that this run measures, got none");
  throw new UsageError(
    `--filter: expected words that one cell has together, such as "normal simd", got ${show(filter)}`,
  );
}

/** The words of a filter, each of which occurs in a name. */
function wordsOf(filter: string | undefined, cells: readonly BenchCell[]): readonly string[] {
  const known = [...new Set(cells.flatMap(({ name }) => name.split(" ")))];
  const words = (filter ?? "").split(/\s+/).filter((word) => word !== "");
  for (const word of words) parsed(() => checkOneOf("--filter", word, known));
  return words;
}
