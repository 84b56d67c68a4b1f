/**
 * Drawn matrices are orthogonal, and uniformly distributed among all orthogonal matrices (Haar): by the distribution of
 * entries, traces, eigenvalues and signs, and by invariance under a rotation. Seeds are fixed. A correct library would have
 * failed at its first choice of them with probability 0.05 (KS at 1.95 / sqrt(n): 0.001 each; moments at 4.5 standard
 * errors: 7e-6 each).
 */
import { describe, expect, test } from "vitest";
import { init, orthogonal } from "../../src/index.js";
import { orthogonal as draw, panels, reflect, slabWidth } from "../../src/kernel/orthogonal.js";

/** The largest element of Q^T Q - gain^2 I, or of Q Q^T - gain^2 I for a wide matrix. */
function defect(q: ArrayLike<number>, rows: number, columns: number, gain = 1): number {
  const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
  const at = rows >= columns ? (i: number, c: number) => i * columns + c : (i: number, c: number) => c * columns + i;
  const lines = Array.from({ length: n }, (_, c) => Float64Array.from({ length: m }, (_, i) => q[at(i, c)] as number));
  let worst = 0;
  for (let a = 0; a < n; ++a) {
    for (let b = a; b < n; ++b) {
      const [x, y] = [lines[a] as Float64Array, lines[b] as Float64Array];
      let sum = 0;
      for (let i = 0; i < m; ++i) sum += (x[i] as number) * (y[i] as number);
      worst = Math.max(worst, Math.abs(sum - (a === b ? gain * gain : 0)));
    }
  }
  return worst;
}

test.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [8, 8],
  [31, 31],
  [64, 64],
  [65, 65],
  [200, 200],
  [400, 400],
  [300, 40],
  [40, 300],
  [1000, 3],
  [1, 500],
] as const)(
  "a matrix of %d x %d has max |Q^T Q - I| below 2e-6 sqrt(n) in f32 and 4e-15 sqrt(n) in f64",
  (rows, columns) => {
    const limit = Math.sqrt(Math.max(rows, columns));
    const options = { seed: 7, name: "w" };
    expect(defect(init([rows, columns], orthogonal(), options), rows, columns)).toBeLessThan(2e-6 * limit);
    const double = init([rows, columns], orthogonal(), { ...options, dtype: "f64" });
    expect(defect(double, rows, columns)).toBeLessThan(4e-15 * limit);
  },
);

test("each value is multiplied by the gain and rounded once", () => {
  const options = { seed: 7, name: "w" };
  const one = init([70, 70], orthogonal(), options);
  expect(init([70, 70], orthogonal({ gain: 3 }), options)).toEqual(one.map((x) => 3 * x));
  expect(init([70, 70], orthogonal({ gain: -0.1 }), options)).toEqual(one.map((x) => Math.fround(-0.1) * x));
  expect(init([70, 70], orthogonal({ gain: 0 }), options).every((x) => x === 0)).toBe(true);
  expect(
    defect(init([70, 70], orthogonal({ gain: Math.SQRT2 }), { ...options, dtype: "f64" }), 70, 70, Math.SQRT2),
  ).toBeLessThan(1e-13);
});

test("a matrix of 16 bits is orthogonal to its precision", () => {
  const half = init([64, 64], orthogonal(), { seed: 7, name: "w", dtype: "bf16" });
  const values = Float32Array.from(half, (bits) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0] as number);
  expect(defect(values, 64, 64)).toBeLessThan(0.02);
});

const COUNT = 4000;

/** n x n matrices. */
type Sample = readonly Float64Array[];
const haar = (n: number, seed: number): Sample =>
  Array.from({ length: COUNT }, (_, i) => init([n, n], orthogonal(), { seed, name: `q${i}`, dtype: "f64" }));

