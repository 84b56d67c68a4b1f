// Interleaved timing by benchmark.js. Machines share their cores and change their clocks, so a cell is timed in many
// short turns, all cells in each round, and its best turn counts; ratios are between cells of one run only.
import Benchmark from "benchmark";

/**
 * @param cells name -> function; each is one call
 * @returns name -> seconds a call: { best, median }
 */
export function measure(cells, rounds = 15) {
  const turns = Object.entries(cells).map(([name, call]) => ({
    name,
    benchmark: new Benchmark(name, call, { maxTime: 0.02, minSamples: 3 }),
    seconds: [],
  }));
  for (let round = 0; round < rounds; ++round) {
    for (const { benchmark, seconds } of turns) {
      benchmark.reset();
      benchmark.run();
      if (benchmark.error) throw benchmark.error;
      seconds.push(Math.min(...benchmark.stats.sample));
    }
  }
  return Object.fromEntries(
    turns.map(({ name, seconds }) => {
      seconds.sort((a, b) => a - b);
      return [name, { best: seconds[0], median: seconds[seconds.length >> 1] }];
    }),
  );
}
