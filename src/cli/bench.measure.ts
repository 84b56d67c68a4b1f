/**
 * Interleaved timing by benchmark.js. Machines share their cores and change their clocks. So all cells are timed for a short
 * turn in each round, and the best turn of a cell counts. Only cells of one run may be compared.
 */
import { setImmediate } from "node:timers/promises";
import { Benchmark } from "./bench.library.js";

/** How long a turn is, in benchmark.js's terms. */
export interface Timing {
  /** Seconds of a sample, at least. */
  readonly minTime: number;
  /** Seconds after which no sample is begun. */
  readonly maxTime: number;
  readonly minSamples: number;
}

export const USUAL: Timing = { minTime: 0.002, maxTime: 0.008, minSamples: 2 };
/** For calls that take a hundredth of a second and more: one sample, after a call that is not counted. */
export const LONG: Timing = { minTime: 0.001, maxTime: 0.001, minSamples: 1 };

/** Times a function for one turn: seconds of a call, in the best sample. */
export type Turn = () => number | Promise<number>;

/** The turns of a function. */
export function turnsOf(call: () => void, timing: Timing): Turn {
  const benchmark = new Benchmark(call, { ...timing });
  return () => {
    benchmark.reset();
    benchmark.run();
    if (benchmark.error !== undefined) throw benchmark.error;
    return Math.min(...benchmark.stats.sample);
  };
}

export interface TurnsOptions {
  /** Rounds: turns of each cell. */
  readonly turns: number;
  /** The least number of rounds, however long they take. */
  readonly least?: number;
  /** After so many seconds no round is begun. */
  readonly seconds?: number | undefined;
  /** Ends the rounds before the next turn. */
  readonly signal?: AbortSignal | undefined;
  readonly onTurn?: (() => void) | undefined;
}

/** @returns for each cell the seconds of a call in each turn: fewer turns, or none, after an abort. */
export async function takeTurns(
  cells: Readonly<Record<string, Turn>>,
  { turns, least = turns, seconds: most = Number.POSITIVE_INFINITY, signal, onTurn }: TurnsOptions,
): Promise<Record<string, number[]>> {
  const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(cells).map((name) => [name, []]));
  const end = performance.now() + 1000 * most;
  for (let round = 0; round < turns && (round < least || performance.now() < end); ++round) {
    for (const [name, turn] of Object.entries(cells)) {
      await setImmediate(); // so that signals are heard
      if (signal?.aborted) return seconds;
      seconds[name]?.push(await turn());
      onTurn?.();
    }
  }
  return seconds;
}

/** @param seconds of one cell, at least one. */
export function bestAndMedian(seconds: readonly number[]): { readonly best: number; readonly median: number } {
  const sorted = [...seconds].sort((a, b) => a - b);
  return { best: sorted[0] as number, median: sorted[sorted.length >> 1] as number };
}

/** How far medians lie above the best turns, at most. 1 where nothing was measured. */
export const wanderOf = (cells: readonly (readonly number[])[]): number =>
  Math.max(
    1,
    ...cells.map((seconds) => {
      const { best, median } = bestAndMedian(seconds);
      return median / best;
    }),
  );

/** What to say of a clock that was not steady; undefined if it was. */
export function unsteady(wander: number): string | undefined {
  if (wander <= STEADY) return undefined;
  return `The clock was not steady (medians up to ${wander.toFixed(2)} times the best): trust the ratios only`;
}

const STEADY = 1.25;
