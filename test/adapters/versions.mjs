// Older versions of TensorFlow.js, two copies of it in one process, its parts in one object, ESM, and a bundle of its ESM build.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as bundle } from "esbuild";
import { heNormal, init } from "../../dist/index.js";
import { forTensorFlow } from "../../dist/tfjs.js";
import { differing, valuesOf } from "./networks.mjs";

/**
 * A few layers, and a round trip through JSON. Copies of TensorFlow.js in one process share an engine, which takes each name of a
 * variable once.
 */
async function tried(tf, prefix) {
  await tf.setBackend("cpu");
  const nn = forTensorFlow(tf);
  const kernel = (scheme) => nn.initializer(scheme, { seed: 42 });
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [8, 8, 3],
        filters: 4,
        kernelSize: 3,
        kernelInitializer: kernel("heNormal"),
        name: `${prefix}c`,
      }),
      layers.depthwiseConv2d({ kernelSize: 3, depthwiseInitializer: kernel("glorotUniform"), name: `${prefix}w` }),
      layers.reshape({ targetShape: [16, 4] }),
      layers.lstm({
        units: 4,
        unitForgetBias: true,
        recurrentInitializer: kernel("orthogonal"),
        kernelInitializer: kernel("glorotUniform"),
        name: `${prefix}l`,
      }),
      layers.dense({ units: 2, kernelInitializer: kernel("lecunNormal"), name: `${prefix}d` }),
    ],
  });
  const expected = init([3, 3, 3, 4], heNormal(), { seed: 42, name: `${prefix}c/kernel` });
  assert.deepEqual(valuesOf(model)[0], Array.from(expected));
  const again = await tf.models.modelFromJSON(JSON.parse(JSON.stringify(model.toJSON(null, false))));
  assert.deepEqual(differing(valuesOf(model), valuesOf(again)), []);
  nn.reinitialize(model, { seed: 1 });
  nn.reinitialize(again, { seed: 1 });
  assert.deepEqual(differing(valuesOf(model), valuesOf(again)), []);
  assert.notDeepEqual(valuesOf(model)[0], Array.from(expected));
  return model;
}

const ESM = `
import * as tf from "@tensorflow/tfjs";
import { forTensorFlow } from "nn-init/tfjs";
await tf.setBackend("cpu");
const { initializer } = forTensorFlow(tf);
const layer = tf.layers.dense({ units: 2, kernelInitializer: initializer("heNormal", { seed: 42 }), name: "d" });
layer.apply(tf.input({ shape: [3] }));
console.log("values", Array.from(layer.weights[0].read().dataSync()).join());`;

export async function run({ check, load, folder, quietly }) {
  const tf = load("@tensorflow/tfjs");
  for (const name of ["tfjs-2", "tfjs-3", "@tensorflow/tfjs"]) {
    const version = load(name);
    await check(
      `TensorFlow.js ${version.version.tfjs}`,
      async () => `${(await quietly(() => tried(version, name.replace(/\W/g, "")))).weights.length} weights`,
    );
  }
  await check("two copies in one process", async () => {
    const [one, two] = [forTensorFlow(tf), forTensorFlow(load("tfjs-3"))];
    const model = await quietly(() => tried(load("tfjs-3"), "old_"));
    await quietly(() => tried(tf, "new_"));
    const end = one.replaceInitializers({ seed: 1 });
    const draw = () => tf.layers.dense({ units: 2, inputShape: [3], name: "d" });
    const layers = [0, 1].map(() => tf.sequential({ layers: [draw()] }));
    assert.deepEqual(valuesOf(layers[0]), valuesOf(layers[1]));
    const others = [0, 1].map(() =>
      load("tfjs-3").sequential({ layers: [load("tfjs-3").layers.dense({ units: 2, inputShape: [3] })] }),
    );
    assert.notDeepEqual(valuesOf(others[0]), valuesOf(others[1]), "the other copy is left alone");
    end();
    two.reinitialize(model, { seed: 3 });
    // An initializer of one copy in a layer of the other: TensorFlow.js itself refuses it.
    assert.throws(() => tf.layers.dense({ units: 2, kernelInitializer: two.initializer("zeros") }));
    return "each is adapted alone";
  });
  await check("adapted twice", () => {
    const { addWeight } = tf.layers.Layer.prototype;
    forTensorFlow(tf);
    forTensorFlow({ ...tf });
    assert.equal(tf.layers.Layer.prototype.addWeight, addWeight);
    return "wrapped once";
  });
  await check("tfjs-core and tfjs-layers in one object", async () => {
    const parts = { ...load("@tensorflow/tfjs-core"), ...load("@tensorflow/tfjs-layers") };
    return `${(await quietly(() => tried(parts, "parts_"))).weights.length} weights`;
  });
  const expected = `values ${Array.from(init([3, 2], heNormal(), { seed: 42, name: "d/kernel" })).join()}`;
  await check("ESM in Node", () => {
    const place = mkdtempSync(join(folder, "esm-"));
    writeFileSync(join(place, "main.mjs"), ESM);
    const printed = execFileSync(process.execPath, ["main.mjs"], {
      cwd: place,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    rmSync(place, { recursive: true });
    assert.ok(printed.includes(expected), printed);
    return "the same bits";
  });
  await check("a minified bundle of its ESM build", async () => {
    const place = mkdtempSync(join(folder, "esm-"));
    writeFileSync(join(place, "main.mjs"), ESM);
    const outfile = join(place, "out.mjs");
    const { metafile } = await bundle({
      ...{ entryPoints: [join(place, "main.mjs")], outfile, bundle: true, minify: true, format: "esm", metafile: true },
      ...{ logLevel: "silent", platform: "node", mainFields: ["module", "main"] },
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    });
    assert.ok(
      Object.keys(metafile.inputs).some((path) => path.includes("tfjs-layers/dist/engine/topology.js")),
      "its ESM build is in it",
    );
    const printed = execFileSync(process.execPath, [outfile], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    rmSync(place, { recursive: true });
    assert.ok(printed.includes(expected), printed);
    return "the same bits";
  });
}
