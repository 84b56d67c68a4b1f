// Trains a small convolutional TensorFlow.js network on the digits of nn-init/train/digits. Its layers name their initializers,
// as most programs do; the two lines that end with "nn-init" make all of them draw by nn-init, reproducibly.
//
//   npm install nn-init @tensorflow/tfjs
//   node digits.mjs
import * as tf from "@tensorflow/tfjs";
import { forTensorFlow } from "nn-init/tfjs"; // nn-init
import { loadDigits } from "nn-init/train/digits";

forTensorFlow(tf).replaceInitializers({ seed: 42 }); // nn-init

const { training, test, classes } = loadDigits();

/** Pictures of 8 x 8 pixels, and their classes. */
const tensorsOf = ({ inputs, targets }) => ({
  x: tf.tensor(inputs, [targets.length, 8, 8, 1]),
  y: tf.oneHot(tf.tensor1d(Array.from(targets), "int32"), classes),
});

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({
      inputShape: [8, 8, 1],
      filters: 16,
      kernelSize: 3,
      strides: 2,
      activation: "relu",
      kernelInitializer: "heNormal",
    }),
    tf.layers.depthwiseConv2d({ kernelSize: 2, activation: "relu", depthwiseInitializer: "heNormal" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 64, kernelInitializer: "heNormal", activation: "relu" }),
    tf.layers.dense({ units: classes, kernelInitializer: "glorotNormal", activation: "softmax" }),
  ],
});
for (const weight of model.weights.filter(({ name }) => name.endsWith("kernel"))) {
  const std = tf.tidy(() => tf.sqrt(tf.mean(tf.square(weight.read()))).dataSync()[0]);
  console.log(`${weight.name} [${weight.shape}]: std ${std.toFixed(4)}`);
}

model.compile({ optimizer: tf.train.adam(0.003), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
const { x, y } = tensorsOf(training);
const { history } = await model.fit(x, y, { epochs: 6, batchSize: 64, shuffle: false, verbose: 0 });
console.log(`loss ${history.loss.map((loss) => loss.toFixed(3)).join(" ")}`);
const held = tensorsOf(test);
console.log(`accuracy ${model.evaluate(held.x, held.y)[1].dataSync()[0].toFixed(3)}`);
