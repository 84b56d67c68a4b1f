/** What `nn-init bench` can be asked for. Arguments are parsed by it, so it imports nothing. */

/** Elements of a call, at most: three arrays of 1 GB. */
export const MOST_SIZE = 2 ** 28;
export const MOST_SIZES = 20;

/** Turns of a cell. Fewer give no interval of 95%. */
export const FEWEST_TURNS = 4;
export const MOST_TURNS = 1000;

export const BENCH_FORMATS = ["table", "github-action", "bencher"] as const;

export type BenchFormat = (typeof BENCH_FORMATS)[number];
