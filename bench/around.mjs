// npm run bench:around [-- --runs N --folder DIR --only WORD]: what is asked around the kernels, beside what this machine takes:
// the best and the median of several runs, in turns. "Beyond Node" is without the time of `node` with an empty program, in the
// same turns. GPT-2 small is written into the folder, by default /dev/shm or the system's temporary one: 0.5 GB, and as much
// again in two files for `index`.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fill, heNormal } from "../dist/index.js";
import { measure } from "./cells.mjs";
import { median } from "./median.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const runs = Number(option("runs", 7));
const only = option("only", "");
const CLI = here("../dist/cli.js");
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const work = mkdtempSync(join(option("folder", memory), "nn-init-bench-"));
const gpt2 = join(work, "gpt2.safetensors");
const shards = join(work, "shards");

/** 70,702 tensors. */
const mixture = {
  ...{ model_type: "mixtral", hidden_size: 64, intermediate_size: 16, num_hidden_layers: 61, vocab_size: 256 },
  ...{ num_attention_heads: 4, num_key_value_heads: 4, num_local_experts: 384, num_experts_per_tok: 8 },
  ...{ tie_word_embeddings: false, architectures: ["MixtralForCausalLM"], dtype: "bfloat16" },
};

/** Seconds that a process takes. */
function node(...args) {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return (performance.now() - begun) / 1000;
}

/** Seconds to read a file once, in one thread, into memory that stays in the cache. */
function readOnce(path) {
  const buffer = new Uint8Array(2 ** 20);
  const begun = performance.now();
  const file = openSync(path, "r");
  while (readSync(file, buffer) > 0);
  closeSync(file);
  return (performance.now() - begun) / 1000;
}

const importing = `import { init } from ${JSON.stringify(here("../dist/index.js"))};`;
const first = `${importing} init([1000], { scheme: "normal", std: 1 }, { seed: 1, name: "w" });`;
const index = () => {
  rmSync(join(shards, "SHA256SUMS"));
  return node(CLI, "index", shards);
};

/** What is asked in seconds, and what takes a turn. `beyond` is taken away. */
const ROWS = {
  "import and first tensor, beyond Node": {
    asked: 0.02,
    beyond: "node",
    run: () => node("--input-type=module", "-e", first),
  },
  "nn-init lab": { asked: 0.5, run: () => node(CLI, "lab") },
  "nn-init plan, 70,702 tensors": { asked: 1.5, run: () => node(CLI, "plan", join(work, "mixture.json")) },
  "nn-init audit, GPT-2 small": { asked: 0.35, run: () => node(CLI, "audit", gpt2) },
  "nn-init audit --spectral, GPT-2 small": { asked: 4, run: () => node(CLI, "audit", gpt2, "--spectral") },
  "nn-init index, two files without hashes": { run: index },
  "reading GPT-2 small once": { run: () => readOnce(gpt2) },
  node: { run: () => node("--input-type=module", "-e", "0") },
};

try {
  writeFileSync(join(work, "mixture.json"), JSON.stringify(mixture));
  const model = here("../examples/gpt2/config.json");
  node(CLI, "init", model, "--seed", "42", "--out", gpt2);
  node(CLI, "init", model, "--seed", "42", "--out", shards, "--max-shard-size", "300MB");
  const chosen = Object.entries(ROWS).filter(([name]) => name === "node" || name.includes(only));
  const taken = Object.fromEntries(chosen.map(([name]) => [name, []]));
  for (let turn = 0; turn < runs; ++turn) for (const [name, { run }] of chosen) taken[name].push(run());

  const print = (name, best, middle, asked) => console.log(`| ${name} | ${asked ?? ""} | ${best} | ${middle} |`);
  console.log(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0].model}; ${runs} runs\n`);
  console.log("| | asked, below | best | median |\n|---|---|---|---|");
  for (const [name, { asked, beyond }] of chosen) {
    const less = beyond === undefined ? () => 0 : (of) => of(taken[beyond]);
    const best = (list) => Math.min(...list);
    const [quick, middle] = [best, median].map((of) => `${(of(taken[name]) - less(of)).toFixed(3)} s`);
    print(name, quick, middle, asked && `${asked} s`);
  }
  if ("64 values".includes(only)) {
    const array = new Float32Array(64);
    const call = () => fill(array, [8, 8], heNormal(), { seed: 1, name: "w" });
    const { one } = await measure({ one: call }, { rounds: 20 });
    const text = (seconds) => `${(1e6 * seconds).toFixed(2)} us`;
    print("64 values, with the scheme made in the call", text(one.best), text(one.median), "0.6 us");
  }
} finally {
  rmSync(work, { recursive: true });
}
