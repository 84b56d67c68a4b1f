/** LSUV: weights are scaled by what the layer makes of a batch. */
import { describe, expect, test } from "vitest";
import { init, normal } from "../../src/index.js";
import { lsuv } from "../../src/recipes.js";

const WIDTH = 64;
const BATCH = 128;
const LAYERS = 12;

/** Outputs of a layer, before the activation. */
function dense(x: Float32Array, w: Float32Array): Float32Array {
  const out = new Float32Array(BATCH * WIDTH);
  for (let b = 0; b < BATCH; ++b) {
    for (let j = 0; j < WIDTH; ++j) {
      let sum = 0;
      for (let i = 0; i < WIDTH; ++i) sum += (x[b * WIDTH + i] as number) * (w[i * WIDTH + j] as number);
      out[b * WIDTH + j] = sum;
    }
  }
  return out;
}
const variance = (x: Float32Array) => {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
};
const weights = (std: number) =>
  Array.from({ length: LAYERS }, (_, i) => init([WIDTH, WIDTH], normal({ std }), { seed: 3, name: `fc${i}` }));

test.each([
  ["relu", (x: number) => Math.max(0, x)],
  ["tanh", Math.tanh],
  ["x |x|", (x: number) => x * Math.abs(x)],
])("every layer of a deep network of %s has outputs of variance 1", (_, f) => {
  const layers = weights(0.001); // far too small
  let x = init([BATCH, WIDTH], normal({ std: 1 }), { seed: 4, name: "data" });
  for (const w of layers) {
    const input = x;
    const report = lsuv(w, () => dense(input, w), { tolerance: 0.01 });
    const out = dense(input, w);
    expect(Math.abs(variance(out) - 1)).toBeLessThan(0.01);
    expect(report.variance).toBeCloseTo(variance(out), 5);
    expect(report.calls).toBe(2); // the layer is linear in its weights
    x = out.map(f);
  }
});

test("a layer that is not linear in its weights takes more calls; any variance can be asked for", () => {
  const w = Float64Array.from([1, 2, -3, 4]);
  const report = lsuv(w, () => w.map((x) => Math.tanh(x / 10)), { variance: 0.25, tolerance: 0.001, iterations: 40 });
  expect(report.calls).toBeGreaterThan(3);
  expect(Math.abs(report.variance / 0.25 - 1)).toBeLessThan(0.001);
  expect(w[0]).toBeCloseTo(report.scale, 12);
});

describe("weights stay as they were when lsuv refuses", () => {
  const forwardOf = (values: unknown) => () => values as never;
  test.each<[string, () => ArrayLike<number>, object, RegExp]>([
    ["constant outputs", forwardOf([1, 1, 1]), {}, /^forward: expected outputs that differ/],
    ["an output of NaN", forwardOf([1, Number.NaN]), {}, /^forward: expected finite outputs/],
    ["infinite outputs", forwardOf([1, Number.POSITIVE_INFINITY]), {}, /^forward: expected finite outputs/],
    ["text", forwardOf("12345"), {}, /^forward: expected an array/],
    ["nothing", forwardOf(undefined), {}, /^forward: expected an array/],
    ["an array of text", forwardOf(["a", "b"]), {}, /^forward: expected outputs that are numbers/],
    ["one output", forwardOf([1]), {}, /^forward: expected two outputs or more/],
    [
      "a variance out of reach",
      forwardOf([1, 2, 3]),
      {},
      /^forward: expected outputs with a variance of 1 within a relative 0.1 after 10 rescalings, got 0.66/,
    ],
    ["a target of 0", forwardOf([1, 2]), { variance: 0 }, /^variance/],
    ["a negative tolerance", forwardOf([1, 2]), { tolerance: -1 }, /^tolerance/],
    ["no iterations", forwardOf([1, 2]), { iterations: 0 }, /^iterations/],
    ["an unknown option", forwardOf([1, 2]), { tol: 1 }, /^options/],
    ["a forward that is no function", 5 as never, {}, /^forward: expected a function/],
  ])("%s", (_, forward, options, message) => {
    const w = Float32Array.from([1, 2, 3]);
    expect(() => lsuv(w, forward, options)).toThrow(message);
    expect([...w]).toEqual([1, 2, 3]);
  });

  test("what keeps a variance from its target is named", () => {
    const w = Float32Array.from([1, 2, 3]);
    const message = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    // Biases of -5 and 5 have variance 25, whatever the weights are.
    const biased = message(() => lsuv(w, () => [...w].flatMap((x) => [x - 5, x + 5])));
    expect(biased).toMatch(/got 25.*; it stays near 25 though the weights were multiplied by .*biases that differ/);
    // The same with a variance just above its bound of 1.1.
    expect(message(() => lsuv(w, () => [...w].flatMap((x) => [x - 1.06, x + 1.06])))).toMatch(/stays near 1.17/);
    // A bias of 5 for all does not matter: it changes the mean alone.
    expect(lsuv(w.slice(), () => w.map((x) => x + 5), { variance: 2 / 3 }).calls).toBe(1);
    // Outputs within -1 and 1 have a variance of at most 1.
    expect(message(() => lsuv(w, () => [...w].flatMap((x) => [Math.tanh(x), Math.tanh(-x)]), { variance: 4 }))).toMatch(
      /the outputs are bounded; return them before the activation/,
    );
    expect(message(() => lsuv(w, () => [1, 2, 3]))).toMatch(/it is the same for all weights/);
    expect([...w]).toEqual([1, 2, 3]);
  });

  test("f16 and bf16 are refused with the reason", () => {
    for (const dtype of ["f16", "bf16"] as const) {
      const half = init([4], normal({ std: 1 }), { seed: 1, name: "w", dtype });
      expect(() => lsuv(half as never, () => [1, 2])).toThrow(/^weights: .*too coarse.*draw in f32.*got Uint16Array/);
    }
    expect(() => lsuv([1, 2] as never, () => [1, 2])).toThrow(
      /^weights: expected a Float32Array or a Float64Array, got/,
    );
  });

  test("another number of outputs at the second call, and an error of the caller's own", () => {
    const w = Float32Array.from([1, 2, 3]);
    let calls = 0;
    const growing = () => new Float32Array(2 + calls++).map((_, i) => 10 * i);
    expect(() => lsuv(w, growing)).toThrow(/^forward: expected 2 outputs, as before, got 3/);
    const failing = () => {
      if (calls++ > 3) throw new Error("out of memory");
      return [0, 10];
    };
    expect(() => lsuv(w, failing)).toThrow("out of memory");
    expect([...w]).toEqual([1, 2, 3]);
    expect(() => lsuv(new Int32Array(3) as never, () => [1, 2])).toThrow(/^weights/);
    const moving = () => {
      structuredClone(w, { transfer: [w.buffer] });
      return [0, 10];
    };
    expect(() => lsuv(w, moving)).toThrow(/^weights: expected 3 elements, as before forward, got 0/);
  });
});
