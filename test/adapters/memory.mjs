// No view of an arena and no shared array becomes a weight; no tensor is left behind.
import assert from "node:assert/strict";
import { Arena, init, normal } from "../../dist/index.js";
import { forTensorFlow } from "../../dist/tfjs.js";
import { everyLayer, valuesOf } from "./networks.mjs";

export async function run({ check, load, quietly }) {
  const tf = load("@tensorflow/tfjs");
  load("@tensorflow/tfjs-backend-wasm");
  const nn = forTensorFlow(tf);
  const scheme = (name) => (name === "normal" ? normal({ std: 1 }) : name);
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    await check(`arrays of weights, ${backend}`, () => {
      const model = quietly(() => everyLayer(tf, (name) => nn.initializer(scheme(name), { seed: 3 })));
      const before = valuesOf(model);
      const scribble = () => {
        const arena = new Arena(1 << 20);
        for (let i = 0; i < 20; ++i) {
          init([4096], normal({ std: 1 }), { seed: i, name: "x", arena });
          arena.reset();
        }
      };
      scribble();
      assert.deepEqual(valuesOf(model), before);
      nn.reinitialize(model, { seed: 4 });
      const after = valuesOf(model);
      scribble();
      assert.deepEqual(valuesOf(model), after);
      if (backend === "wasm") return "unchanged";
      const buffers = new Set();
      for (const weight of model.weights) {
        const array = weight.read().dataSync();
        assert.equal(array.buffer.byteLength, array.byteLength);
        buffers.add(array.buffer);
      }
      assert.equal(buffers.size, model.weights.length);
      return `${buffers.size} buffers of their own, unchanged`;
    });
    await check(`tensors that are left behind, ${backend}`, () => {
      const input = () => tf.input({ shape: [40] });
      const count = (initializer) => {
        const { numTensors } = tf.memory();
        const layer = tf.layers.dense({ units: 30, kernelInitializer: initializer });
        layer.apply(input());
        const made = tf.memory().numTensors - numTensors;
        layer.dispose();
        assert.equal(tf.memory().numTensors, numTensors);
        return made;
      };
      assert.equal(count(nn.initializer("heNormal", { seed: 1 })), count(tf.initializers.heNormal({ seed: 1 })));
      const model = quietly(() => everyLayer(tf, (name) => nn.initializer(scheme(name), { seed: 3 })));
      const { numTensors, numBytes } = tf.memory();
      for (let seed = 0; seed < 3; ++seed) nn.reinitialize(model, { seed });
      assert.deepEqual([tf.memory().numTensors, tf.memory().numBytes], [numTensors, numBytes]);
      return `none after three starts of ${model.weights.length} weights`;
    });
  }
}
