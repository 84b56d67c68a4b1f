// Draws of random distributions, of any size that a number can have: what machines and modes of arithmetic must agree on.
// Plain JavaScript without imports.

const COUNT = 400;
const DTYPES = ["f32", "f64", "f16", "bf16"];

/** A small generator (mulberry32), so that the cases do not depend on what is under test: numbers from 0 to 1. */
function chooser(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Schemes of every kind, their shapes and dtypes; plain data. */
export function cases() {
  const random = chooser(1);
  const among = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: COUNT }, (_, i) => {
    const dtype = DTYPES[i % 4];
    // Ordinary sizes, sizes of 16 bits, of floats of 32 bits, and some at which values are subnormal.
    // No parameter is subnormal as a double: on a thread that loses such numbers, it is 0 before it comes here.
    const exponent = among([
      -5 + 8 * random(),
      -26 + 30 * random(),
      -150 + 200 * random(),
      dtype === "f64" ? -970 : -140,
    ]);
    const size = (0.5 + random()) * 2 ** exponent;
    const center = among([0, 0, size * among([1, 2, 1000]), size * 2 ** -40, 1]);
    const scheme = among([
      { scheme: "constant", value: size },
      { scheme: "normal", std: size, mean: center },
      { scheme: "uniform", low: -size, high: size },
      { scheme: "uniform", low: 0, high: size },
      { scheme: "uniform", low: -size, high: 0 },
      { scheme: "uniform", low: center - size, high: center + size },
      { scheme: "truncatedNormal", std: size },
      { scheme: "truncatedNormal", std: size, mean: center },
      { scheme: "truncatedNormal", std: size, mean: 2 * size },
      { scheme: "truncatedNormal", std: size, low: 0, high: 1 + 5 * random() },
      { scheme: "truncatedNormal", std: size, low: -3 * random(), high: 3 * random() + 0.1 },
      { scheme: "truncatedNormal", std: size, low: 4 + random(), high: 6 },
      { scheme: "sparse", sparsity: 0.2, std: size },
      { scheme: "orthogonal", gain: size },
      { scheme: "identity", gain: size },
      { scheme: "heNormal" },
      { scheme: "kaimingUniform", activation: "tanh" },
    ]);
    return { scheme, dtype, shape: among([[70, 60], [33, 40], [9001, 1], [64]]) };
  });
}

/** @returns the hash of the values (FNV-1a, 32 bits) and whether any is subnormal; "refused: " and why, if the call throws. */
export function draw(nn, { scheme, dtype, shape }, engine) {
  let values;
  try {
    values = nn.init(shape, scheme, { seed: 5, name: "w", dtype, engine });
  } catch (error) {
    return { hash: `refused: ${error.message}`, subnormal: false };
  }
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
  return { hash: (hash >>> 0).toString(16), subnormal: hasSubnormal(values, dtype) };
}

/** Whether any value is subnormal where it is computed: f16 is computed as f32, of which its smallest values are normal. */
function hasSubnormal(values, dtype) {
  const [words, step, exponent] =
    dtype === "f64"
      ? [new Uint32Array(values.buffer), 2, 0x7ff00000]
      : dtype === "f32"
        ? [new Uint32Array(values.buffer), 1, 0x7f800000]
        : [values, 1, 0x7f80];
  if (dtype === "f16") return false;
  for (let i = step - 1; i < words.length; i += step) {
    if (
      (words[i] & exponent) === 0 &&
      ((words[i] << (dtype === "bf16" ? 17 : 1)) | (step === 2 ? words[i - 1] : 0)) !== 0
    )
      return true;
  }
  return false;
}
