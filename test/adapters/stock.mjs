// TensorFlow.js alone, in a process without nn-init. `save FILE`: makes a model and saves it, with what it predicts.
// `load FILE`: loads what was saved, predicts, starts the topology alone, and prints both.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { artifactsOf, everyLayer, valuesOf } from "./networks.mjs";

const require = createRequire(`${process.env.PACKAGES}/x.js`);
const log = console.log;
console.log = console.warn = () => {};
const tf = require("@tensorflow/tfjs");
await tf.setBackend("cpu");
const input = tf.tensor(
  Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => Math.sin(i)),
  [1, 16, 16, 3],
);
const [command, file] = process.argv.slice(2);

if (command === "save") {
  const names = { lecunNormal: "leCunNormal", normal: "randomNormal" };
  const model = everyLayer(tf, (name) => tf.initializers[names[name] ?? name]({ seed: 5 }));
  const { weightData, ...rest } = await artifactsOf(tf, model);
  const data = Buffer.from(weightData).toString("base64");
  writeFileSync(file, JSON.stringify({ ...rest, data, predicted: Array.from(model.predict(input).dataSync()) }));
} else {
  const { data, predicted: _, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  const bytes = Buffer.from(data, "base64");
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const model = await tf.loadLayersModel(tf.io.fromMemory({ ...rest, weightData }));
  const started = await tf.models.modelFromJSON(rest.modelTopology);
  const kernels = valuesOf(started).map((values) => values.some((value) => value !== values[0]));
  log(JSON.stringify({ predicted: Array.from(model.predict(input).dataSync()), kernels }));
}
