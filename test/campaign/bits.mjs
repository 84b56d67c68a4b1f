// A billion values of each distribution and dtype from WebAssembly and from the twin, bit for bit; and narrow dtypes against
// single precision, rounded here once more.
import { fill, init } from "../../dist/index.js";
import { VALUES } from "./rests.mjs";

const RESTS = [...VALUES, "test/campaign/bits.mjs"];
const BILLION = 1e9;
const PIECE = 2 ** 20;

const DISTRIBUTIONS = {
  normal: { scheme: "normal", mean: 0.25, std: 1.5 },
  "truncated at 2 std": { scheme: "truncatedNormal", std: 0.02 },
  "truncated at 3 std": { scheme: "truncatedNormal", std: 1, low: -3, high: 3 },
  "half normal": { scheme: "truncatedNormal", std: 1, low: 0, high: 40 },
  tail: { scheme: "truncatedNormal", std: 1, low: 3, high: 5 },
  uniform: { scheme: "uniform", low: -1, high: 1 },
  "uniform, one-sided": { scheme: "uniform", low: 0.1, high: 0.3 },
};
const ARRAYS = { f32: Float32Array, f64: Float64Array, f16: Uint16Array, bf16: Uint16Array };

const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

function firstDifference(a, b) {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  if (x.equals(y)) return undefined;
  return a.findIndex((_, i) => !bytesOf(a.subarray(i, i + 1)).equals(bytesOf(b.subarray(i, i + 1))));
}

const places = (seed, i) => ({ seed: seed + i, name: `layers.${i}.weight`, start: (i * 7919 * 4099) % 2 ** 40 });
const pause = () => new Promise((resolve) => setImmediate(resolve)); // lets an interrupt through

async function compare(count, differenceAt) {
  const failures = [];
  let done = 0;
  for (let i = 0; done < count && failures.length < 10; i++, done += PIECE) {
    const difference = differenceAt(i);
    if (difference !== undefined) failures.push(difference);
    await pause();
  }
  return { count: done, failures, absent: [] };
}

function twins(title, dtype) {
  const scheme = DISTRIBUTIONS[title];
  const [simd, scalar] = [0, 0].map(() => new ARRAYS[dtype](PIECE));
  return {
    name: `${title}, ${dtype}`,
    of: "values",
    rests: RESTS,
    run: (seed) =>
      compare(BILLION, (i) => {
        const options = { ...places(seed, i), dtype };
        fill(simd, [2 ** 45], scheme, { ...options, engine: "simd" });
        fill(scalar, [2 ** 45], scheme, { ...options, engine: "scalar" });
        const at = firstDifference(simd, scalar);
        return at === undefined ? undefined : `${title}, ${dtype}, ${JSON.stringify(options)}: element ${at} differs`;
      }),
  };
}

/** Bits of a float to those of a bfloat16, to the nearest, ties to even. */
const toBf16 = (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;

/** Bits of a finite float to those of a float16 below 2^15, to the nearest, ties to even. */
function toF16(word, value) {
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  const scaled = Math.abs(value) * 2 ** 24; // in units of the smallest subnormal number; exact
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
}

function rounded(dtype) {
  const scheme = { scheme: "normal", std: 2 ** -9 }; // a quarter of f16's values is then subnormal
  const single = new Float32Array(PIECE);
  const words = new Uint32Array(single.buffer);
  const narrow = new Uint16Array(PIECE);
  return {
    name: `normal, ${dtype} is f32 rounded`,
    of: "values",
    rests: RESTS,
    run: (seed) =>
      compare(BILLION, (i) => {
        const options = places(seed, i);
        fill(single, [2 ** 45], scheme, options);
        fill(narrow, [2 ** 45], scheme, { ...options, dtype });
        for (let k = 0; k < PIECE; k++) {
          const expected = dtype === "bf16" ? toBf16(words[k]) : toF16(words[k], single[k]);
          if (narrow[k] !== expected)
            return `${dtype}, ${JSON.stringify(options)}: element ${k} is ${narrow[k]}, not ${expected}`;
        }
        return undefined;
      }),
  };
}

function matrices(dtype) {
  return {
    name: `orthogonal matrices, ${dtype}`,
    of: "values",
    rests: RESTS,
    async run(seed) {
      const failures = [];
      let count = 0;
      for (let i = 0; i < 300; i++) {
        const shape = [1 + ((seed + 31 * i) % 150), 1 + ((seed + 17 * i) % 190)];
        const [simd, scalar] = ["simd", "scalar"].map((engine) =>
          init(shape, { scheme: "orthogonal" }, { seed: seed + i, name: "w", dtype, engine }),
        );
        count += simd.length;
        const at = firstDifference(simd, scalar);
        if (at !== undefined) failures.push(`orthogonal ${shape}, ${dtype}, seed ${seed + i}: element ${at} differs`);
        await pause();
      }
      return { count, failures, absent: [] };
    },
  };
}

const dtypes = Object.keys(ARRAYS);

export const bits = {
  name: "bits",
  promise: "the kernels and their twins draw the same bits: 10^9 values of each distribution and dtype",
  units: [
    ...Object.keys(DISTRIBUTIONS).flatMap((title) => dtypes.map((dtype) => twins(title, dtype))),
    ...["f16", "bf16"].map(rounded),
    ...dtypes.map(matrices),
  ],
};
