/** nn-init/tfjs against a stand-in: fans by class, names of streams, saving, whole models. check:adapters has the library itself. */
import { describe, expect, test } from "vitest";
import { schemeOfWeight } from "../../src/adapter/tfjs.layer.js";
import {
  fans,
  glorotNormal,
  heNormal,
  init,
  kaimingUniform,
  normal,
  orthogonal,
  resolve,
  type Scheme,
} from "../../src/index.js";
import { planModel } from "../../src/model.js";
import { forTensorFlow } from "../../src/tfjs.js";
import { inScope, type Layer, layerOf, stock, tf, throughJson, valuesOf } from "./standin.js";

const nn = forTensorFlow(tf as never);

/** A layer with a weight in the layer's scope. */
function built(layer: Layer, weight: string, shape: number[], initializer: unknown, dtype: string | null = null) {
  return inScope(layer.name, () => layer.addWeight(weight, shape, dtype, initializer as never));
}

describe("fans by the class of the layer, as docs/schemes.md has them", () => {
  test.each([
    ["Dense", "kernel", [784, 512], {}, { in: 784, out: 512 }],
    ["Conv2D", "kernel", [3, 3, 64, 128], { strides: [1, 1] }, { in: 576, out: 1152 }],
    ["Conv2D", "kernel", [3, 3, 64, 128], { strides: [2, 2] }, { in: 576, out: 288 }],
    ["Conv1D", "kernel", [5, 64, 128], { strides: [2] }, { in: 320, out: 320 }],
    ["Conv2DTranspose", "kernel", [4, 4, 8, 64], { strides: [2, 2] }, { in: 256, out: 128 }],
    ["DepthwiseConv2D", "depthwise_kernel", [3, 3, 32, 2], { strides: [1, 1] }, { in: 9, out: 18 }],
    ["SeparableConv2D", "pointwise_kernel", [1, 1, 32, 16], { strides: [2, 2] }, { in: 32, out: 16 }],
    ["Embedding", "embeddings", [100, 16], {}, { in: 100, out: 16 }],
    ["Custom", "weights", [3, 3, 4, 8], {}, { in: 36, out: 72 }],
  ] as const)("%s/%s of %j", (className, weight, shape, fields, expected) => {
    const layer = layerOf(className, "x", fields);
    for (const scheme of [heNormal(), glorotNormal(), kaimingUniform({ mode: "fan_out" })]) {
      const placed = schemeOfWeight(scheme, layer as never, weight, shape);
      expect(resolve(shape, placed)).toEqual(resolve(shape, { ...scheme, fans: expected } as Scheme));
    }
  });

  test.each([
    ["LSTMCell", 4],
    ["GRUCell", 3],
    ["SimpleRNNCell", 1],
  ])("each gate of %s is a weight of its own", (className, gates) => {
    const shape = [5, 7 * gates];
    const placed = schemeOfWeight(glorotNormal(), layerOf(className, "x") as never, "kernel", shape);
    expect(resolve(shape, placed)).toEqual(resolve([5, 7], glorotNormal()));
    const matrices = resolve(
      [7, 7 * gates],
      schemeOfWeight(orthogonal(), layerOf(className, "x") as never, "recurrent_kernel", [7, 7 * gates]),
    );
    if (gates > 1)
      expect(matrices).toMatchObject({
        kind: "split",
        parts: Array(gates).fill({ distribution: { rows: 7, columns: 7 } }),
      });
    else expect(matrices).toMatchObject({ kind: "orthogonal", rows: 7 });
  });

  test("a scheme that says where its fans are is left as it is, and compat gives a framework's numbers", () => {
    const layer = layerOf("DepthwiseConv2D", "x", { strides: [2, 2] }) as never;
    const of = (scheme: Scheme) =>
      resolve([3, 3, 32, 2], schemeOfWeight(scheme, layer, "depthwise_kernel", [3, 3, 32, 2]));
    expect(of(heNormal({ layout: "io" }))).toEqual(resolve([3, 3, 32, 2], heNormal()));
    expect(of(heNormal({ compat: "keras" }))).toEqual(resolve([3, 3, 32, 2], heNormal({ layout: "io" })));
    expect(of(heNormal({ compat: "torch" }))).toEqual(resolve([3, 3, 32, 2], heNormal({ fans: { in: 9, out: 576 } })));
    expect(fans([3, 3, 32, 2], { axes: { in: [], out: -1, batch: -2 }, stride: 2 })).toEqual({ in: 9, out: 4.5 });
  });
});

