// The types of nn-init/tfjs and nn-init/jax with those of TensorFlow.js and jax-js, under strict TypeScript.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = `
import * as jax from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs";
import * as layers from "@tensorflow/tfjs-layers";
import * as core from "@tensorflow/tfjs-core";
import { heNormal } from "nn-init";
import { forJax } from "nn-init/jax";
import { planModel } from "nn-init/model";
import { forTensorFlow } from "nn-init/tfjs";

const nn = forTensorFlow(tf);
const initializer = nn.initializer(heNormal(), { seed: 42n, name: "model" });
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer: initializer }),
    tf.layers.lstm({ units: 2, recurrentInitializer: nn.initializers.orthogonal({ seed: 1, gain: 2 }) }),
  ],
});
const { seed, weights } = nn.reinitialize(model, { seed: 1, plan: (weights) => planModel(weights, { rules: [] }) });
const end: () => void = nn.replaceInitializers();
export const shapes: readonly (readonly number[])[] = weights.map(({ shape }) => shape);
export { end, seed };
forTensorFlow({ ...core, ...layers }).reinitialize(layers.sequential(), { plan: "torch", frozen: true });
// @ts-expect-error a plan that there is not
nn.reinitialize(model, { plan: "flax" });
// @ts-expect-error a scheme that there is not
nn.initializer("heNormall");
// @ts-expect-error no TensorFlow.js with layers
forTensorFlow(core);

const initializers = forJax(jax);
const array: jax.Array = initializers.heNormal()({ seed: 1, name: "w" }, [2, 3]);
export const other: jax.Array = initializers.orthogonal(2)(jax.random.key(1), [2, 3], "float32");
export { array };
// @ts-expect-error a dtype that cannot be drawn
initializers.zeros({ seed: 1, name: "w" }, [2], "int32");
`;

export async function run({ check, load, folder, root, Absent }) {
  load("@tensorflow/tfjs");
  await check("strict TypeScript", () => {
    const place = mkdtempSync(join(folder, "types-"));
    writeFileSync(join(place, "main.mts"), PROGRAM);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    // skipLibCheck: those of TensorFlow.js do not check by themselves.
    const options = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noEmit",
      "--skipLibCheck",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--lib",
      "es2024,dom,esnext.disposable,esnext.float16",
      "--types",
      "",
    ];
    const { stdout, status, error } = spawnSync(process.execPath, [tsc, ...options, "main.mts"], {
      cwd: place,
      encoding: "utf8",
    });
    rmSync(place, { recursive: true });
    if (error !== undefined) throw new Absent(error.message);
    if (status !== 0) throw new Error(stdout);
    return "initializers have the type of TensorFlow.js's own, arrays that of jax-js";
  });
}
