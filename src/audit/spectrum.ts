/** The largest singular value of a matrix, by power iteration, and the largest that a law makes. */
import type { Law } from "../fill.js";
import type { Finding } from "./check.js";
import { spread } from "./expectation.js";
import { isRandom } from "./region.js";

const MOST_STEPS = 60;
const CLOSE = 5e-4; // relative change between steps, at which it stops

/** Calls back with each row of a matrix, in order. */
export type Rows = (row: (values: Float64Array | Float32Array, index: number) => void) => void;

/** From below; within a few percent where the largest values are close to each other, as those of random matrices are. */
export function largestSingularValue(columns: number, rows: Rows): number {
  let vector = start(columns);
  let before = 0;
  for (let step = 0; step < MOST_STEPS; ++step) {
    const next = new Float64Array(columns);
    let square = 0; // |W v|^2
    rows((row) => {
      let product = 0;
      for (let j = 0; j < columns; ++j) product += (row[j] as number) * (vector[j] as number);
      for (let j = 0; j < columns; ++j) next[j] = (next[j] as number) + product * (row[j] as number);
      square += product * product;
    });
    const value = Math.sqrt(square);
    const norm = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0));
    if (norm === 0 || !Number.isFinite(norm)) return value;
    if (Math.abs(value - before) <= CLOSE * value) return value;
    before = value;
    vector = next.map((x) => x / norm);
  }
  return before;
}

/** A unit vector that no matrix was made with in mind: any is equally good, the same one each time. */
function start(columns: number): Float64Array {
  let state = 1;
  const vector = Float64Array.from({ length: columns }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0; // Numerical Recipes' generator, good enough for a direction
    return state / 2 ** 31;
  });
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / norm);
}

/** What the law leads one to expect; none where nothing is known. */
export function expectedSingularValue(law: Law | undefined, rows: number, columns: number): number | undefined {
  if (law?.law === "orthogonal") return Math.abs(law.gain);
  if (!isRandom(law)) return undefined;
  const { mean, std } = spread(law);
  return std * (Math.sqrt(rows) + Math.sqrt(columns)) + Math.abs(mean) * Math.sqrt(rows * columns);
}

/**
 * That it is not larger than the law makes it. Of a normal law by Davidson and Szarek 2001, theorem 2.13; of bounded ones
 * by Talagrand's inequality about that value.
 */
export function checkSpectrum(
  value: number,
  law: Law | undefined,
  rows: number,
  columns: number,
  t: number,
): Finding[] {
  const expected = expectedSingularValue(law, rows, columns);
  if (expected === undefined || law === undefined) return [];
  const { proxy, ends } = isRandom(law) ? spread(law) : { proxy: 0, ends: [0, 0] as const };
  const bounded = isRandom(law) && law.law !== "normal";
  const room = bounded ? 4 * Math.min(9 * proxy, ends[1] - ends[0]) * Math.sqrt(t) : proxy * Math.sqrt(2 * t);
  const most = law.law === "orthogonal" ? 1e-2 * expected : room;
  const sentence = `largest singular value ${Number(value.toPrecision(4))}, expected ${Number(expected.toPrecision(4))}`;
  return [{ check: "spectrum", excess: Math.max(0, value - expected) / most, sentence }];
}