describe("initializer", () => {
  test("draws what init draws for the layer's name and the weight's", () => {
    const initializer = nn.initializer("heNormal", { seed: 42 });
    const [a, b] = ["a", "b"].map((name) => built(layerOf("Dense", name), "kernel", [4, 3], initializer));
    expect(valuesOf(a as never)).toEqual(Array.from(init([4, 3], heNormal(), { seed: 42, name: "a/kernel" })));
    expect(valuesOf(b as never)).toEqual(Array.from(init([4, 3], heNormal(), { seed: 42, name: "b/kernel" })));
    const named = nn.initializer("heNormal", { seed: 42, name: "m" });
    const c = built(layerOf("Dense", "a"), "kernel", [4, 3], named);
    expect(valuesOf(c)).toEqual(Array.from(init([4, 3], heNormal(), { seed: 42, name: "m/a/kernel" })));
  });

  test("tells the two directions of a layer apart, whose cells have one name", () => {
    const initializer = nn.initializer("heNormal", { seed: 1 });
    const draw = (direction: string) =>
      inScope("bi", () =>
        inScope(`${direction}_lstm`, () =>
          layerOf("LSTMCell", "lstm").addWeight("kernel", [4, 12], null, initializer as never),
        ),
      );
    const [forward, backward] = [draw("forward"), draw("backward")].map(valuesOf);
    expect(forward).toEqual(
      Array.from(
        init([4, 12], schemeOfWeight(heNormal(), layerOf("LSTMCell", "") as never, "kernel", [4, 12]), {
          seed: 1,
          name: "bi/forward_lstm/kernel",
        }),
      ),
    );
    expect(forward).not.toEqual(backward);
  });

  test("starts the forget gate with 1 where the layer hides its initializer in another one", () => {
    const biasInitializer = nn.initializer(normal({ std: 1 }), { seed: 1 });
    const cell = layerOf("LSTMCell", "l", { unitForgetBias: true, biasInitializer });
    const values = valuesOf(built(cell, "bias", [12], new stock.Foreign()));
    expect(values.slice(3, 6)).toEqual([1, 1, 1]);
    expect(new Set(values).size).toBe(10);
  });

  test("without a seed, every weight is new; other initializers are left alone", () => {
    const initializer = nn.initializer("heNormal");
    const draw = () => valuesOf(built(layerOf("Dense", "a"), "kernel", [4, 3], initializer));
    expect(draw()).not.toEqual(draw());
    expect(valuesOf(built(layerOf("Dense", "a"), "kernel", [2, 1], new stock.VarianceScaling({})))).toEqual([99, 99]);
  });

  test("a weight that the model is about to load is not drawn", () => {
    const layer = layerOf("Dense", "a", { fastWeightInitDuringBuild: true });
    expect(valuesOf(built(layer, "kernel", [2, 2], nn.initializer("heNormal", { seed: 1 })))).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ["heNormal", "VarianceScaling", { scale: 2, mode: "fanIn", distribution: "normal" }],
    [
      { scheme: "varianceScaling", scale: 3, mode: "fan_geo_avg", distribution: "uniform" },
      "VarianceScaling",
      { scale: 3, mode: "fanAvg", distribution: "uniform" },
    ],
    [orthogonal({ gain: 2 }), "Orthogonal", { gain: 2 }],
    [normal({ std: 3 }), "RandomNormal", { mean: 0, stddev: 3 }],
    [{ scheme: "uniform", low: 0, high: 1 }, "RandomUniform", { minval: 0, maxval: 1 }],
    [{ scheme: "sparse", sparsity: 0.5 }, "NnInit", {}],
  ] as const)("%j is saved as %s, and comes back as ours", (scheme, className, config) => {
    const initializer = nn.initializer(scheme as never, { seed: 2n ** 64n - 1n, name: "a_b" });
    expect(initializer.getClassName()).toBe(className);
    expect(initializer.getConfig()).toMatchObject(config);
    // Saving changes all strings to snake case, and loading to camel case, except under the key `name`.
    expect(
      Object.entries(initializer.getConfig())
        .filter(([key, value]) => key !== "name" && typeof value === "string")
        .every(([, value]) => /^[a-zA-Z]+$/.test(value as string)),
    ).toBe(true);
    const draw = (one: unknown) => valuesOf(built(layerOf("Dense", "d"), "kernel", [4, 6], one));
    expect(draw(throughJson(initializer))).toEqual(draw(initializer));
  });

  test("what others have saved is read as before", () => {
    expect(throughJson(new stock.VarianceScaling({ scale: 1, name: "x" }))).toBeInstanceOf(stock.VarianceScaling);
    const changed = { ...nn.initializer("heNormal").getConfig(), name: '{"nn-init":2}' };
    expect(() => throughJson(new stock.VarianceScaling(changed))).toThrow(/^config.name: expected version 1/);
    expect(() => throughJson({ getClassName: () => "NnInit", getConfig: () => ({ name: "x" }) } as never)).toThrow(
      /^config.name: expected what nn-init saved/,
    );
  });

  test("errors name the weight and the layer", () => {
    const refuses = (
      layer: Layer,
      weight: string,
      shape: number[],
      scheme: Scheme,
      dtype: string | null,
      message: RegExp,
    ) => expect(() => built(layer, weight, shape, nn.initializer(scheme, { seed: 1 }), dtype)).toThrow(message);
    refuses(
      layerOf("Dense", "d"),
      "bias",
      [4],
      heNormal(),
      null,
      /^"bias" of layer "d" \(Dense\): scheme: expected one without fans/,
    );
    refuses(
      layerOf("PReLU", "p"),
      "alpha",
      [4, 4],
      heNormal(),
      null,
      /^"alpha" of layer "p" \(PReLU\): scheme: expected one without fans/,
    );
    refuses(
      layerOf("Dense", "d"),
      "kernel",
      [2, 3],
      heNormal(),
      "int32",
      /^"kernel" of layer "d" \(Dense\): dtype: expected float32/,
    );
    refuses(layerOf("Dense", "d"), "kernel", [2, 3], { scheme: "hadamard" }, null, /hadamard draws \[out, in\]/);
    expect(() => forTensorFlow({ ...tf, layers: {} } as never)).toThrow(
      /^tf: expected TensorFlow.js, or \{ ...core, ...layers \}, that has layers.Layer.prototype.addWeight, got "4.22.0"$/,
    );
  });
});

