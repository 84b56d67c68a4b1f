// Interleaved timing by benchmark.js. Machines share their cores and change their clocks. So all cells are timed for a short
// turn in each round, and the best turn of a cell counts. Only cells of one run may be compared.
import { cpus } from "node:os";
import Benchmark from "benchmark";
import { openPool } from "../dist/threads.js";

/**
 * @param cells functions by name, each of which is one call
 * @param foreign async functions by name, each of which gives the seconds of one call in another language
 * @returns seconds of a call by name, { best, median }
 */
export async function measure(cells, { rounds = 8, maxTime = 0.02, foreign = {} } = {}) {
  const seconds = {};
  const benchmarks = Object.entries(cells).map(([name, call]) => {
    seconds[name] = [];
    return [name, new Benchmark(name, call, { maxTime, minSamples: 3 })];
  });
  for (const name of Object.keys(foreign)) seconds[name] = [];
  for (let round = 0; round < rounds; ++round) {
    for (const [name, benchmark] of benchmarks) {
      benchmark.reset();
      benchmark.run();
      if (benchmark.error) throw benchmark.error;
      seconds[name].push(Math.min(...benchmark.stats.sample));
    }
    for (const [name, run] of Object.entries(foreign)) seconds[name].push(await run());
  }
  return Object.fromEntries(
    Object.entries(seconds).map(([name, list]) => {
      list.sort((a, b) => a - b);
      return [name, { best: list[0], median: list[list.length >> 1] }];
    }),
  );
}

/** A pool whose workers are all up. */
export async function openReadyPool() {
  const pool = openPool();
  while (pool.ready < pool.threads - 1) await new Promise((resolve) => setTimeout(resolve, 5));
  return pool;
}

/** The versions and the machine in one line, with a warning where the clock was not steady. */
export function describe(times, version) {
  const wander = Math.max(...Object.values(times).map(({ best, median }) => median / best));
  const machine = `nn-init ${version}, Node ${process.versions.node}, V8 ${process.versions.v8}, ${cpus()[0].model}`;
  if (wander <= 1.25) return machine;
  return `${machine}. The clock was not steady (medians up to ${wander.toFixed(2)} times the best): trust the ratios only`;
}

/** The loops that people write. Math.random cannot be seeded. */
export function naive(out) {
  const N = out.length;
  return {
    uniform() {
      for (let i = 0; i < N; ++i) out[i] = Math.random() * 0.2 - 0.1;
    },
    normal() {
      for (let i = 0; i < N; i += 2) {
        const radius = Math.sqrt(-2 * Math.log(1 - Math.random())) * 0.02;
        const angle = 2 * Math.PI * Math.random();
        out[i] = radius * Math.cos(angle);
        out[i + 1] = radius * Math.sin(angle);
      }
    },
    truncated() {
      for (let i = 0; i < N; ++i) {
        let z;
        do {
          z = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
        } while (Math.abs(z) > 2);
        out[i] = z * 0.02;
      }
    },
  };
}
