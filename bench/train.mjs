// npm run bench:train: a training step of 6 layers of 256 units at batch 64, on one thread: nn-init, TensorFlow.js (wasm backend)
// and PyTorch, in turns; the best of many steps. Then how much of our step matrix products take: in the quickest hundredth of all
// steps, by a clock around the kernels that multiply; and the default comparison of the command. TensorFlow.js: npm ci --prefix
// bench/against. PYTHON names a Python with PyTorch.
import { spawnSync } from "node:child_process";
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

/** Milliseconds in kernels that multiply, since the last step. */
let multiplying = 0;
/** Of each of our steps: how long it took, and how much of that was spent multiplying. */
const steps = { sgd: [], adam: [] };

/** Puts a clock around the kernels that multiply, biases included, in all instances that are made from now on. */
function clockProducts() {
  const { Instance } = WebAssembly;
  const clocked = (kernel) => (a, b, c, d, e, f, g, h, i, j, k) => {
    const begun = performance.now();
    kernel(a, b, c, d, e, f, g, h, i, j, k);
    multiplying += performance.now() - begun;
  };
  WebAssembly.Instance = class {
    constructor(module, imports) {
      this.exports = { ...new Instance(module, imports).exports };
      for (const name of ["affine", "multiplyTransposed", "matmul32"]) {
        if (name in this.exports) this.exports[name] = clocked(this.exports[name]);
      }
    }
  };
  return () => {
    WebAssembly.Instance = Instance;
  };
}

function own(optimizer) {
  let before = performance.now();
  const options = {
    strategy: "he",
    optimizer,
    learningRate: 1e-4,
    steps: 8 * STEPS, // they are short beside the others'
    batch: BATCH,
    measurements: 1,
    early: false,
  };
  train({ depth: DEPTH, width: WIDTH }, data, {
    ...options,
    onStep: (step) => {
      const took = performance.now() - before;
      if (step > 1) {
        note(`nn-init, ${optimizer}`, took);
        steps[optimizer].push({ took, share: multiplying / took });
      }
      multiplying = 0;
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

/** The middle share of the quickest hundredth of our steps, which were disturbed least. */
function shareOf(optimizer) {
  const quickest = steps[optimizer].sort((a, b) => a.took - b.took).slice(0, Math.ceil(steps[optimizer].length / 100));
  const shares = quickest.map(({ share }) => share).sort((a, b) => a - b);
  return shares[Math.floor(shares.length / 2)];
}

const rival = await tensorflow();
for (let round = 0; round < ROUNDS; ++round) {
  for (const optimizer of ["sgd", "adam"]) {
    const stop = clockProducts();
    own(optimizer);
    stop();
    rival?.(optimizer);
  }
  torch();
  console.log(`round ${round + 1} of ${ROUNDS}`);
}
for (const [name, milliseconds] of Object.entries(best)) console.log(`${name}: ${milliseconds.toFixed(2)} ms`);
for (const optimizer of ["sgd", "adam"]) {
  const step = best[`nn-init, ${optimizer}`];
  const against = Object.entries(best).filter(([name]) => name.endsWith(optimizer) && !name.startsWith("nn-init"));
  const ratios = against.map(([name, other]) => `${(other / step).toFixed(2)} times as long: ${name}`);
  console.log(
    `${optimizer}: ${Math.round(100 * shareOf(optimizer))}% of our step are matrix products; ${ratios.join("; ")}`,
  );
}
if (process.argv.includes("--compare")) {
  const begun = performance.now();
  const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [cli, "compare"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  console.log(`nn-init compare, by default: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}