test("the makers of tf.initializers take 0 for a seed and for a bound, and null for no seed", () => {
  const draw = (initializer: unknown) => valuesOf(built(layerOf("Dense", "d"), "kernel", [30, 20], initializer));
  expect(draw(nn.initializers.heNormal({ seed: 0 }))).toEqual(
    Array.from(init([30, 20], heNormal(), { seed: 0, name: "d/kernel" })),
  );
  expect(Math.min(...draw(nn.initializers.randomUniform({ minval: 0, maxval: 1 })))).toBeGreaterThan(0);
  expect(draw(nn.initializers.leCunUniform({ seed: null as never }))).not.toEqual(draw(nn.initializers.leCunUniform()));
  expect(draw(nn.initializers.constant({ value: 3 }))[0]).toBe(3);
  expect(() => nn.initializers.glorotNormal({ scale: 2 } as never)).toThrow(/^options: expected options among seed/);
});

test("replaceInitializers draws what TensorFlow.js's own would draw, until it is ended", () => {
  const own = new stock.VarianceScaling({ scale: 2, mode: "fanIn", distribution: "normal", seed: null });
  const kernel = () => valuesOf(built(layerOf("Dense", "d"), "kernel", [4, 3], own));
  const end = nn.replaceInitializers({ seed: 5 });
  expect(kernel()).toEqual(Array.from(init([4, 3], heNormal(), { seed: 5, name: "d/kernel" })));
  const seeded = new stock.RandomNormal({ mean: 0, stddev: 2, seed: 7 });
  expect(valuesOf(built(layerOf("Dense", "d"), "bias", [3], seeded))).toEqual(
    Array.from(init([3], normal({ std: 2 }), { seed: 7, name: "d/bias" })),
  );
  expect(valuesOf(built(layerOf("Dense", "d"), "bias", [2], own))).toEqual([99, 99]); // no fans: left to TensorFlow.js
  expect(valuesOf(built(layerOf("Dense", "d"), "kernel", [1, 1], new stock.Foreign()))).toEqual([99]);
  end();
  expect(kernel()).toEqual(Array(12).fill(99));
});

