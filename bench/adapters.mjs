// npm run bench:adapters: TensorFlow.js's own initializers and nn-init/tfjs, in turns in one process, on its cpu and wasm
// backends: truncatedNormal of 2048 x 2048 as a tensor and by fill, orthogonal of 256 x 256, and building a default LSTM of 256
// units. TensorFlow.js is the bundle of its ESM build, made here. ROUNDS=, ORTHOGONAL= (a side) and UNITS= change the work;
// PACKAGES= names a folder with test/adapters/package.json installed, which is made outside of the repository otherwise.
import { rmSync, symlinkSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { installed } from "../test/install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = join(root, "test/adapters/package.json");
const folder = installed({ manifest, name: "adapters", given: process.env.PACKAGES });
const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const [ROUNDS, SIDE, UNITS] = [number("ROUNDS", 5), number("ORTHOGONAL", 256), number("UNITS", 256)];

rmSync(join(folder, "node_modules/nn-init"), { recursive: true, force: true });
symlinkSync(root, join(folder, "node_modules/nn-init"));

const outfile = join(folder, "tfjs.bundle.mjs");
await build({
  stdin: {
    contents: 'export * from "@tensorflow/tfjs"; export * from "@tensorflow/tfjs-backend-wasm";',
    resolveDir: folder,
  },
  ...{
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    outfile,
    logLevel: "error",
  },
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
const { log, warn } = console;
console.log = console.warn = () => {}; // its recommendation of the native backend, and of smaller orthogonal matrices
const tf = await import(pathToFileURL(outfile));
tf.setWasmPaths(join(folder, "node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
tf.setThreadsCount?.(1);
const { fill, truncatedNormal } = await import("../dist/index.js");
const { forTensorFlow } = await import("../dist/tfjs.js");
const nn = forTensorFlow(tf);

/** The shortest time in milliseconds, by backend, what is made and who makes it. */
const best = new Map();
async function time(name, run) {
  const begun = performance.now();
  const made = await run();
  const milliseconds = performance.now() - begun;
  for (const one of [made].flat()) one?.dispose?.();
  best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, milliseconds));
}

const std = 0.02;
const scheme = truncatedNormal({ std });
const array = new Float32Array(2048 * 2048);
const initializer = nn.initializer(scheme, { seed: 1, name: "w" });
const matrix = nn.initializer("orthogonal", { seed: 1, name: "w" });
const lstm = () => {
  const layer = tf.layers.lstm({ units: UNITS });
  layer.apply(tf.input({ shape: [8, UNITS] }));
  return layer;
};
function replaced() {
  const end = nn.replaceInitializers({ seed: 1 });
  const layer = lstm();
  end();
  return layer;
}

log(`TensorFlow.js ${tf.version.tfjs}, its ESM build bundled by esbuild; Node ${process.version}; ${cpus()[0]?.model}`);
for (const backend of ["cpu", "wasm"]) {
  await tf.setBackend(backend);
  await tf.ready();
  for (let round = 0; round < ROUNDS; ++round) {
    for (let i = 0; i < 3; ++i) {
      await time(`${backend} truncated theirs`, () => tf.truncatedNormal([2048, 2048], 0, std));
      await time(`${backend} truncated ours`, () => initializer.apply([2048, 2048]));
      await time(`${backend} truncated fill`, () => void fill(array, [2048, 2048], scheme, { seed: 1, name: "w" }));
    }
    for (let i = 0; i < 5; ++i) {
      await time(`${backend} orthogonal ours`, () => matrix.apply([SIDE, SIDE]));
      await time(`${backend} lstm ours`, replaced);
    }
    if (round > 0) continue; // it takes minutes
    await time(`${backend} orthogonal theirs`, () => tf.initializers.orthogonal({}).apply([SIDE, SIDE]));
    await time(`${backend} lstm theirs`, lstm);
  }
  const row = (what, whose, theirs) => {
    const [ours, other] = [best.get(`${backend} ${whose}`), best.get(`${backend} ${theirs}`)];
    log(`| ${what}, ${backend} | ${other.toFixed(1)} ms | ${ours.toFixed(2)} ms | ${(other / ours).toPrecision(3)} |`);
  };
  row("`truncatedNormal` 2048 x 2048, a tensor", "truncated ours", "truncated theirs");
  row("the same, by `fill`", "truncated fill", "truncated theirs");
  row(`\`orthogonal\` ${SIDE} x ${SIDE}`, "orthogonal ours", "orthogonal theirs");
  row(`a default LSTM of ${UNITS} units, built`, "lstm ours", "lstm theirs");
}
Object.assign(console, { log, warn });
