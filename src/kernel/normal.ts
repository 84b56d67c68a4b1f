/**
 * Normal values, N(mean, std^2), by the Box-Muller transform. Of every 8 words, 4 make radii and 4 make angles.
 * Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29, 1958.
 *
 * Radius: sqrt(-2 ln u), where u = (word | 1) / 2^32. The logarithm needs all 32 bits near u = 0 and near u = 1, so the
 * word is read as signed: a = word / 2^31 is 2u for positive words and 2(u - 1) for negative ones, each exact to 24
 * bits.
 * Angle: 31 bits make an angle of at most an eighth of the circle on either side of an axis. The word's highest bit
 * exchanges sine and cosine, and the radius word's lowest bit negates both. So the whole circle is covered without
 * rejection.
 *
 * Error: 5.6 ulp at most against the exact transform of the same words, for mean 0 and std 1 (docs/quality.md).
 * Twin: assembly/normal.ts. Specification: docs/stream.md, "normal".
 */
const f32 = Math.fround;

const SCALE = 4.656612873077393e-10; // 2^-31

/**
 * Turns words into values, in place: `words` and `out` are views of the same memory. `count` is rounded up to a
 * multiple of 8.
 */
export function normal(words: Int32Array, out: Float32Array, count: number, mean: number, std: number): void {
  for (let group = 0; group < count; group += 8) {
    radii(words, out, group, std);
    angles(words, out, group);
  }
  if (mean !== 0) for (let i = 0; i < count; ++i) out[i] = f32((out[i] as number) + mean);
}

// Constants are local: bundling makes a variable of one outside, which V8 11 reads and checks at each use (8% of the time).

/** Turns the first four words of a group into radii, +-std * sqrt(-2 ln u), signed by their lowest bits. */
function radii(words: Int32Array, out: Float32Array, begin: number, std: number): void {
  const P1 = f32(1.3333355); // 2 ln((1 + q) / (1 - q)) = q (4 + z (P1 + z (P2 + z P3))), z = q^2, relative error 8e-10
  const P2 = f32(0.79955167);
  const P3 = f32(0.5974166);
  const LN2 = f32(-1.6525917e-7); // -2 ln(2) * 2^-23
  for (let i = begin; i < begin + 4; ++i) {
    const x = words[i] as number;
    const negative = x >>> 31;
    const a = f32((x | 1) * SCALE);
    out[i] = a + 2 * negative; // 2u
    const e = ((words[i] as number) - 0x3fb504f3) & 0xff800000; // exponent of u * sqrt(2), where a float has it
    const base = negative * (2 - 2 * (e >> 23)) - 2;
    out[i] = a;
    words[i] = (words[i] as number) - e;
    const f = (out[i] as number) + base; // 2 (m - 1), u = m 2^e, exact
    const q = f32(f / f32(f + 4));
    const z = f32(q * q);
    const p = f32(z * f32(P1 + f32(z * f32(P2 + f32(z * P3)))));
    const y = f32(f32(f32(e * LN2) - f) + f32(q * f32(f - p))); // -2 ln u
    out[i] = f32(Math.sqrt(y)) * (std * (1 - 2 * (x & 1))); // no branch, which would be mispredicted half of the time
  }
}

/** Turns four radii and four angle words into radius * (cos, sin), exchanged if the angle word is negative. */
function angles(words: Int32Array, out: Float32Array, begin: number): void {
  const S1 = f32(0.7853982); // sin(pi/4 v) = v (S1 + w (S3 + w (S5 + w S7))), w = v^2, relative error 3e-8
  const S3 = f32(-0.08074562);
  const S5 = f32(0.0024903782);
  const S7 = f32(-3.6167097e-5);
  const C2 = f32(-0.30842447); // cos(pi/4 v) = 1 + w (C2 + w (C4 + w C6)), error 4e-8
  const C4 = f32(0.015850339);
  const C6 = f32(-0.00031911925);
  for (let i = begin; i < begin + 4; ++i) {
    const x = words[i + 4] as number;
    const r = out[i] as number;
    const v = f32(((x << 1) | 1) * SCALE);
    const w = f32(v * v);
    const sin = f32(v * f32(S1 + f32(w * f32(S3 + f32(w * f32(S5 + f32(w * S7)))))));
    const cos = f32(1 + f32(w * f32(C2 + f32(w * f32(C4 + f32(w * C6))))));
    const exchanged = (x >>> 29) & 4; // no branch here either
    out[i + exchanged] = r * cos;
    out[i + (exchanged ^ 4)] = r * sin;
  }
}