describe("reinitialize", () => {
  const initializer = new stock.VarianceScaling({ scale: 1, mode: "fanAvg", distribution: "uniform" });
  const fields = {
    kernelInitializer: initializer,
    biasInitializer: new stock.Zeros(),
    recurrentInitializer: new stock.Orthogonal({ gain: 1 }),
  };
  function dense(name: string) {
    const layer = layerOf("Dense", name, fields);
    inScope(name, () => {
      layer.addWeight("kernel", [3, 2], null, initializer);
      layer.addWeight("bias", [2], null, initializer);
    });
    return layer;
  }
  const cell = (name: string) => {
    const made = layerOf("LSTMCell", name, { ...fields, units: 2 });
    made.addWeight("kernel", [3, 8], null, initializer);
    made.addWeight("recurrent_kernel", [2, 8], null, initializer);
    return made;
  };
  const modelOf = (...layers: Layer[]) => ({ layers, trainable: true }) as never;

  test("names do not depend on how layers were counted, and choose the values", () => {
    const names = (...given: string[]) =>
      nn.reinitialize(modelOf(...given.map(dense)), { seed: 1 }).weights.map(({ name }) => name);
    const expected = ["Dense_1/kernel", "Dense_1/bias", "mine/kernel", "mine/bias", "Dense_2/kernel", "Dense_2/bias"];
    expect(names("dense_Dense7", "mine", "dense_Dense9")).toEqual(expected);
    expect(names("dense", "mine", "dense_1")).toEqual(expected);
    const layer = dense("mine");
    const { seed, weights } = nn.reinitialize(modelOf(layer), { seed: 3 });
    for (const [i, { name, shape, distribution }] of weights.entries()) {
      expect(valuesOf(layer.weights[i] as never)).toEqual(
        Array.from(init(shape, distribution as never, { seed, name })),
      );
    }
  });

  test("wrappers, cells and nested models; a shared layer counts once", () => {
    const shared = dense("shared");
    const bidirectional = layerOf("Bidirectional", "bi", {
      forwardLayer: layerOf("LSTM", "f", { cell: cell("l") }),
      backwardLayer: layerOf("LSTM", "b", { cell: cell("l") }),
    });
    const stacked = layerOf("RNN", "stack", {
      cell: layerOf("StackedRNNCells", "s", { cells: [cell("x"), cell("y")] }),
    });
    const inner = layerOf("Sequential", "sequential_4", {
      layers: [shared, layerOf("TimeDistributed", "td", { layer: dense("dense_3") })],
    });
    const { weights } = nn.reinitialize(modelOf(shared, bidirectional, stacked, inner), { seed: 1 });
    expect(weights.map(({ name }) => name)).toEqual([
      ...["shared/kernel", "shared/bias"],
      ...["bi/forward/kernel", "bi/forward/recurrent_kernel", "bi/backward/kernel", "bi/backward/recurrent_kernel"],
      ...[
        "stack/cell_0/kernel",
        "stack/cell_0/recurrent_kernel",
        "stack/cell_1/kernel",
        "stack/cell_1/recurrent_kernel",
      ],
      ...["Sequential_1/td/kernel", "Sequential_1/td/bias"],
    ]);
  });

  test("plans by name, and by a function", () => {
    const layer = dense("d");
    const of = (plan: "own" | "keras" | "torch") =>
      nn.reinitialize(modelOf(layer), { seed: 1, plan }).weights.map(({ distribution }) => distribution);
    expect(of("own")).toEqual([resolve([3, 2], "glorotUniform"), { kind: "constant", value: 0 }]);
    expect(of("keras")).toEqual(of("own"));
    expect(of("torch")).toEqual(
      [1, 1].map(() => ({ kind: "uniform", low: -Math.sqrt(1 / 3), high: Math.sqrt(1 / 3) })),
    );
    const transposed = layerOf("Conv2DTranspose", "c", { strides: [2, 2] });
    inScope("c", () => transposed.addWeight("kernel", [4, 4, 8, 64], null, initializer));
    const rules = [
      { match: "d/bias", scheme: "skip" },
      { match: "c/*", scheme: "heNormal" },
      { match: "*", scheme: "normal", std: "1 / fan_in" },
    ];
    const { weights } = nn.reinitialize(modelOf(layer, transposed), {
      seed: 1,
      plan: (model) => planModel(model, { rules }),
    });
    expect(weights.map(({ distribution, kept }) => distribution ?? kept)).toEqual([
      { kind: "normal", mean: 0, std: 1 / 3 },
      "left out by the plan",
      resolve([1, 1], heNormal({ fans: { in: 256, out: 128 } })),
    ]);
  });

  test("frozen layers keep their values unless they are asked for", () => {
    const [a, b] = [dense("a"), dense("b")];
    a.trainable = false;
    const before = valuesOf(a.weights[0] as never);
    expect(nn.reinitialize(modelOf(a, b), { seed: 1 }).weights.map(({ kept }) => kept)).toEqual([
      "frozen",
      "frozen",
      undefined,
      undefined,
    ]);
    expect(valuesOf(a.weights[0] as never)).toEqual(before);
    nn.reinitialize(modelOf(a, b), { seed: 1, frozen: true });
    expect(valuesOf(a.weights[0] as never)).not.toEqual(before);
  });

  test("nothing is written where one weight is refused", () => {
    const first = dense("first");
    const before = valuesOf(first.weights[0] as never);
    const custom = layerOf("Custom", "mine");
    custom.addWeight("table", [2, 2], null, initializer);
    const integers = dense("i");
    inScope("i", () => integers.addWeight("gamma", [2], "int32", initializer));
    const gone = dense("g");
    (gone.weights[0] as { isDisposed: boolean }).isDisposed = true;
    const unknown = layerOf("Wrapper", "w", { layer: layerOf("Dense", "x") });
    const refuses = (layer: Layer, message: RegExp, options = {}) =>
      expect(() => nn.reinitialize(modelOf(first, layer), { seed: 1, ...options })).toThrow(message);
    refuses(
      custom,
      /^"table" of layer "mine" \(Custom\): plan: expected a function, since "own" does not know this weight, got "Custom"$/,
    );
    const plan = (model: Parameters<typeof planModel>[0]) =>
      planModel(model, { rules: [{ match: "*", scheme: "normal", std: 1 }] });
    refuses(
      integers,
      /^"gamma" of layer "i" \(Dense\): dtype: expected float32, or a constant that is whole, got "int32"/,
      { plan },
    );
    refuses(gone, /^"kernel" of layer "g" \(Dense\): LayersVariable kernel is already disposed/);
    refuses(unknown, /^layer "w": expected one that is built: give the first layer an inputShape/);
    refuses(first, /^plan: expected a function that returns a model from planModel/, { plan: () => [] });
    refuses(first, /^plan: expected one of "own", "keras", "torch"/, { plan: "kearas" });
    expect(() => nn.reinitialize({} as never)).toThrow(/^model: expected a LayersModel or Sequential/);
    expect(valuesOf(first.weights[0] as never)).toEqual(before);
  });
});
