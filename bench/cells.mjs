// Interleaved timing for the scripts of this folder: that of `nn-init bench`, which the build puts beside them (build/bench.mjs).

import { cpus } from "node:os";
import { bestAndMedian, naive, takeTurns, turnsOf, unsteady, wanderOf } from "../build/bench.mjs";
import { openPool } from "../dist/threads.js";

export { naive };

/**
 * @param cells functions by name, each of which is one call
 * @param foreign async functions by name, each of which gives the seconds of one call in another language
 * @param options minTime is how long a sample is, at least: several calls, whose mean it is
 * @returns seconds of a call by name, { best, median }
 */
export async function measure(cells, { rounds = 8, maxTime = 0.02, minTime = 0.005, foreign = {} } = {}) {
  const timing = { maxTime, minTime: Math.min(maxTime, minTime), minSamples: 3 };
  const own = Object.entries(cells).map(([name, call]) => [name, turnsOf(call, timing)]);
  const seconds = await takeTurns({ ...Object.fromEntries(own), ...foreign }, { turns: rounds });
  return Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, bestAndMedian(list)]));
}

/** A pool whose workers are all up. */
export async function openReadyPool() {
  const pool = openPool();
  while (pool.ready < pool.threads - 1) await new Promise((resolve) => setTimeout(resolve, 5));
  return pool;
}

/** The versions and the machine in one line, with a warning where the clock was not steady. */
export function describe(times, version) {
  const machine = `nn-init ${version}, Node ${process.versions.node}, V8 ${process.versions.v8}, ${cpus()[0].model}`;
  const warning = unsteady(wanderOf(Object.values(times).map(({ best, median }) => [best, median, median])));
  return warning === undefined ? machine : `${machine}. ${warning}`;
}
