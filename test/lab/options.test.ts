/** The options of the lab: what is taken, and what is refused before anything runs. */
import { describe, expect, test } from "vitest";
import { type LabOptions, lab } from "../../src/lab.js";

const SMALL: LabOptions = { depth: 3, width: 8, samples: 4, seeds: 2, jacobian: false, recommendation: false };
const run = (options: LabOptions) => lab({ ...SMALL, ...options });

describe("a seed", () => {
  test("is the same as a number and as a bigint", () => {
    expect(run({ seed: 7n })).toEqual(run({ seed: 7 }));
    expect(run({ seed: 0n })).toEqual(run({}));
    expect(run({ seed: 8n })).not.toEqual(run({ seed: 7n }));
  });

  test("and those after it may be as large as 2^64 - 1", () => {
    const last = 2n ** 64n - 1n;
    expect(run({ seed: last, seeds: 1 }).layers).toHaveLength(3);
    expect(run({ seed: last - 1n, seeds: 2 }).layers).toHaveLength(3);
    expect(run({ seed: 2 ** 53 - 1, seeds: 2 }).layers).toHaveLength(3);
  });

  test("is the first of `seeds` in a row", () => {
    const [both, first, second] = [run({ seed: 7n }), run({ seed: 7n, seeds: 1 }), run({ seed: 8n, seeds: 1 })];
    const mean = (index: number) => both.layers[index]?.forward.mean as number;
    for (const l of [0, 1, 2]) {
      const alone = [first, second].map(({ layers }) => layers[l]?.forward.mean as number);
      expect(mean(l)).toBeCloseTo(((alone[0] as number) + (alone[1] as number)) / 2, 12);
    }
  });
});

test("a scheme may be given by its name, an engine cannot change a bit", () => {
  expect(run({ scheme: "heNormal" })).toEqual(run({ scheme: { scheme: "heNormal" } }));
  expect(run({ engine: "scalar" })).toEqual(run({ engine: "simd" }));
});

describe("refused before anything runs is", () => {
  let calls = 0;
  /** The derivative of the activation function, which only a run asks for. */
  const derivative = (): number => {
    calls += 1;
    return 1;
  };

  test.each<[string, object, typeof TypeError | typeof RangeError, RegExp]>([
    ["a seed that is a string", { seed: "7" }, TypeError, /^seed: expected a number or a bigint, got "7"$/],
    ["a negative seed", { seed: -1 }, RangeError, /^seed/],
    ["a negative bigint for a seed", { seed: -1n }, RangeError, /^seed/],
    ["half a seed", { seed: 1.5 }, RangeError, /^seed/],
    ["a number of 2^53 for a seed", { seed: 2 ** 53 }, RangeError, /^seed: .*bigint/],
    ["a seed from 2^64 on", { seed: 2n ** 64n }, RangeError, /^seed/],
    ["a seed after which there are too few", { seed: 2n ** 64n - 1n, seeds: 2 }, RangeError, /^seed/],
    ["a string for the number of seeds", { seeds: "2" }, TypeError, /^seeds/],
    ["0 seeds", { seeds: 0 }, RangeError, /^seeds/],
    ["an odd number of samples", { samples: 3 }, RangeError, /^samples: expected an even number/],
    ["a depth that is a string", { depth: "3" }, TypeError, /^depth: expected a whole number, got "3"$/],
    ["an unknown network", { network: "cnn" }, RangeError, /^network/],
    ["an unknown normalization", { normalization: "group" }, RangeError, /^normalization/],
    ["an unknown scheme", { scheme: "he" }, RangeError, /^scheme/],
    ["a scheme that was not called", { scheme: () => {} }, TypeError, /^scheme: expected a scheme.*call/],
    ["an unknown engine", { engine: "gpu" }, RangeError, /^engine/],
    ["an unknown option", { scemes: 1 }, TypeError, /^options: .*"scemes"/],
    ["data of another size", { data: [1, 2, 3] }, RangeError, /^data\.length/],
    ["data with NaN", { data: new Float32Array(32).fill(Number.NaN) }, RangeError, /^data\[0\]/],
    ["a slope beside a function", { slope: 0.1 }, TypeError, /^slope: expected activation "leakyRelu"/],
    ["a derivative beside a name", { activation: "tanh" }, TypeError, /^derivative: expected activation as a function/],
    ["a recommendation that is a word", { recommendation: "no" }, TypeError, /^recommendation: expected a boolean/],
    ["a network larger than memory", { width: 2 ** 20, depth: 2 ** 20 }, RangeError, /^depth, width, samples/],
  ])("%s", (_, options, kind, message) => {
    const call = () => run({ activation: (x) => x, derivative, ...options } as LabOptions);
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
    expect(calls).toBe(0);
  });

  test("and nothing else: the derivative is asked for by a run", () => {
    run({ activation: (x) => x, derivative });
    expect(calls).toBeGreaterThan(0); // the count counts
  });
});