const determinant2 = (q: Float64Array) => (q[0] as number) * (q[3] as number) - (q[1] as number) * (q[2] as number);
function determinant3(q: Float64Array): number {
  const [a, b, c, d, e, f, g, h, i] = q as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
const trace = (q: Float64Array, n: number) =>
  Array.from({ length: n }, (_, i) => q[i * (n + 1)] as number).reduce((a, b) => a + b, 0);

/** Kolmogorov and Smirnov's distance times sqrt(n). */
function ks(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const distance = sorted.map((x, i) =>
    Math.max(Math.abs(cdf(x) - i / sorted.length), Math.abs(cdf(x) - (i + 1) / sorted.length)),
  );
  return Math.max(...distance) * Math.sqrt(sorted.length);
}

/** P(entry of an n x n matrix < x): its density is proportional to (1 - x^2)^((n - 3) / 2), integrated by Simpson's rule. */
function entryCdf(n: number): (x: number) => number {
  if (n === 2) return (x) => 0.5 + Math.asin(x) / Math.PI;
  if (n === 3) return (x) => 0.5 + x / 2;
  const steps = 2000;
  const density = (x: number) => (1 - x * x) ** ((n - 3) / 2);
  const table = [0];
  for (let i = 0; i < steps; ++i) {
    const [a, b] = [-1 + (2 * i) / steps, -1 + (2 * (i + 1)) / steps];
    table.push((table[i] as number) + ((b - a) * (density(a) + 4 * density((a + b) / 2) + density(b))) / 6);
  }
  const total = table[steps] as number;
  return (x) => {
    const at = Math.min(steps - 1, Math.floor(((x + 1) / 2) * steps));
    const part = ((x + 1) / 2) * steps - at;
    return ((table[at] as number) * (1 - part) + (table[at + 1] as number) * part) / total;
  };
}

/** The angles between 0 and pi of the eigenvalues of an 8 x 8 matrix, and whether it is a rotation: from Q + Q^T, by Jacobi's method. */
function angles8(q: Float64Array): { rotation: boolean; angles: number[] } {
  const n = 8;
  const s = q.map((x, at) => (x + (q[(at % n) * n + Math.floor(at / n)] as number)) / 2);
  const get = (i: number, j: number) => s[i * n + j] as number;
  for (let sweep = 0; sweep < 12; ++sweep) {
    for (let p = 0; p < n; ++p) {
      for (let r = p + 1; r < n; ++r) {
        if (Math.abs(get(p, r)) < 1e-300) continue;
        const theta = (get(r, r) - get(p, p)) / (2 * get(p, r));
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const turn = (i: number, j: number) => {
          const [x, y] = [s[i] as number, s[j] as number];
          s[i] = c * x - t * c * y;
          s[j] = t * c * x + c * y;
        };
        for (let k = 0; k < n; ++k) turn(k * n + p, k * n + r);
        for (let k = 0; k < n; ++k) turn(p * n + k, r * n + k);
      }
    }
  }
  const cosines = Array.from({ length: n }, (_, i) => get(i, i)).sort((a, b) => a - b);
  const rotation = (cosines[0] as number) > -1 + 1e-9 || (cosines[n - 1] as number) < 1 - 1e-9;
  const inner = rotation ? cosines : cosines.slice(1, -1);
  return { rotation, angles: inner.filter((_, i) => i % 2 === 0).map(Math.acos) };
}

const within = (values: readonly number[], expected: number, variance: number) =>
  Math.abs(values.reduce((a, b) => a + b, 0) / values.length - expected) < 4.5 * Math.sqrt(variance / values.length);

/** The names of the tests of uniformity that a sample of n x n matrices fails. */
function failures(sample: Sample, n: number): string[] {
  const failed: string[] = [];
  const check = (name: string, holds: boolean) => {
    if (!holds) failed.push(name);
  };
  for (const [i, j] of [
    [0, 0],
    [n - 1, n - 1],
    [0, n - 1],
    [n - 1, 0],
  ] as const) {
    const entries = sample.map((q) => q[i * n + j] as number);
    check(`entry ${i} ${j}`, ks(entries, entryCdf(n)) < 1.95);
    check(`sign ${i} ${j}`, within(entries.map(Math.sign), 0, 1));
  }
  // Diaconis and Shahshahani 1994: the first moments of the trace are those of N(0, 1), exactly.
  const traces = sample.map((q) => trace(q, n));
  check("mean of the trace", within(traces, 0, 1));
  check(
    "variance of the trace",
    within(
      traces.map((t) => t * t),
      1,
      2,
    ),
  );
  // A fixed rotation in the plane of the first and the last axis, on either side.
  const [cos, sin] = [Math.cos(1), Math.sin(1)];
  const turned = sample.map((q) => cos * (q[0] as number) + sin * (q[(n - 1) * n] as number));
  check("entry after a rotation from the left", ks(turned, entryCdf(n)) < 1.95);
  const right = sample.map((q) => cos * (q[0] as number) + sin * (q[n - 1] as number));
  check("entry after a rotation from the right", ks(right, entryCdf(n)) < 1.95);
  if (n === 2) {
    const rotations = sample.filter((q) => determinant2(q) > 0);
    check(
      "half are rotations",
      within(
        sample.map((q) => Math.sign(determinant2(q))),
        0,
        1,
      ),
    );
    const angles = rotations.map((q) => Math.atan2(q[2] as number, q[0] as number));
    check("angles of eigenvalues", ks(angles, (x) => x / (2 * Math.PI) + 0.5) < 1.95);
  }
  if (n === 3) {
    const signs = sample.map((q) => Math.sign(determinant3(q)));
    check("half are rotations", within(signs, 0, 1));
    // det Q times Q is a rotation by theta: density (1 - cos theta) / pi on [0, pi].
    const angles = sample.map((q, i) =>
      Math.acos(Math.max(-1, Math.min(1, ((signs[i] as number) * trace(q, 3) - 1) / 2))),
    );
    check("angles of eigenvalues", ks(angles, (x) => (x - Math.sin(x)) / Math.PI) < 1.95);
  }
  if (n === 8) {
    // A rotation has 4 pairs of eigenvalues e^(+-i theta), the others have 1, -1 and 3 pairs; mean densities by Katz and
    // Sarnak 1999. One angle of each matrix is used, so that the angles are independent.
    const own = sample.map(angles8);
    check(
      "half are rotations",
      within(
        own.map(({ rotation }) => (rotation ? 1 : -1)),
        0,
        1,
      ),
    );
    const sines = (x: number) => Math.sin(2 * x) + Math.sin(4 * x) / 2 + Math.sin(6 * x) / 3;
    const one = (rotation: boolean) =>
      own.filter((q) => q.rotation === rotation).map(({ angles }, i) => angles[i % angles.length] as number);
    check("angles of rotations", ks(one(true), (x) => (8 * x + sines(x)) / (8 * Math.PI)) < 1.95);
    check("angles of the others", ks(one(false), (x) => (6 * x - sines(x)) / (6 * Math.PI)) < 1.95);
  }
  return failed;
}

describe.each([2, 3, 8])("square matrices of %d rows", (n) => {
  test.each([1, 2])("are uniformly distributed with seed %d", (seed) => {
    expect(failures(haar(n, seed), n)).toEqual([]);
  });

  // A plain QR decomposition ignores the signs that follow from the normal vectors.
  test("are not found uniform when their signs do not follow from the normal vectors", () => {
    const { count, elements } = panels(n, n);
    expect(slabWidth(8)).toBeGreaterThanOrEqual(n);
    const mutant = Array.from({ length: COUNT / 4 }, (_, i) => {
      const vectors = init([elements], { scheme: "normal", std: 1 }, { seed: 1, name: `q${i}`, dtype: "f64" });
      const reflectors = {
        ...{ rows: n, columns: n, vectors },
        ...{ triangles: new Float64Array(count * 1024), signs: new Float64Array(count * 32) },
      };
      reflect(reflectors, 0);
      const q = new Float64Array(n * n);
      const sign = i % 2 === 0 ? 1 : -1; // half of them negated, so that the sample is balanced
      draw(q, { ...reflectors, signs: reflectors.signs.map((x) => (x === 0 ? 0 : sign)) }, 0, 1, true);
      return q;
    });
    expect(defect(mutant[0] as Float64Array, n, n)).toBeLessThan(1e-14);
    expect(failures(mutant, n)).not.toEqual([]);
  });
});

test("the first and the last column of a tall matrix are uniform on the sphere", () => {
  const sample = Array.from({ length: COUNT }, (_, i) =>
    init([5, 3], orthogonal(), { seed: 3, name: `q${i}`, dtype: "f64" }),
  );
  for (const column of [0, 2]) {
    for (const row of [0, 4])
      expect(
        ks(
          sample.map((q) => q[row * 3 + column] as number),
          entryCdf(5),
        ),
      ).toBeLessThan(1.95);
  }
});
