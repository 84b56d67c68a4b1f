// nn-init in another process: starts a saved topology and prints the values of its weights.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { forTensorFlow } from "../../dist/tfjs.js";
import { valuesOf } from "./networks.mjs";

const require = createRequire(`${process.env.PACKAGES}/x.js`);
const log = console.log;
console.log = console.warn = () => {};
const tf = require("@tensorflow/tfjs");
await tf.setBackend("cpu");
forTensorFlow(tf);
for (let i = 0; i < 3; ++i) tf.layers.dense({ units: 1 }); // names of other layers count on
log(JSON.stringify(valuesOf(await tf.models.modelFromJSON(JSON.parse(readFileSync(process.argv[2], "utf8"))))));
