// Models that are saved: by ours and loaded by ours, in this process and in another; by TensorFlow.js alone and loaded with
// ours, and the other way round.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { normal, split, uniform } from "../../dist/index.js";
import { forTensorFlow } from "../../dist/tfjs.js";
import { artifactsOf, differing, everyLayer, valuesOf } from "./networks.mjs";

const SCHEMES = { normal: normal({ std: 0.02 }) };
const script = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function run({ check, load, folder, quietly }) {
  const tf = load("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  const nn = forTensorFlow(tf);
  const place = mkdtempSync(join(tmpdir(), "nn-init-saving-"));
  const env = { ...process.env, PACKAGES: folder };
  const node = (name, ...args) =>
    execFileSync(process.execPath, [script(name), ...args], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const input = tf.tensor(
    Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => Math.sin(i)),
    [1, 16, 16, 3],
  );
  const build = () =>
    quietly(() => everyLayer(tf, (name) => nn.initializer(SCHEMES[name] ?? name, { seed: 2n ** 63n + 1n })));
  const same = (one, other, what) => {
    const indices = differing(one, other);
    if (indices.length > 0) throw new Error(`${what}: weights ${indices} differ`);
  };

  await check("toJSON and modelFromJSON, in this process and another", async () => {
    const model = build();
    const json = model.toJSON(null, false);
    const text = JSON.stringify(json);
    const again = await quietly(() => tf.models.modelFromJSON(JSON.parse(text)));
    same(valuesOf(model), valuesOf(again), "modelFromJSON");
    same(
      valuesOf(model),
      valuesOf(await tf.models.modelFromJSON(JSON.parse(JSON.stringify(again.toJSON(null, false))))),
      "twice",
    );
    writeFileSync(join(place, "topology.json"), text);
    same(valuesOf(model), JSON.parse(node("again.mjs", join(place, "topology.json"))), "another process");
    const random = valuesOf(model).filter((values) => new Set(values).size > 1).length;
    return `${model.weights.length} weights, ${random} of them random, with a seed above 2^63`;
  });

  await check("schemes that TensorFlow.js has none for", async () => {
    const scheme = split({ axis: 1, parts: [1, 3], of: [uniform({ low: 1, high: 2 }), normal({ std: 1 })] });
    const layer = tf.layers.dense({
      units: 4,
      inputShape: [3],
      kernelInitializer: nn.initializer(scheme, { seed: 1, name: "a_b" }),
    });
    const model = tf.sequential({ layers: [layer] });
    const json = JSON.parse(JSON.stringify(model.toJSON(null, false)));
    const { class_name } = json.config.layers[0].config.kernel_initializer;
    same(valuesOf(model), valuesOf(await tf.models.modelFromJSON(json)), "modelFromJSON");
    return `saved as ${class_name}`;
  });

  await check("saved by ours, loaded by ours", async () => {
    const model = build();
    nn.reinitialize(model, { seed: 9 });
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(await artifactsOf(tf, model)));
    same(valuesOf(model), valuesOf(loaded), "loadLayersModel");
    nn.reinitialize(loaded, { seed: 10 });
    nn.reinitialize(model, { seed: 10 });
    same(valuesOf(model), valuesOf(loaded), "reinitialize after loading");
    return `${model.weights.length} weights, also drawn anew after loading`;
  });

  await check("saved by ours, loaded by TensorFlow.js alone", async () => {
    const model = build();
    const { weightData, ...rest } = await artifactsOf(tf, model);
    const file = join(place, "ours.json");
    writeFileSync(file, JSON.stringify({ ...rest, data: Buffer.from(weightData).toString("base64") }));
    const { predicted, kernels } = JSON.parse(node("stock.mjs", "load", file));
    same([Array.from(model.predict(input).dataSync())], [predicted], "predictions");
    const ours = valuesOf(model).map((values) => values.some((value) => value !== values[0]));
    if (JSON.stringify(ours) !== JSON.stringify(kernels))
      throw new Error("TensorFlow.js starts other weights at random");
    return "equal predictions; it starts the topology alone by initializers of its own";
  });

  await check("saved by TensorFlow.js alone, loaded with ours", async () => {
    const file = join(place, "theirs.json");
    node("stock.mjs", "save", file);
    const { data, predicted, ...rest } = JSON.parse(readFileSync(file, "utf8"));
    const bytes = Buffer.from(data, "base64");
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const model = await tf.loadLayersModel(tf.io.fromMemory({ ...rest, weightData }));
    same([Array.from(model.predict(input).dataSync())], [predicted], "predictions");
    const { weights } = nn.reinitialize(model, { seed: 1 });
    const other = model.predict(input).dataSync();
    if (other.every((value, i) => value === predicted[i])) throw new Error("reinitialize changed nothing");
    return `equal predictions; ${weights.length} weights drawn anew`;
  });
  rmSync(place, { recursive: true });
}
