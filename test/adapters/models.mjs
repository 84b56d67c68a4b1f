// reinitialize and replaceInitializers on whole models.
import assert from "node:assert/strict";
import { init, resolve } from "../../dist/index.js";
import { planModel } from "../../dist/model.js";
import { defaults } from "../../dist/recipes.js";
import { forTensorFlow } from "../../dist/tfjs.js";
import { differing, everyLayer, valuesOf } from "./networks.mjs";

const rms = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

export async function run({ check, load, quietly }) {
  const tf = load("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  const nn = forTensorFlow(tf);
  const { layers } = tf;
  const stock = (name) => tf.initializers[{ lecunNormal: "leCunNormal", normal: "randomNormal" }[name] ?? name]({});
  const build = (name) => quietly(() => everyLayer(tf, stock, name));
  const unnamed = () => undefined;

  await check("two models whose layers TensorFlow.js has named, one after the other", () => {
    const [one, two] = [build(unnamed), build(unnamed)];
    assert.notEqual(one.layers[0].name, two.layers[0].name);
    const report = nn.reinitialize(one, { seed: 4 });
    nn.reinitialize(two, { seed: 4 });
    assert.deepEqual(differing(valuesOf(one), valuesOf(two)), []);
    nn.reinitialize(two, { seed: 5 });
    const random = report.weights.filter(
      ({ distribution }) => JSON.stringify(distribution).includes("constant") === false,
    );
    assert.ok(differing(valuesOf(one), valuesOf(two)).length >= random.length);
    for (const { name, shape, distribution } of report.weights) {
      const weight = valuesOf(one)[report.weights.findIndex((other) => other.name === name)];
      assert.equal(
        weight.length,
        shape.reduce((a, b) => a * b, 1),
        name,
      );
      assert.deepEqual(weight, Array.from(init(shape, distribution, { seed: 4, name })), name);
    }
    return `${report.weights.length} weights equal, and equal to init by the report; ${report.weights
      .map(({ name }) => name)
      .slice(0, 3)
      .join(", ")}, ...`;
  });

  await check("a layer more changes no other layer that has a name", () => {
    const model = (more) => {
      const sizes = more ? ["a", "more", "b"] : ["a", "b"];
      return tf.sequential({ layers: sizes.map((name) => layers.dense({ units: 6, inputShape: [6], name })) });
    };
    const [one, two] = [model(false), model(true)];
    for (const each of [one, two]) nn.reinitialize(each, { seed: 1 });
    assert.deepEqual(
      differing(
        valuesOf(one),
        [0, 1, 4, 5].map((i) => valuesOf(two)[i]),
      ),
      [],
    );
    return "4 weights";
  });

  await check("what Keras's and PyTorch's layers start from, against nn-init/recipes", () => {
    const model = tf.sequential({
      layers: [
        layers.embedding({ inputDim: 50, outputDim: 12, inputLength: 8, name: "e" }),
        layers.conv1d({ filters: 16, kernelSize: 3, name: "c" }),
        layers.lstm({ units: 10, returnSequences: true, name: "l" }),
        layers.gru({ units: 9, returnSequences: true, name: "g" }),
        layers.simpleRNN({ units: 7, returnSequences: true, name: "r" }),
        layers.layerNormalization({ name: "n" }),
        layers.dense({ units: 5, name: "d" }),
      ],
    });
    let compared = 0;
    for (const plan of ["keras", "torch"]) {
      const of = defaults(plan);
      const expected = {
        e: of.embedding({ count: 50, width: 12 }),
        c: of.convolution({ in: 12, out: 16, kernel: [3] }),
        l: of.recurrent({ cell: "lstm", in: 16, hidden: 10 }),
        g: of.recurrent({ cell: "gru", in: 10, hidden: 9 }),
        r: of.recurrent({ cell: "rnn", in: 9, hidden: 7 }),
        n: of.normalization({ width: 7 }),
        d: of.dense({ in: 7, out: 5 }),
      };
      const torchNames = {
        embeddings: "weight",
        kernel: "weight",
        recurrent_kernel: "weight_hh_l0",
        gamma: "weight",
        beta: "bias",
      };
      for (const { name, distribution, shape } of nn.reinitialize(model, { seed: 1, plan }).weights) {
        const [layer, weight] = name.split("/");
        const isCell = ["l", "g", "r"].includes(layer);
        const theirs =
          plan === "keras"
            ? weight
            : isCell
              ? ({ kernel: "weight_ih_l0", bias: "bias_ih_l0" }[weight] ?? torchNames[weight])
              : (torchNames[weight] ?? weight);
        const other = expected[layer][theirs];
        // Where only the order of axes differs, the distribution is the same; matrices are compared in their own shape.
        const wanted = resolve(
          plan === "keras" && other.scheme.scheme === "orthogonal"
            ? shape
            : plan === "keras" && weight === "bias"
              ? shape
              : other.shape,
          other.scheme,
        );
        assert.deepEqual(distribution, wanted, `${plan} ${name}`);
        compared += 1;
      }
    }
    return `${compared} weights`;
  });

  await check("a plan of nn-init/model", () => {
    const model = build();
    const rules = [
      { match: "dw/*", scheme: "skip" },
      { role: "buffer", scheme: "skip" },
      { role: "normalization", scheme: "ones" },
      { match: "d/kernel", scheme: "normal", std: "1 / sqrt(fan_in)" },
      { match: "d/bias", scheme: "constant", value: "fan_in" },
      { role: "bias", scheme: "zeros" },
      { match: "*/alpha", scheme: "constant", value: 0.25 },
      { match: "*recurrent_kernel", scheme: "orthogonal" },
      { match: "*", scheme: "heNormal" },
    ];
    const before = valuesOf(model);
    const { weights } = nn.reinitialize(model, { seed: 4, plan: (described) => planModel(described, { rules }) });
    const by = Object.fromEntries(weights.map((weight) => [weight.name, weight]));
    assert.equal(by["dw/depthwise_kernel"].kept, "left out by the plan");
    assert.equal(by["bn/moving_mean"].kept, "left out by the plan");
    assert.deepEqual(by["d/bias"].distribution, { kind: "constant", value: 4 });
    assert.deepEqual(by["d/kernel"].distribution, { kind: "normal", mean: 0, std: 0.5 });
    const std = ({ distribution }) => distribution.std * 0.8796256610342398;
    assert.ok(Math.abs(std(by["ct/kernel"]) - Math.sqrt(2 / ((12 * 16) / 4))) < 1e-6, "transposed");
    assert.ok(Math.abs(std(by["sc/depthwise_kernel"]) - Math.sqrt(2 / 9)) < 1e-6, "depthwise");
    assert.ok(Math.abs(std(by["c1/kernel"]) - Math.sqrt(2 / 27)) < 1e-6, "convolution");
    assert.equal(by["g/recurrent_kernel"].distribution.parts.length, 3);
    const kept = weights.findIndex(({ name }) => name === "dw/depthwise_kernel");
    assert.deepEqual(valuesOf(model)[kept], before[kept]);
    assert.throws(
      () =>
        nn.reinitialize(model, { seed: 1, plan: (described) => planModel(described, { rules: rules.slice(0, -1) }) }),
      /no rule/,
    );
    const copies = [
      ...rules.slice(0, -1),
      { match: "td/kernel", scheme: "zeros" },
      { match: "g/kernel", copy: "bi/forward/kernel" },
      rules.at(-1),
    ];
    assert.throws(
      () => nn.reinitialize(model, { seed: 1, plan: (described) => planModel(described, { rules: copies }) }),
      /shape/,
    );
    const tied = [{ match: "bi/backward/kernel", copy: "bi/forward/kernel" }, ...rules];
    nn.reinitialize(model, { seed: 1, plan: (described) => planModel(described, { rules: tied }) });
    const index = (name) => weights.findIndex((weight) => weight.name === name);
    assert.deepEqual(valuesOf(model)[index("bi/backward/kernel")], valuesOf(model)[index("bi/forward/kernel")]);
    return `${weights.length} weights: fans of the layers, fan_in in expressions, copies, what is left out, what no rule decides`;
  });

  await check("nested models and shared layers", () => {
    const shared = layers.dense({ units: 4, name: "shared" });
    const inner = tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [4] }), layers.dense({ units: 4 })] });
    const input = tf.input({ shape: [4] });
    const model = tf.model({ inputs: input, outputs: shared.apply(inner.apply(shared.apply(input))) });
    const { weights } = nn.reinitialize(model, { seed: 2 });
    const names = weights.map(({ name }) => name);
    assert.deepEqual(names, [
      ...["shared/kernel", "shared/bias", "Sequential_1/Dense_1/kernel", "Sequential_1/Dense_1/bias"],
      ...["Sequential_1/Dense_2/kernel", "Sequential_1/Dense_2/bias"],
    ]);
    return names.join(", ");
  });

  await check("frozen layers", () => {
    const model = tf.sequential({
      layers: [layers.dense({ units: 3, inputShape: [3], name: "a" }), layers.dense({ units: 3, name: "b" })],
    });
    model.layers[0].trainable = false;
    const before = valuesOf(model);
    const { weights } = nn.reinitialize(model, { seed: 3 });
    assert.deepEqual(
      weights.map(({ kept }) => kept),
      ["frozen", "frozen", undefined, undefined],
    );
    assert.deepEqual(differing(before, valuesOf(model)), [2]);
    const all = nn.reinitialize(model, { seed: 3, frozen: true });
    assert.deepEqual(
      all.weights.map(({ kept }) => kept),
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(differing(before, valuesOf(model)), [0, 2]);
    const outer = tf.sequential({ layers: [model, layers.dense({ units: 2, name: "c" })] });
    outer.layers[0].trainable = false;
    assert.deepEqual(
      nn.reinitialize(outer, { seed: 1 }).weights.map(({ kept }) => kept),
      [...Array(4).fill("frozen"), undefined, undefined],
    );
    return "kept, and said so; drawn if asked for; in nested models";
  });

  await check("initializers that are given by name, and the defaults, are replaced", () => {
    const build = () =>
      quietly(() => {
        const model = tf.sequential({
          layers: [
            layers.conv2d({
              inputShape: [12, 12, 16],
              filters: 40,
              kernelSize: 3,
              kernelInitializer: "heNormal",
              name: "c",
            }),
            layers.conv2d({ filters: 60, kernelSize: 3, kernelInitializer: "varianceScaling", name: "v" }),
            layers.reshape({ targetShape: [-1, 60] }),
            layers.lstm({ units: 48, unitForgetBias: true, name: "l" }),
            layers.dense({ units: 200, kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }), name: "d" }),
          ],
        });
        return model;
      });
    const expected = { "c/kernel": 2 / (16 * 9), "v/kernel": 1 / (40 * 9), "l/kernel": 2 / 108, "d/kernel": 2 / 248 };
    const worst = (model) =>
      Math.max(
        ...model.weights.map(({ originalName }, i) =>
          expected[originalName] === undefined
            ? 0
            : Math.abs(rms(valuesOf(model)[i]) / Math.sqrt(expected[originalName]) - 1),
        ),
      );
    const before = build();
    assert.ok(worst(before) > 0.08, `TensorFlow.js alone: ${worst(before)}`);
    const end = nn.replaceInitializers({ seed: 8 });
    const [one, two] = [build(), build()];
    end();
    assert.ok(worst(one) < 0.03, `replaced: ${worst(one)}`);
    assert.deepEqual(differing(valuesOf(one), valuesOf(two)), []);
    const of = (name) => valuesOf(one)[one.weights.findIndex(({ originalName }) => originalName === name)];
    assert.ok(Math.abs(rms(of("l/recurrent_kernel")) - 1 / Math.sqrt(48)) < 1e-6, "each gate is orthogonal");
    const bias = of("l/bias");
    assert.deepEqual([bias[0], bias[48], bias[96], bias[144]], [0, 1, 0, 0]);
    assert.ok(worst(build()) > 0.08, "after the end");
    return `largest error of a std: ${(100 * worst(before)).toFixed(1)}% before, ${(100 * worst(one)).toFixed(1)}% replaced`;
  });

  await check("a model starts again and trains", async () => {
    const model = tf.sequential({
      layers: [
        layers.conv1d({ filters: 8, kernelSize: 3, inputShape: [12, 4], activation: "relu" }),
        layers.lstm({ units: 8 }),
        layers.dense({ units: 3 }),
      ],
    });
    nn.reinitialize(model, { seed: 1, plan: "keras" });
    model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
    const x = tf.randomNormal([16, 12, 4], 0, 1, "float32", 1);
    const y = tf.randomNormal([16, 3], 0, 1, "float32", 2);
    const before = model.evaluate(x, y).dataSync()[0];
    await model.fit(x, y, { epochs: 25, verbose: 0, shuffle: false });
    const after = model.evaluate(x, y).dataSync()[0];
    assert.ok(after < 0.8 * before, `loss ${before} -> ${after}`);
    return `loss ${before.toFixed(2)} -> ${after.toFixed(2)}`;
  });
}
