/** Training as a user sees it: what starts do, what is watched, what is refused. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { loadDigits } from "../../src/digits.js";
import { bestOf } from "../../src/train/best.js";
import type { CheckedData } from "../../src/train/data.js";
import { decodeDigits } from "../../src/train/digits.js";
import { SHA256, VALUES } from "../../src/train/digits.values.js";
import {
  type CompareOptions,
  compare,
  monitor,
  type NetworkOptions,
  type Samples,
  spiral,
  splitData,
  type TrainingData,
  type TrainOptions,
  train,
  waves,
} from "../../src/train.js";

const digits = loadDigits();
const SMALL = { depth: 12, width: 16 };
const SHORT = { steps: 40, measurements: 4 };

describe("data", () => {
  test("the digits are those of scikit-learn, and no sample is in two parts", () => {
    expect(createHash("sha256").update(decodeDigits(VALUES)).digest("hex")).toBe(SHA256);
    const parts = [digits.training, digits.validation, digits.test];
    expect(parts.map(({ targets }) => targets.length)).toEqual([1078, 360, 359]);
    for (const { targets } of parts) {
      const counts = Array.from({ length: 10 }, (_, k) => Array.from(targets).filter((t) => t === k).length);
      for (const count of counts) expect(Math.abs(count / targets.length - 0.1)).toBeLessThan(0.006);
    }
    const all = parts.flatMap(({ inputs }) =>
      Array.from({ length: inputs.length / 64 }, (_, i) =>
        Array.prototype.slice.call(inputs, 64 * i, 64 * i + 64).join(),
      ),
    );
    expect(new Set(all).size).toBe(1797);
  });

  test("a spiral has its arms and noise, waves have what can be explained", () => {
    const data = spiral({ arms: 2, samples: 40, noise: 0 });
    expect(data.training.targets.length + data.validation.targets.length + data.test.targets.length).toBe(40);
    for (let i = 0; i < 24; ++i) {
      expect(Math.hypot(data.training.inputs[2 * i] as number, data.training.inputs[2 * i + 1] as number)).toBeLessThan(
        1,
      );
    }
    expect(spiral({ samples: 40 }).training.inputs).not.toEqual(spiral({ samples: 40, seed: 1 }).training.inputs);
    expect(waves({ samples: 10 }).classes).toBeUndefined();
    for (const { training, validation, test: last } of [waves({ samples: 10 }), spiral({ arms: 3, samples: 30 })]) {
      for (const { targets } of [training, validation, last]) expect(targets.length).toBeGreaterThan(0);
    }
  });
});

describe("starts", () => {
  const run = (strategy: TrainOptions["strategy"], options: TrainOptions = {}, network: NetworkOptions = SMALL) =>
    train(network, digits, { strategy, ...SHORT, ...options });

  test("zero never breaks symmetry, stays at chance, and is ended", () => {
    const { verdict, test: result, ended, findings } = run("zero");
    expect(verdict.kind).toBe("symmetric");
    expect(result.accuracy).toBeLessThan(0.11);
    expect(ended).toMatchObject({ layer: 1, step: 10 });
    expect(findings[0]).toMatchObject({ kind: "symmetric", layer: 1, step: 0 });
  });

  test("small weights vanish, large ones diverge in the layer that says so", () => {
    const small = run("small");
    expect(small.verdict.kind).toBe("vanishing");
    expect(small.findings.map(({ kind }) => kind)).toContain("vanishing");
    const large = run("large");
    expect(large.verdict.kind).toBe("exploding");
    expect(large.ended).toBeDefined();
    expect(large.findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["exploding", "fast"]));
  });

  test("He trains what Xavier does not, in the same steps", () => {
    const [xavier, he] = (["xavier", "he"] as const).map((name) => run(name, { steps: 100 }, { depth: 12, width: 32 }));
    const last = (one: typeof he) => (one?.losses ?? []).slice(-10).reduce((sum, x) => sum + x / 10, 0);
    expect(last(xavier)).toBeGreaterThan(2.2); // chance is 2.303
    expect(last(he)).toBeLessThan(1.9);
    expect([xavier?.verdict.kind, he?.verdict.kind]).toEqual(["vanishing", "stable"]);
  });

  test("a function decides for each parameter; values are taken as they are", () => {
    const seen: string[] = [];
    const values = new Float32Array(16 * 64).fill(0.25);
    const result = run(
      {
        name: "own",
        start: ({ name, shape, role }) => {
          seen.push(`${name} ${role} ${shape.join("x")}`);
          return name === "layers.0.weight" ? values : role === "weight" || role === "head" ? "heNormal" : undefined;
        },
      },
      { steps: 1 },
      { depth: 2, width: 16 },
    );
    expect(seen.slice(0, 3)).toEqual([
      "layers.0.weight weight 16x64",
      "layers.0.bias bias 16",
      "layers.1.weight weight 16x16",
    ]);
    expect(result.monitored[0]?.layers[0]).toMatchObject({ weightNorm: 8, equal: 1 });
    expect(result.monitored[0]?.layers[0]?.singularValue).toBeCloseTo(8, 2);
    expect(result.scheme).toBeNull();
  });

  test("the order of samples depends on the seed alone, and weights on strategy and seed", () => {
    const first = (options: TrainOptions) => run("he", { steps: 2, ...options }).losses;
    expect(first({})).toEqual(first({ engine: "scalar" }));
    expect(first({})).not.toEqual(first({ seed: 1 }));
  });
});

describe("comparisons", () => {
  const options: CompareOptions = {
    ...{
      data: digits,
      network: { depth: 3, width: 16 },
      strategies: ["small", "he", "recommended"],
      steps: 30,
      seeds: 2,
    },
  };

  test("the best start has a lead and its error, ties are named, and each seed is told", async () => {
    const seeds: number[] = [];
    const runs: string[] = [];
    const result = await compare({
      ...options,
      onSeed: (so) => seeds.push(so.seeds),
      onRun: ({ strategy, seed }, done, total) => runs.push(`${strategy} ${seed} ${done}/${total}`),
    });
    expect(seeds).toEqual([1, 2]);
    expect(runs).toEqual([
      "small 0 1/6",
      "he 0 2/6",
      "recommended 0 3/6",
      "small 1 4/6",
      "he 1 5/6",
      "recommended 1 6/6",
    ]);
    const [small, he, recommended] = result.strategies;
    expect(he?.accuracy).toEqual(recommended?.accuracy);
    expect(result.best).toMatchObject({ name: "he", second: "small" });
    expect(result.best?.by).toBeCloseTo((he?.accuracy.mean as number) - (small?.accuracy.mean as number), 12);
    expect(result.best?.sentence).toContain(
      "he (and recommended, which starts from the same weights) is the best start",
    );
    expect(result.complete).toBe(true);
  });

  test("several starts from the same weights are named together", () => {
    const start = (name: string, accuracy: number) => ({
      ...{ name, accuracy: { mean: accuracy }, loss: { mean: 1 }, verdict: { kind: "stable" } as const },
      runs: [{ test: { accuracy }, losses: [1, accuracy] }],
    });
    const data = { task: "classification", outputs: 2, test: { targets: [0, 1] } } as unknown as CheckedData;
    const { sentence } = bestOf([start("a", 0.9), start("b", 0.9), start("c", 0.9), start("d", 0.5)], data);
    expect(sentence).toContain("a (and b, c, which start from the same weights) is the best start");
  });

  test("a sweep gives each start its own learning rate, by the validation data", async () => {
    const { strategies } = await compare({
      ...options,
      strategies: ["he"],
      learningRate: "sweep",
      rates: [1e-6, 0.1],
      seeds: 1,
    });
    expect(strategies[0]?.learningRate).toBe(0.1);
  });

  test("what was measured before an interrupt is kept", async () => {
    const signal = { aborted: false };
    const result = await compare({
      ...options,
      signal,
      onSeed: () => {
        signal.aborted = true;
      },
    });
    expect(result).toMatchObject({ seeds: 1, complete: false });
    expect(result.strategies.map(({ runs }) => runs.length)).toEqual([1, 1, 1]);
    expect(result.best?.error).toBe(null);
    expect(JSON.parse(JSON.stringify(result.best))).toEqual(result.best);
  });

  test("of a seed that is not done, the runs that were made are kept, and the best start is that of whole seeds", async () => {
    const signal = { aborted: false };
    const onRun = (_: unknown, done: number) => {
      signal.aborted = done === 5;
    };
    const result = await compare({ ...options, signal, onRun });
    const whole = await compare({ ...options, seeds: 1 });
    expect(result).toMatchObject({ seeds: 1, complete: false });
    expect(result.strategies.map(({ runs }) => runs.map(({ seed }) => seed).join())).toEqual(["0,1", "0,1", "0"]);
    expect(result.best).toEqual(whole.best);
    expect(result.strategies[2]).toEqual(whole.strategies[2]);
    expect(result.strategies[1]?.accuracy.std).toBeGreaterThan(0);
  });

  test("progress is told in steps, and ends with all of them", async () => {
    const told: string[] = [];
    const onProgress = (done: number, total: number) => told.push(`${done}/${total}`);
    await compare({ ...options, strategies: ["he"], steps: 120, seeds: 1, onProgress });
    expect(told).toEqual(["50/120", "100/120", "120/120"]);
  });
});

describe("the monitor alone", () => {
  test("finds what is wrong, once, with the layer", () => {
    const watch = monitor({ activation: "tanh" });
    const about = { units: 2, weights: [1, 2, 3, 4], shape: [2, 2], learningRate: 1 } as const;
    const measured = watch.observe(1, [0.99, 0.1, -0.99, -0.1], [0.6, 0, 0, 0.8], about);
    expect(measured).toMatchObject({ mean: 0, dead: 0, saturated: 0.5, equal: 0, gradientNorm: 1 });
    expect(measured.singularValue).toBeCloseTo(5.465, 2);
    expect(measured.updateRatio).toBeCloseTo(1 / Math.sqrt(30), 12);
    expect(watch.step(1).map(({ kind }) => kind)).toEqual(["saturated", "fast"]);
    watch.observe(1, [0.99, 0.1, -0.99, -0.1], [0.6, 0, 0, 0.8], about);
    watch.observe("last", [1, Number.NaN, 0, 0], [0, 0, 0, 0], { units: 2 });
    expect(watch.step(1)).toMatchObject([{ kind: "notANumber", layer: "last", step: 1 }]);
    expect(watch.findings).toHaveLength(3);
  });

  test("finds it also behind a layer whose weights are not known", () => {
    const watch = monitor();
    watch.observe("first", [1, 2, 3, 1], [1], { units: 2 });
    watch.observe("second", [1, 2, 3, 1], [1], { units: 2, weights: [1], learningRate: 1 });
    expect(watch.step()).toMatchObject([{ kind: "fast", layer: "second" }]);
  });
});

test.each<[string, object]>([
  ["weights", { units: 1, weights: null }],
  ["weights.length", { units: 1, weights: [1] }],
  ["shape", { units: 1, shape: null }],
  ["shape[0]", { units: 1, shape: [-1, -2] }],
  ["shape[1]", { units: 1, shape: [2] }],
  ["shape", { units: 1, shape: [2, 1, 1] }],
  ["shape[0]", { units: 1, shape: [0.5, 4] }],
])("a monitor refuses wrong %s of a layer", (name, about) => {
  const watch = monitor();
  expect(() => watch.observe("a", [1, 2], [1, 2], about as never)).toThrow(`about.${name}: expected `);
  expect(() => watch.observe(null as never, [1], [1], { units: 1 })).toThrow("layer: expected a number or a name");
  expect(watch.step()).toEqual([]);
});

describe("bad input is refused, by its name, before anything is computed", () => {
  const samples: Samples = { inputs: [0, 1, 2, 3], targets: [0, 1, 0, 1] };
  const data: TrainingData = {
    name: "own",
    features: 1,
    classes: 2,
    training: samples,
    validation: samples,
    test: samples,
  };
  const with_ = (change: object): TrainingData => ({ ...data, ...change });
  test.each<[string, () => unknown, RegExp]>([
    [
      "a missing value",
      () => train({}, with_({ training: { ...samples, inputs: [0, Number.NaN, 2, 3] } }), { batch: 2 }),
      /^data.training.inputs\[1\]: expected a finite number/,
    ],
    [
      "too few targets",
      () => train({}, with_({ test: { ...samples, targets: [0] } }), { batch: 2 }),
      /^data.test.targets.length: expected 4, one for each/,
    ],
    [
      "a class that does not exist",
      () => train({}, with_({ training: { ...samples, targets: [0, 1, 2, 1] } }), { batch: 2 }),
      /^data.training.targets\[2\]: expected a class/,
    ],
    [
      "one class",
      () => train({}, with_({ training: { ...samples, targets: [1, 1, 1, 1] } }), { batch: 2 }),
      /two classes or more/,
    ],
    ["fewer samples than a batch", () => train({}, data, {}), /^batch: expected at most 4/],
    ["a ragged shape", () => train({}, with_({ features: 3 }), { batch: 2 }), /a multiple of data.features, 3/],
    [
      "features that do not fit positions",
      () => train({ kind: "attention" }, data, { batch: 2 }),
      /^data.features: expected a multiple of 16/,
    ],
    ["a learning rate of 0", () => train({}, data, { batch: 2, learningRate: 0 }), /^learningRate: /],
    ["no steps", () => train({}, data, { batch: 2, steps: 0 }), /^steps: /],
    ["no seeds", () => compare({ data, batch: 2, seeds: 0 }), /^seeds: /],
    ["an unknown strategy", () => train({}, data, { batch: 2, strategy: "xaviar" as "xavier" }), /perhaps "xavier"/],
    [
      "a strategy of no values",
      () => train({}, data, { batch: 2, strategy: { name: "x", start: () => undefined } }),
      /only biases, scales and positions have a default/,
    ],
    [
      "a shape that a scheme does not take",
      () =>
        train({ width: 3 }, data, {
          batch: 2,
          strategy: { name: "x", start: { scheme: "orthogonal", gain: Number.NaN } },
        }),
      /gain/,
    ],
    ["one strategy twice", () => compare({ data, batch: 2, strategies: ["he", "he"] }), /different names/],
    ["rates without a sweep", () => compare({ data, batch: 2, rates: [1] }), /^rates: /],
    ["no data", () => compare({} as CompareOptions), /^data: /],
    [
      "a misspelled strategy",
      () => train({}, data, { stratgy: "he" } as TrainOptions),
      /^options: expected options among .*strategy, onStep \(perhaps "strategy"\)/,
    ],
    [
      "another library's name",
      () => compare({ data, lr: 1 } as CompareOptions),
      /^options: .* \(perhaps "learningRate"\), got "lr"/,
    ],
    ["a callback that is none", () => train({}, data, { onStep: 3 as never }), /^onStep: expected a function, got 3/],
    ["a signal that is none", () => compare({ data, signal: true as never }), /^signal: expected an AbortSignal/],
    ["one of a comparison", () => compare({ data, onSeed: "x" as never }), /^onSeed: expected a function, got "x"/],
    [
      "LSUV as a word",
      () => train({}, data, { batch: 2, strategy: { name: "x", start: "heNormal", lsuv: "no" as never } }),
      /^strategy.lsuv: expected a boolean/,
    ],
    ["a spiral of one arm", () => spiral({ arms: 1 }), /^arms: expected 2 or more/],
    ["a spiral of few samples", () => spiral({ arms: 4, samples: 39 }), /^samples: expected 40 or more, got 39/],
    [
      "a spiral of more samples than memory holds",
      () => spiral({ samples: 2 ** 40 }),
      /^samples: expected at most 134/,
    ],
    ["waves of more samples than memory holds", () => waves({ samples: 2 ** 40 }), /^samples: expected at most 134/],
    ...[5, null, true, 5n].map((start): [string, () => unknown, RegExp] => [
      `a strategy that starts from ${start}`,
      () => train({}, data, { batch: 2, strategy: { name: "x", start: () => start as never } }),
      /^strategy.start\("layers.0.weight"\): expected a scheme or values, got /,
    ]),
    ["few waves", () => waves({ samples: 9 }), /^samples: expected 10 or more, got 9/],
    [
      "too few samples for three parts",
      () => splitData({ inputs: [1, 2, 3], targets: [4, 5, 6] }, { name: "x", features: 1 }),
      /^samples: expected enough of them .*: 4 or more, got 3/,
    ],
    [
      "a sample without a value, by the argument's name",
      () => splitData({ inputs: [1, Number.NaN], targets: [4, 5] }, { name: "x", features: 1 }),
      /^samples.inputs\[1\]: expected a finite number/,
    ],
    [
      "an option of a split, by its own name",
      () => splitData(samples, { name: "x", features: 1, classes: 1 }),
      /^classes: expected 2 or more/,
    ],
    [
      "a split of one class",
      () => splitData({ inputs: [1, 2], targets: [0, 0] }, { name: "x", features: 1, classes: 2 }),
      /two classes/,
    ],
  ])("%s", async (_, call, message) => {
    await expect((async () => call())()).rejects.toThrow(message);
  });
});
