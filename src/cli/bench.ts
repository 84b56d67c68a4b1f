/** `nn-init bench`: how fast this machine draws. */
import { UsageError } from "./arguments.js";
import { arraysOf, type BenchCell, type Present, presentEngines } from "./bench.cells.js";
import { chosenCells } from "./bench.choose.js";
import { comparisonText } from "./bench.compare.js";
import { actionJson, bencherJson, sizeText } from "./bench.formats.js";
import { type BenchFormat, FEWEST_TURNS } from "./bench.limits.js";
import { LONG, takeTurns, turnsOf, USUAL, unsteady, wanderOf } from "./bench.measure.js";
import {
  type BenchResult,
  type Measured,
  machineText,
  RESULT_FORMAT,
  readResult,
  thisMachine,
} from "./bench.result.js";
import { onFirstInterrupt } from "./interrupt.js";
import type { Io } from "./io.js";
import { isStdout, placeOf } from "./place.js";
import { progress } from "./progress.js";
import { writeFile } from "./target.js";

export interface BenchFlags {
  /** Words that the names of the cells must have. */
  readonly filter?: string;
  readonly sizes?: readonly number[];
  /** Of each cell. Without it a slow machine takes fewer turns than usual. */
  readonly turns?: number;
  /** A file for what was measured. */
  readonly json?: string;
  readonly format: BenchFormat;
  /** A file that an earlier run has written by `json`. */
  readonly compare?: string;
  readonly wide?: boolean;
  readonly force?: boolean;
}

const USUAL_TURNS = 12;
/** What keeps a run below a minute on a machine that is slow, or busy. */
const SHORTER = { least: FEWEST_TURNS, seconds: 5 };
const LARGE = 5_000_000; // elements: calls of some milliseconds
const LARGE_SHARE = 0.5; // of the turns

/**
 * An interrupt ends the measurement. What was measured until then is printed and written like the rest.
 *
 * @returns what to exit with if it was interrupted.
 */
export async function runBench(flags: BenchFlags, io: Io): Promise<number | undefined> {
  checkFlags(flags);
  const stopping = new AbortController();
  const undo = onFirstInterrupt((exitCode) => stopping.abort(exitCode));
  const present = await presentEngines();
  try {
    await measureAll(flags, present, stopping.signal, io);
    return stopping.signal.reason;
  } finally {
    present.pool?.close();
    undo();
  }
}

function checkFlags({ json, force, format, compare }: BenchFlags): void {
  if (compare !== undefined && format !== "table") {
    throw new UsageError(`--compare: expected --format table beside it, got ${format}`);
  }
  if (json === undefined) return;
  if (isStdout(json)) throw new UsageError("--json: expected a file, got standard output, which has the tables");
  placeOf(json, force ?? false);
}

async function measureAll(flags: BenchFlags, present: Present, signal: AbortSignal, io: Io): Promise<void> {
  const machine = thisMachine(io.version, present.pool?.threads ?? 1);
  const before = flags.compare === undefined ? undefined : readResult(flags.compare, machine);
  const chosen = chosenCells(flags, present, before);
  const isTable = flags.format === "table";
  if (isTable && before === undefined) await io.print(`${machineText(machine)}\n${absentText(present)}\n`);
  const cells: Measured[] = [];
  try {
    for (const group of chosen) {
      if (signal.aborted) break;
      const measured = await measureSize(group, flags.turns, present, signal, io);
      cells.push(...measured);
      const text = isTable && before === undefined && sizeText(measured, widthFor(flags, io));
      if (text) await io.print(text);
    }
  } finally {
    // Also what was measured before a size that has no room in memory, or before an interrupt.
    if (cells.length > 0) await finish({ format: RESULT_FORMAT, machine, cells }, before, flags, io);
  }
}

const widthFor = ({ wide }: BenchFlags, { columns }: Io): number | undefined => (wide ? undefined : columns);

/** Prints what only the whole shows, and writes it. */
async function finish(result: BenchResult, before: BenchResult | undefined, flags: BenchFlags, io: Io): Promise<void> {
  const warning = unsteady(wanderOf(result.cells.map(({ seconds }) => seconds)));
  if (warning !== undefined) io.warn(`${warning}\n`);
  if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(result)}\n`, flags.force ?? false);
  if (before !== undefined) await io.print(comparisonText(before, result, widthFor(flags, io)));
  else if (flags.format === "bencher") await io.print(bencherJson(result));
  else if (flags.format === "github-action") await io.print(actionJson(result));
}

const absentText = ({ absent }: Present): string =>
  Object.entries(absent)
    .map(([engine, reason]) => `absent: ${engine}: ${reason}\n`)
    .join("");

/** Measures cells of one size, in rounds. */
async function measureSize(
  cells: readonly BenchCell[],
  turns: number | undefined,
  { pool }: Present,
  signal: AbortSignal,
  io: Io,
): Promise<readonly Measured[]> {
  const [{ size }] = cells as readonly [BenchCell];
  const isLarge = size > LARGE;
  const wanted = turns ?? USUAL_TURNS;
  const rounds = isLarge ? Math.max(FEWEST_TURNS, Math.ceil(wanted * LARGE_SHARE)) : wanted;
  const arrays = arraysOf(size, pool, [...new Set(cells.map(({ dtype }) => dtype))]);
  const bar = progress(rounds * cells.length, `turns, ${size.toLocaleString("en")} elements`, io);
  try {
    const seconds = await takeTurns(
      Object.fromEntries(cells.map(({ name, call }) => [name, turnsOf(call(arrays), isLarge ? LONG : USUAL)])),
      { turns: rounds, ...(turns === undefined && SHORTER), signal, onTurn: () => bar?.increment() },
    );
    return cells.flatMap(({ name, call: _, ...key }) => {
      const own = seconds[name] ?? [];
      return own.length === 0 ? [] : [{ ...key, seconds: own }];
    });
  } finally {
    bar?.stop();
  }
}
