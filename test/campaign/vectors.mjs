// Vectors that other libraries made, made again by their generators and compared, line by line.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pythonWith } from "../python.mjs";
import { Absent } from "../report.mjs";
import { COMMON, PRODUCT } from "./rests.mjs";
import { root, runCheck } from "./script.mjs";

const MODELS = join(root, "test/models/requirements.txt"); // PyTorch and transformers
const OTHERS = join(root, "test/campaign/requirements.txt"); // mpmath, huggingface_hub, JAX and Keras

/** Files of test/vectors by the packages that make them. Lines that begin with # name versions and are not compared. */
const FILES = {
  "pytorch.txt": MODELS,
  "pytorch_defaults.txt": MODELS,
  "pytorch_structured.txt": MODELS,
  "training.json": MODELS,
  "normal64.txt": OTHERS,
  "gains.txt": OTHERS,
  "functions.txt": OTHERS,
  "shards.txt": OTHERS,
};

const python = (requirements) => {
  const program = pythonWith(requirements, requirements === MODELS ? "models" : "campaign");
  if (program === undefined) throw new Absent("there is no Python 3 with venv");
  return program;
};

const linesOf = (text) =>
  text
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("#"));

function again(file, requirements) {
  return {
    name: file,
    of: "lines",
    rests: [
      "test/vectors",
      "test/campaign/vectors.mjs",
      "test/campaign/requirements.txt",
      "test/models/requirements.txt",
    ],
    async run() {
      const script = join(root, "test/vectors", file.replace(/\.\w+$/, ".py"));
      const { status, stdout, stderr } = spawnSync(python(requirements), [script], {
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      });
      if (status !== 0) throw new Error(stderr.slice(-1500));
      const [kept, made] = [readFileSync(join(root, "test/vectors", file), "utf8"), stdout].map(linesOf);
      const different = kept.flatMap((line, i) =>
        line === made[i] ? [] : [`line ${i + 1}: ${String(made[i]).slice(0, 200)}`],
      );
      if (made.length !== kept.length) different.push(`${made.length} lines, not ${kept.length}`);
      return { count: kept.length, failures: different.slice(0, 20), absent: [] };
    },
  };
}

/** What JAX and Keras draw, against what `resolve` says of the scheme of that name. */
const peer = (name) => ({
  name,
  of: "checks",
  rests: [...PRODUCT, ...COMMON, "test/campaign/peers.mjs", "test/campaign/peers.py", "test/campaign/requirements.txt"],
  run: () => runCheck("test/campaign/peers.mjs", [name], { seconds: 3600, env: { PEERS: python(OTHERS) } }),
});

export const vectors = {
  name: "peers",
  promise: "PyTorch, JAX, Keras, mpmath and huggingface_hub make today what the vectors and the schemes say",
  units: [
    ...Object.entries(FILES).map(([file, requirements]) => again(file, requirements)),
    ...["jax", "keras"].map(peer),
  ],
};
