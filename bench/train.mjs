// npm run bench:train: a training step of 6 layers of 256 units at batch 64, on one thread: nn-init, TensorFlow.js (wasm backend)
// and PyTorch, in turns; the best of many steps. Then how much of our step the kernels' matrix products take, and the default
// comparison of the command. TensorFlow.js: npm ci --prefix bench/against. PYTHON names a Python with PyTorch.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { splitData, train } from "../dist/train.js";

const [DEPTH, WIDTH, BATCH, CLASSES, STEPS] = [6, 256, 64, 10, 60];
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const AGAINST = process.env.AGAINST ?? fileURLToPath(new URL("./against/", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python3";

/** The shortest of all steps, in milliseconds, by what makes them. */
const best = {};
const note = (name, milliseconds) => {
  best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, milliseconds);
};

const count = 4 * BATCH;
const inputs = Float32Array.from({ length: count * WIDTH }, (_, i) => Math.sin(i));
const targets = Float32Array.from({ length: count }, (_, i) => i % CLASSES);
const data = splitData({ inputs, targets }, { name: "bench", features: WIDTH, classes: CLASSES });

function own(optimizer) {
  let before = performance.now();
  const options = {
    strategy: "he",
    optimizer,
    learningRate: 1e-4,
    steps: STEPS,
    batch: BATCH,
    measurements: 1,
    early: false,
  };
  train({ depth: DEPTH, width: WIDTH }, data, {
    ...options,
    onStep: (step) => {
      if (step > 1) note(`nn-init, ${optimizer}`, performance.now() - before);
      before = performance.now();
    },
  });
}

/** @returns what makes a step; undefined where TensorFlow.js is not installed. */
async function tensorflow() {
  const require = createRequire(`${AGAINST}x.js`);
  let tf;
  try {
    tf = require("@tensorflow/tfjs");
    const wasm = require("@tensorflow/tfjs-backend-wasm");
    wasm.setThreadsCount(1);
    await tf.setBackend("wasm");
    await tf.ready();
  } catch (error) {
    console.log(`TensorFlow.js is absent: ${error.message.split("\n")[0]}`);
    return undefined;
  }
  const x = tf.randomNormal([BATCH, WIDTH]);
  const classes = tf.tensor1d(
    Array.from({ length: BATCH }, (_, i) => i % CLASSES),
    "int32",
  );
  const labels = tf.cast(tf.oneHot(classes, CLASSES), "float32");
  const layers = Array.from({ length: DEPTH + 1 }, (_, l) => {
    const outputs = l === DEPTH ? CLASSES : WIDTH;
    return [tf.variable(tf.randomNormal([WIDTH, outputs], 0, 0.09)), tf.variable(tf.zeros([outputs]))];
  });
  const network = () => {
    const signal = layers.reduce((h, [w, b], l) => {
      const sum = tf.add(tf.matMul(h, w), b);
      return l === DEPTH ? sum : tf.relu(sum);
    }, x);
    // The mean of ln(sum e^z) - z[class], of operations that the backend has gradients for.
    return tf.mean(tf.sub(tf.logSumExp(signal, 1), tf.sum(tf.mul(signal, labels), 1)));
  };
  return (optimizer) => {
    const update = optimizer === "sgd" ? tf.train.sgd(1e-4) : tf.train.adam(1e-4);
    for (let step = 0; step < STEPS / 6; ++step) {
      const begun = performance.now();
      const loss = update.minimize(network, true);
      loss.dataSync();
      loss.dispose();
      note(`TensorFlow.js ${tf.version.tfjs}, wasm, ${optimizer}`, performance.now() - begun);
    }
  };
}

const TORCH = `
import sys, time, torch
torch.set_num_threads(1)
layers = []
for _ in range(${DEPTH}): layers += [torch.nn.Linear(${WIDTH}, ${WIDTH}), torch.nn.ReLU()]
network = torch.nn.Sequential(*layers, torch.nn.Linear(${WIDTH}, ${CLASSES}))
x, y = torch.randn(${BATCH}, ${WIDTH}), torch.arange(${BATCH}) % ${CLASSES}
print(torch.__version__, torch.backends.cpu.get_cpu_capability())
for name in ("sgd", "adam"):
    update = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[name](network.parameters(), lr=1e-4)
    best = 1e9
    for _ in range(${STEPS}):
        begun = time.perf_counter()
        update.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        update.step()
        best = min(best, time.perf_counter() - begun)
    print(name, best * 1000)
`;

function torch() {
  const { status, stdout, stderr } = spawnSync(PYTHON, ["-c", TORCH], { encoding: "utf8" });
  if (status !== 0) return console.log(`PyTorch is absent: ${String(stderr).trim().split("\n").at(-1)}`);
  const [version, ...lines] = stdout.trim().split("\n");
  for (const line of lines) note(`PyTorch ${version}, ${line.split(" ")[0]}`, Number(line.split(" ")[1]));
}

/** The matrix products of a step, by the kernel alone. */
function productsAlone() {
  const memory = new WebAssembly.Memory({ initial: 40, maximum: 40 });
  const module = new WebAssembly.Module(readFileSync(new URL("../dist/kernel.wasm", import.meta.url)));
  const { matmul32 } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const [a, b, c] = [65536, 65536 + 4 * WIDTH * WIDTH, 65536 + 8 * WIDTH * WIDTH];
  new Float32Array(memory.buffer).fill(0.5, a / 4);
  const begun = performance.now();
  for (let layer = 0; layer < DEPTH; ++layer) {
    new Float32Array(memory.buffer, c, WIDTH * WIDTH).fill(0); // sums are added to it
    matmul32(c, a, b, WIDTH, BATCH, WIDTH, 4 * BATCH, 4 * WIDTH, 4, 4 * BATCH, 0);
    if (layer > 0) matmul32(c, a, b, WIDTH, BATCH, WIDTH, 4 * BATCH, 4, 4 * WIDTH, 4 * BATCH, 0);
    matmul32(c, a, b, WIDTH, WIDTH, BATCH, 4 * WIDTH, 4 * BATCH, 4, 4 * WIDTH, 0);
  }
  note("matrix products alone", performance.now() - begun);
}

const rival = await tensorflow();
for (let round = 0; round < ROUNDS; ++round) {
  for (const optimizer of ["sgd", "adam"]) {
    own(optimizer);
    rival?.(optimizer);
  }
  for (let i = 0; i < 30; ++i) productsAlone();
  torch();
  console.log(`round ${round + 1} of ${ROUNDS}`);
}
for (const [name, milliseconds] of Object.entries(best)) console.log(`${name}: ${milliseconds.toFixed(2)} ms`);
for (const optimizer of ["sgd", "adam"]) {
  const step = best[`nn-init, ${optimizer}`];
  const against = Object.entries(best).filter(([name]) => name.endsWith(optimizer) && !name.startsWith("nn-init"));
  const ratios = against.map(([name, other]) => `${(other / step).toFixed(2)} times as long: ${name}`);
  const share = Math.round((100 * best["matrix products alone"]) / step);
  console.log(`${optimizer}: ${share}% of our step are matrix products; ${ratios.join("; ")}`);
}
if (process.argv.includes("--compare")) {
  const begun = performance.now();
  const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [cli, "compare"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  console.log(`nn-init compare, by default: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}
