// What is refused, and what the errors name.
import assert from "node:assert/strict";
import { heNormal, normal } from "../../dist/index.js";
import { forTensorFlow } from "../../dist/tfjs.js";
import { valuesOf } from "./networks.mjs";

export async function run({ check, load }) {
  const tf = load("@tensorflow/tfjs");
  const core = load("@tensorflow/tfjs-core");
  await tf.setBackend("cpu");
  const nn = forTensorFlow(tf);
  const { layers } = tf;
  const dense = (options = {}) => layers.dense({ units: 2, inputShape: [3], name: "d", ...options });
  const refuses = (cases) => {
    for (const [call, pattern] of cases) {
      assert.throws(call, (error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError, `${error.name}: ${error.message}`);
        assert.match(error.message, pattern);
        return true;
      });
    }
    return `${cases.length} cases`;
  };

  await check("copies of TensorFlow.js that lack something", () =>
    refuses([
      [
        () => forTensorFlow(core),
        /^tf: expected TensorFlow\.js.* that has layers\.Layer\.prototype\.addWeight, initializers\.zeros, got "4\.22\.0"/,
      ],
      [() => forTensorFlow(undefined), /^tf: expected TensorFlow\.js/],
      [() => forTensorFlow({ ...core, initializers: tf.initializers }), /layers\.Layer/],
      [() => forTensorFlow({ ...tf, serialization: {} }), /SerializationMap/],
    ]),
  );

  await check("options", () =>
    refuses([
      [() => nn.initializer("heNormall"), /^scheme: expected one of .*"heNormal"/],
      [() => nn.initializer(heNormal), /call the function/],
      [() => nn.initializer(undefined), /^scheme: expected/],
      [() => nn.initializer("heNormal", { sead: 1 }), /^options: expected options among seed, name/],
      [() => nn.initializer("heNormal", { seed: -1 }), /^seed: expected/],
      [() => nn.initializer("heNormal", { name: "" }), /^name: expected/],
      [() => nn.initializers.heNormal({ seed: "7" }), /^seed: expected/],
      [() => nn.initializers.heNormal({ gain: 7 }), /^options: expected options among seed/],
      [() => nn.initializers.varianceScaling({ mode: "fan_inn" }), /^mode: expected one of/],
      [() => nn.initializers.constant(), /^value: expected/],
      [() => nn.replaceInitializers({ plan: 1 }), /^options: expected/],
      [() => nn.reinitialize(undefined), /^model: expected a LayersModel or Sequential/],
      [() => nn.reinitialize({ predict() {} }), /^model: expected a LayersModel or Sequential/],
      [() => nn.reinitialize(tf.sequential(), { plan: "kerass" }), /^plan: expected one of "own", "keras", "torch"/],
      [() => nn.reinitialize(tf.sequential(), { seed: 0.5 }), /^seed: expected/],
      [() => nn.reinitialize(tf.sequential(), { frozen: 1 }), /^frozen: expected/],
      [
        () => nn.reinitialize(tf.sequential({ layers: [dense()] }), { plan: () => 3 }),
        /^plan: expected a function that returns/,
      ],
    ]),
  );

  await check("weights that a scheme cannot have, when the layer is built", () => {
    const build = (made) => () => made.apply(tf.input({ shape: [3] }));
    return refuses([
      [
        build(dense({ biasInitializer: nn.initializer("heNormal", { seed: 1 }) })),
        /^"bias" of layer "d" \(Dense\): scheme: expected one without fans/,
      ],
      [
        build(layers.prelu({ alphaInitializer: nn.initializer("glorotNormal"), name: "p" })),
        /^"alpha" of layer "p" \(PReLU\)/,
      ],
      [build(dense({ kernelInitializer: nn.initializer("hadamard") })), /hadamard draws \[out, in\]/],
      [
        () => nn.initializer("heNormal", { seed: 1 }).apply([3, 4]),
        /^name: expected the tensor's name next to its seed/,
      ],
      [() => nn.initializer("heNormal").apply([null, 4]), /^shape/],
      [() => nn.initializer("heNormal").apply([3, -1]), /^shape/],
      [
        () => nn.initializer("heNormal").apply([3, 4], "int32"),
        /^dtype: expected float32, or a constant that is whole, got "int32"/,
      ],
      [
        () => nn.initializer(normal({ std: 1 })).apply([3, 4], "complex64"),
        /^dtype: expected float32, got "complex64"/,
      ],
    ]);
  });

  await check("whole numbers hold constants", () => {
    assert.deepEqual(Array.from(nn.initializer("ones").apply([2], "int32").dataSync()), [1, 1]);
    return "ones in int32";
  });

  class Own extends layers.Layer {
    static className = "Own";
    build() {
      this.table = this.addWeight("table", [4, 4], "float32", tf.initializers.ones());
      this.counts = this.addWeight("counts", [2], "int32", tf.initializers.zeros(), undefined, false);
      this.built = true;
    }
    call(inputs) {
      return Array.isArray(inputs) ? inputs[0] : inputs;
    }
  }
  await check("layers of classes that are not known", async () => {
    const model = tf.sequential({ layers: [dense(), new Own({ name: "mine" })] });
    const before = valuesOf(model);
    const text = refuses([
      [
        () => nn.reinitialize(model, { seed: 1 }),
        /^"table" of layer "mine" \(Own\): plan: expected a function, since "own" does not know this weight, got "Own"/,
      ],
      [() => nn.reinitialize(model, { seed: 1, plan: "torch" }), /^"table" of layer "mine"/],
    ]);
    assert.deepEqual(valuesOf(model), before, "nothing was written");
    const { planModel } = await import("../../dist/model.js");
    const rules = [
      { match: "mine/counts", scheme: "normal", std: 1 },
      { match: "*", scheme: "normal", std: 1 },
    ];
    assert.throws(
      () => nn.reinitialize(model, { seed: 1, plan: (m) => planModel(m, { rules }) }),
      /"counts" of layer "mine" \(Own\): dtype: expected float32, or a constant that is whole/,
    );
    assert.deepEqual(valuesOf(model), before, "nothing was written");
    rules[0] = { match: "mine/counts", scheme: "constant", value: 7 };
    nn.reinitialize(model, { seed: 1, plan: (m) => planModel(m, { rules }) });
    assert.deepEqual(valuesOf(model)[3], [7, 7]);
    return `${text}; nothing is written; a plan decides them`;
  });

  await check("models that are not built, and weights that are disposed of", () => {
    const disposed = tf.sequential({ layers: [dense()] });
    disposed.weights[0].read().dispose();
    const text = refuses([
      [
        () => nn.reinitialize({ layers: [layers.dense({ units: 2, name: "d" })] }),
        /^layer "d": expected one that is built: give the first layer an inputShape/,
      ],
      [() => nn.reinitialize(disposed), /^"kernel" of layer "d" \(Dense\): .*disposed/],
    ]);
    return text;
  });

  await check("what nn-init has not saved", async () => {
    const model = tf.sequential({
      layers: [dense({ kernelInitializer: nn.initializer({ scheme: "sparse", sparsity: 0.5 }, { seed: 1 }) })],
    });
    const text = JSON.stringify(model.toJSON(null, false));
    const load = (changed) => tf.models.modelFromJSON(JSON.parse(changed));
    await assert.rejects(
      load(text.replace(/\{\\"nn-init\\".*?\}\\?"?(?=\}|,\\)/, "x")),
      /config\.name: expected what nn-init saved|Unexpected|JSON/,
    );
    await assert.rejects(load(text.replace('\\"nn-init\\":1', '\\"nn-init\\":2')), /config\.name: expected version 1/);
    await assert.rejects(load(text.replace('\\"sparsity\\":0.5', '\\"sparsity\\":5')), /sparsity: expected/);
    return "another text, another version, a scheme that is none";
  });
}
