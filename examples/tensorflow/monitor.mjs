// Trains a TensorFlow.js network of 12 tanh layers on the digits of nn-init/train/digits from two starts, and watches both with
// the monitor of nn-init/train: too small weights, whose gradients vanish, and Xavier's, which train.
//
//   npm install nn-init @tensorflow/tfjs
//   node monitor.mjs
import * as tf from "@tensorflow/tfjs";
import { monitor } from "nn-init/train";
import { loadDigits } from "nn-init/train/digits";

const [DEPTH, UNITS, BATCH, STEPS, RATE] = [12, 32, 64, 60, 0.1];
const { training, features, classes } = loadDigits();

function networkFrom(start) {
  const input = tf.input({ shape: [features] });
  const hidden = [];
  for (let i = 1; i <= DEPTH; ++i) {
    const layer = tf.layers.dense({
      units: UNITS,
      activation: "tanh",
      kernelInitializer: start(i),
      name: `layer_${i}`,
    });
    hidden.push({ layer, output: layer.apply(hidden.at(-1)?.output ?? input) });
  }
  const answer = tf.layers.dense({ units: classes, kernelInitializer: start(0), name: "head" });
  const outputs = [...hidden.map(({ output }) => output), answer.apply(hidden.at(-1).output)];
  return { model: tf.model({ inputs: input, outputs }), layers: hidden.map(({ layer }) => layer) };
}

/** The samples of a step, in the order of the file. */
function batchOf(step) {
  const rows = Array.from({ length: BATCH }, (_, i) => (step * BATCH + i) % training.targets.length);
  const inputs = rows.map((row) => Array.from(training.inputs.slice(row * features, (row + 1) * features)));
  return {
    x: tf.tensor2d(inputs),
    y: tf.oneHot(
      tf.tensor1d(
        rows.map((row) => training.targets[row]),
        "int32",
      ),
      classes,
    ),
  };
}

function trainFrom(name, start) {
  const { model, layers } = networkFrom(start);
  const watch = monitor({ activation: "tanh" });
  const optimizer = tf.train.sgd(RATE);
  let loss = 0;
  for (let step = 0; step < STEPS; ++step) {
    tf.tidy(() => {
      const { x, y } = batchOf(step);
      let signals = [];
      const { value, grads } = tf.variableGrads(() => {
        const outputs = model.predict(x);
        signals = outputs.map((output) => output.dataSync()); // variableGrads disposes of the tensors themselves
        return tf.losses.softmaxCrossEntropy(y, outputs.at(-1));
      });
      [loss] = value.dataSync();
      for (const [i, { kernel, units }] of layers.entries()) {
        watch.observe(i + 1, signals[i], grads[kernel.name].dataSync(), {
          units,
          weights: kernel.read().dataSync(),
          shape: kernel.shape,
          learningRate: RATE,
        });
      }
      for (const { sentence } of watch.step(loss)) console.log(`${name}, step ${step}: ${sentence}`);
      optimizer.applyGradients(grads);
    });
  }
  console.log(`${name}: loss ${loss.toFixed(2)} after ${STEPS} steps`);
}

trainFrom("std 0.01", (seed) => tf.initializers.randomNormal({ stddev: 0.01, seed: seed + 1 }));
trainFrom("Xavier", (seed) => tf.initializers.glorotUniform({ seed: seed + 1 }));
