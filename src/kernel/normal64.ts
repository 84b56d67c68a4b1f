/**
 * Normal values, N(mean, std^2), in double precision, by the Box-Muller transform. Of every 8 words, 4 make two radii
 * and 4 make two angles. Each takes 64 bits: two words, the lower half first.
 * Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29, 1958.
 *
 * Radius: sqrt(-2 ln u), where u = (2m + 1) 2^-53 exactly and m is the lower 52 bits. Angle: the lower 52 bits, signed
 * by the highest bit, make an angle of at most an eighth of the circle on either side of an axis. The second highest
 * bit exchanges sine and cosine, and the radius' highest bit negates both. Polynomials: FreeBSD msun, e_log.c, k_sin.c,
 * k_cos.c (Sun Microsystems, 1993), with scaled arguments; relative errors below 6e-17.
 *
 * Error: 5.6 ulp at most against the exact transform of the same words, for mean 0 and std 1 (docs/quality.md).
 * Twin: assembly/normal64.ts. Specification: docs/stream.md, "normal, f64".
 */
import { fraction } from "./fraction.js";
import { P1, P2, P3, P4, P5, P6, P7 } from "./log.js";

// 2 ln((1 + q) / (1 - q)) = q (4 + z (P1 + z (P2 + ... + z P7))), z = q^2
const LN2 = -1.3862943611198906; // -2 ln 2
/**
 * S1, S3 ... S13 and C2, C4 ... C14. sin(pi/4 v) = v (S1 + w (S3 + ...)), cos(pi/4 v) = 1 + w (C2 + w (C4 + ...)), w = v^2.
 * The kernels read the same ones, so they are written once, here (src/engine/kernels.ts).
 */
export const TURNS = [
  0.7853981633974483, -0.08074551218828062, 0.0024903945701894793, -3.6576204161140105e-5, 3.133616263034784e-7,
  -1.7571531104690878e-9, 6.878300920269472e-12, -0.30842513753404244, 0.015854344243815478, -0.0003259918869270431,
  3.590860446838099e-6, -2.461136515323998e-8, 1.1500589613778081e-10, -3.8603190178625913e-13,
] as const;
const [S1, S3, S5, S7, S9, S11, S13, C2, C4, C6, C8, C10, C12, C14] = TURNS;

const double = new Float64Array(1);
const half = new Int32Array(double.buffer); // low, high
const ROOT = 0x3ff6a09e; // high half of sqrt(2) as bits
const ROOT_LOW = 0x667f3bcd; // low half

/**
 * Turns words into values, in place: `words` and `out` are views of the same memory. `count` is rounded up to a
 * multiple of 4.
 */
export function normal64(words: Int32Array, out: Float64Array, count: number, mean: number, std: number): void {
  for (let group = 0; group < count; group += 4) {
    for (let i = group; i < group + 2; ++i) pair(words, out, i, std);
  }
  if (mean !== 0) for (let i = 0; i < count; ++i) out[i] = (out[i] as number) + mean;
}

/** Writes elements i and i + 2, made from the four words that lie there. */
function pair(words: Int32Array, out: Float64Array, i: number, std: number): void {
  const x = words[2 * i + 1] as number; // upper halves
  const y = words[2 * i + 5] as number;
  const r = Math.sqrt(minusTwoLog(fraction(words[2 * i] as number, x))) * std;
  const radius = x < 0 ? -r : r;
  const v = fraction(words[2 * i + 4] as number, y);
  const w = v * v;
  const t = w * w;
  const s = v * (S1 + w * S3 + t * (S5 + w * S7) + t * t * (S9 + w * S11 + t * S13));
  const sin = y < 0 ? -s : s;
  const cos = 1 + w * (C2 + w * C4 + t * (C6 + w * C8) + t * t * (C10 + w * C12 + t * C14));
  out[i] = radius * (y << 1 < 0 ? sin : cos);
  out[i + 2] = radius * (y << 1 < 0 ? cos : sin);
}

/** -2 ln u for 2^-53 <= u < 1. */
function minusTwoLog(u: number): number {
  double[0] = u;
  const high = half[1] as number;
  const borrow = (half[0] as number) >>> 0 < ROOT_LOW ? 1 : 0;
  const e = (high - ROOT - borrow) & 0xfff00000; // u = m 2^k; e holds k - 1 where a double has its exponent
  half[1] = high - e;
  const f = (double[0] as number) - 2; // 2 (m - 1), exact
  const q = f / (f + 4);
  const z = q * q;
  const t = z * z;
  const p = z * (P1 + z * P2 + t * (P3 + z * P4) + t * t * (P5 + z * P6 + t * P7));
  return ((e >> 20) + 1) * LN2 - f + q * (f - p);
}
