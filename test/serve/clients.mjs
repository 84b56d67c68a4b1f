// Clients that know nothing of nn-init, against the command: what arrives has the SHA-256 of the file that `init` writes.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debian } from "../debian.mjs";
import { python } from "./python.mjs";
import { listening } from "./servers.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const CLI = join(root, "dist/cli.js");
const REVISION = "seed-42";
const GPT2_SHA256 = "fc6bfc3fc7f5009d0324cd281d16be2b37f7602e9aadcb2d44a02754b576f0a6"; // examples/gpt2, seed 42

const heads = { num_attention_heads: 4, num_hidden_layers: 2, hidden_size: 64, intermediate_size: 128 };
const language = { ...heads, vocab_size: 200, max_position_embeddings: 64 };
const labels = { id2label: { 0: "a", 1: "b" }, label2id: { a: 0, b: 1 } };

/** A small model of some families, which transformers loads. `large` is for downloads in parts. */
// biome-ignore format: one model, one line
const CONFIGS = {
  gpt2: { model_type: "gpt2", architectures: ["GPT2LMHeadModel"], n_layer: 2, n_embd: 64, n_head: 4, n_positions: 32, vocab_size: 100, bos_token_id: 99, eos_token_id: 99 },
  llama: { model_type: "llama", architectures: ["LlamaForCausalLM"], ...language, num_key_value_heads: 2 },
  mixtral: { model_type: "mixtral", architectures: ["MixtralForCausalLM"], ...language, num_key_value_heads: 2, num_local_experts: 4 },
  bert: { model_type: "bert", architectures: ["BertForMaskedLM"], ...language, type_vocab_size: 2, pad_token_id: 0 },
  vit: { model_type: "vit", architectures: ["ViTForImageClassification"], ...heads, image_size: 32, patch_size: 8, ...labels },
  resnet: { model_type: "resnet", architectures: ["ResNetForImageClassification"], layer_type: "bottleneck", embedding_size: 16, hidden_sizes: [16, 32], depths: [1, 2], ...labels },
  large: { model_type: "gpt2", architectures: ["GPT2LMHeadModel"], n_layer: 4, n_embd: 512, n_head: 8, n_positions: 512, vocab_size: 8000 },
};

const execute = promisify(execFile);

/** What a program says on its standard output; undefined where it is not installed. */
async function run(program, args, options = {}) {
  try {
    return (await execute(program, args, { maxBuffer: 2 ** 26, timeout: 300_000, ...options })).stdout;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw new Error(`${program}: ${error.stderr || error.message}`);
  }
}

async function sha256(path) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

function equal(what, got, expected) {
  if (got !== expected) throw new Error(`${what}: expected ${expected}, got ${got}`);
}

/** The configs, and the files that `init` writes for them; by name, path and SHA-256. */
async function written(folder) {
  const files = {};
  for (const [name, config] of Object.entries(CONFIGS)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "config.json"), JSON.stringify(config));
    const path = join(folder, name, "model.safetensors");
    await run(process.execPath, [CLI, "init", join(folder, name, "config.json"), "--seed", "42", "--out", path]);
    files[name] = { path, sha256: await sha256(path), bytes: readFileSync(path).length };
  }
  return files;
}

const urlOf = (origin, name) => `${origin}/nn-init/${name}/resolve/${REVISION}/model.safetensors`;
const firstLine = (text) => text?.split("\n")[0];

async function curl({ origin, folder, files }) {
  const version = firstLine(await run("curl", ["--version"]));
  if (version === undefined) return undefined;
  const { sha256: expected, bytes } = files.large;
  const url = urlOf(origin, "large");
  const get = (...args) => run("curl", ["-sSf", ...args], { cwd: folder });

  await get("-o", "whole", url);
  equal("the whole", await sha256(join(folder, "whole")), expected);

  await get("-r", "0-12345677", "-o", "resumed", url);
  await get("-C", "-", "-o", "resumed", url);
  equal("resumed", await sha256(join(folder, "resumed")), expected);

  const parts = Array.from({ length: 8 }, (_, i) => [Math.floor((i * bytes) / 8), Math.floor(((i + 1) * bytes) / 8)]);
  const args = parts.flatMap(([begin, end], i) => [
    ...(i === 0 ? ["-Z"] : ["--next", "-sSf"]),
    ...["-r", `${begin}-${end - 1}`, "-o", `part${i}`, url],
  ]);
  await get(...args);
  const hash = createHash("sha256");
  for (const i of parts.keys()) hash.update(readFileSync(join(folder, `part${i}`)));
  equal("8 ranges in parallel", hash.digest("hex"), expected);

  await get("-o", "gpt2.safetensors", `${origin}/nn-init/gpt2-small/resolve/${REVISION}/model.safetensors`);
  equal("GPT-2 whole", await sha256(join(folder, "gpt2.safetensors")), GPT2_SHA256);
  return `${version.split(" ").slice(0, 2).join(" ")}: whole, resumed, 8 ranges in parallel, GPT-2`;
}

