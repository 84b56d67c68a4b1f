// Prints tfjs.txt: what TensorFlow.js's initializers draw, as multiples of what it draws with the same seed from U(-1, 1) or
// from N(0, 1) truncated at 2 std; and which initializers its layers start from.
//
//     (cd bench/against && npm ci) && node test/vectors/tfjs.mjs > test/vectors/tfjs.txt
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../bench/against/package.json", import.meta.url)));
const log = console.log;
console.log = console.warn = () => {}; // its advice to install the native backend
const tf = require("@tensorflow/tfjs");

const SHAPES = [
  [784, 512],
  [5, 3, 16],
  [3, 3, 64, 128],
  [1, 3, 5, 4, 8],
];
const NAMES = ["glorotNormal", "glorotUniform", "heNormal", "heUniform", "leCunNormal", "leCunUniform"];
const SEED = 7;

/** The largest value over the value that the standard distribution has at its place. */
function ratio(values, standard) {
  let at = 0;
  for (let i = 1; i < standard.length; ++i) if (Math.abs(standard[i]) > Math.abs(standard[at])) at = i;
  return values[at] / standard[at];
}

function describe(initializer, shape) {
  const values = initializer.apply(shape).dataSync();
  const uniform = tf.randomUniform(shape, -1, 1, "float32", SEED).dataSync();
  const normal = tf.truncatedNormal(shape, 0, 1, "float32", SEED).dataSync();
  const [bound, std] = [ratio(values, uniform), ratio(values, normal)];
  const fits = (standard, factor) =>
    values.every((value, i) => Math.abs(value - standard[i] * factor) <= 1e-6 * factor);
  if (fits(uniform, bound)) return `uniform ${bound}`;
  if (fits(normal, std)) return `truncated ${std}`;
  throw new Error(`${initializer.getClassName()} draws neither distribution`);
}

log(
  `# TensorFlow.js ${tf.version.tfjs}, by tfjs.mjs. initializer | shape | distribution, bound or std before truncation at 2`,
);
for (const name of NAMES) {
  for (const shape of SHAPES)
    log(`${name} | ${shape.join(" ")} | ${describe(tf.initializers[name]({ seed: SEED }), shape)}`);
}
for (const mode of ["fanIn", "fanOut", "fanAvg"]) {
  for (const distribution of ["normal", "uniform"]) {
    const initializer = tf.initializers.varianceScaling({ scale: 3, mode, distribution, seed: SEED });
    log(`varianceScaling 3 ${mode} ${distribution} | 3 3 64 128 | ${describe(initializer, SHAPES[2])}`);
  }
}

const LAYERS = {
  linear: tf.layers.dense({ units: 512, inputShape: [784] }),
  convolution: tf.layers.conv2d({ filters: 128, kernelSize: 3, inputShape: [8, 8, 64] }),
  embedding: tf.layers.embedding({ inputDim: 1000, outputDim: 64, inputShape: [4] }),
  normalization: tf.layers.layerNormalization({ inputShape: [64] }),
  rnn: tf.layers.simpleRNN({ units: 25, inputShape: [4, 20] }),
  gru: tf.layers.gru({ units: 25, inputShape: [4, 20] }),
  lstm: tf.layers.lstm({ units: 25, inputShape: [4, 20] }),
};
log("# layer | weight | shape | initializer");
for (const [name, layer] of Object.entries(LAYERS)) {
  tf.sequential({ layers: [layer] });
  const config = layer.getConfig();
  for (const weight of layer.trainableWeights) {
    const own = weight.originalName.split("/").at(-1);
    const { className, config: options } = config[`${own === "recurrent_kernel" ? "recurrent" : own}Initializer`];
    if (
      className === "Zeros" &&
      weight
        .read()
        .dataSync()
        .some((value) => value !== 0)
    ) {
      throw new Error(`${name}: ${own} does not start as its initializer says`); // unitForgetBias hides another one
    }
    log(`layer ${name} | ${own} | ${weight.shape.join(" ")} | ${className} ${JSON.stringify(options)}`);
  }
}