async function aria2c({ origin, folder, files }) {
  debian(["aria2"], "aria2c");
  const version = firstLine(await run("aria2c", ["--version"]));
  const args = ["-x", "8", "-s", "8", "-k", "1M", "-q", "--allow-overwrite=true", "-d", folder, "-o", "aria"];
  await run("aria2c", [...args, urlOf(origin, "large")]);
  equal("8 connections", await sha256(join(folder, "aria")), files.large.sha256);
  return `${version}: 8 connections`;
}

async function hub({ origin, folder, files }) {
  const { downloadFile, fileDownloadInfo, listFiles, parseSafetensorsMetadata, snapshotDownload } = await import(
    "@huggingface/hub"
  );
  const repo = "nn-init/large";
  const from = { repo, revision: REVISION, hubUrl: origin };
  const info = await fileDownloadInfo({ ...from, path: "model.safetensors" });
  equal("size", info?.size, files.large.bytes);
  const blob = await downloadFile({ ...from, path: "model.safetensors" });
  const hash = createHash("sha256");
  for await (const chunk of blob.stream()) hash.update(chunk);
  equal("downloadFile", hash.digest("hex"), files.large.sha256);
  const slice = Buffer.from(await blob.slice(1e7, 1e7 + 1000).arrayBuffer());
  equal("a slice", slice.compare(readFileSync(files.large.path).subarray(1e7, 1e7 + 1000)), 0);
  const { header } = await parseSafetensorsMetadata({ ...from, path: "model.safetensors" });
  equal("tensors", Object.keys(header).length, 1 + 4 * 12 + 4);
  const paths = [];
  for await (const { path } of listFiles(from)) paths.push(path);
  equal("listFiles", paths.join(), "config.json,generation_config.json,model.safetensors");
  const snapshot = await snapshotDownload({ ...from, cacheDir: join(folder, "hub-js") });
  equal("snapshotDownload", await sha256(join(snapshot, "model.safetensors")), files.large.sha256);
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/@huggingface/hub/package.json"), "utf8"));
  return `${version}: information, list, download, slice, metadata, snapshot`;
}

async function transformersJs({ origin }) {
  const require = createRequire(join(here, "package.json"));
  const { AutoConfig, env } = await import(require.resolve("@huggingface/transformers"));
  Object.assign(env, { remoteHost: origin, allowLocalModels: false, useFSCache: false });
  const config = await AutoConfig.from_pretrained("nn-init/bert", { revision: REVISION });
  equal("model_type", config.model_type, "bert");
  equal("hidden_size", config.hidden_size, 64);
  return `${env.version}: config.json`;
}

/** Python's clients, each a function of clients.py. */
const inPython = (name) => async (context) => {
  const program = await python();
  if (program === undefined) return undefined;
  const { origin, folder, families } = context;
  const environment = { HF_ENDPOINT: origin, HF_HOME: mkdtempSync(join(folder, "hf-")), HF_HUB_DISABLE_TELEMETRY: "1" };
  const args = [join(here, "clients.py"), name, folder, ...families];
  const said = await run(program, args, { env: { ...process.env, ...environment } });
  return said?.trim();
};

const CLIENTS = {
  curl,
  aria2c,
  "@huggingface/hub": hub,
  "transformers.js": transformersJs,
  huggingface_hub: inPython("hub"),
  "hf download": inPython("command"),
  transformers: inPython("transformers"),
  "safetensors by fsspec": inPython("fsspec"),
};

/** Runs every client by `check(name, run)`. */
export async function clients(check) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-clients-"));
  const files = await written(folder);
  const models = Object.keys(CONFIGS).map((name) => `nn-init/${name}=${join(folder, name)}`);
  const gpt2 = `nn-init/gpt2-small=${join(root, "examples/gpt2/config.json")}`;
  const command = (_, port) => [process.execPath, CLI, "serve", ...models, gpt2, "--port", port];
  const server = await listening(command, folder);
  const families = Object.keys(CONFIGS).filter((name) => name !== "large");
  try {
    for (const [name, client] of Object.entries(CLIENTS)) {
      await check(name, () => client({ origin: server.origin, folder, files, families }));
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
