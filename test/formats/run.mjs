// npm run check:formats: tiny models of every family in transformers, and the formats in the programs that read them: NumPy,
// llama.cpp (node-llama-cpp), the GGUF readers of Hugging Face and ggml, a reading of llm.c's layout. Names of parts run these
// only: tiny, npz, large, gguf, llama, llmc. LARGE=1 adds an archive above 4 GiB. PYTHON= names a Python that has requirements.txt, NODE_PACKAGES= a folder in which
// package.json is installed; both are installed outside of the repository otherwise. Exits with 1 on anything wrong. What is
// not installed is said, and counted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MODEL_TYPES } from "../../dist/model.js";
import { installed } from "../install.mjs";
import { pythonWith } from "../python.mjs";
import { Absent, askedParts, reporter } from "../report.mjs";
import { CASES, planOf } from "./cases.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "nn-init-formats-"));
const TOKENS = "5,9,70,3,258,41,41,200,17,99,120,64";
/** Between logarithms of probabilities, which differ as logits do. Single precision alone makes a few millionths. */
const TOLERANCE = 1e-4;
const GELU_TOLERANCE = 1e-3;

const { check, end, say } = reporter((error) => error.message.slice(0, 2000));

const memo = (make) => {
  let made;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const python = memo(() => pythonWith(join(here, "requirements.txt"), "formats"));

const packages = memo(() =>
  installed({ manifest: join(here, "package.json"), name: "formats", given: process.env.NODE_PACKAGES }),
);

/** What readers.py prints, by its arguments. */
function readers(command, ...given) {
  const program = python();
  if (program === undefined) throw new Absent("there is no Python 3 with venv");
  const args = [join(here, "readers.py"), command, ...given];
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (/ModuleNotFoundError/.test(stderr ?? "") && status !== 0) throw new Absent(stderr.trim().split("\n").at(-1));
  if (status !== 0) throw new Error(`readers.py ${command}: ${stderr}`);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return new Map(lines.map((line) => [line.argument, line]));
}

/** @throws Absent where a package is not there, else Error. */
function failOn(error) {
  if (/^ModuleNotFoundError/.test(error ?? "")) throw new Absent(error);
  if (error !== undefined) throw new Error(error);
}

function nnInit(...args) {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args, "--json"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`nn-init ${args.join(" ")}: ${stderr.trim()}`);
}

/** A tiny model in a folder of its own, as safetensors, and as a file of another format beside it. */
function tiny(name, family, { format, dtype = "f32", set = {}, sizes = {}, plan = true, std } = {}) {
  const folder = join(place, name);
  const args = ["tiny", family, "--out", folder, "--seed", "7", "--dtype", dtype, "--force"];
  for (const [field, value] of Object.entries(set)) args.push("--set", `${field}=${JSON.stringify(value)}`);
  for (const [size, value] of Object.entries(sizes)) args.push(`--${size}`, String(value));
  if (plan) args.push("--plan", planFile(std));
  nnInit(...args);
  if (format !== undefined) nnInit(...args, "--format", format);
  return folder;
}

/** A file with the plan of a std. */
function planFile(std) {
  const path = join(place, `plan-${std}.json`);
  writeFileSync(path, JSON.stringify(planOf(std)));
  return path;
}

const pairOf = (folder, format) => `${join(folder, `model.${format}`)}=${join(folder, "model.safetensors")}`;

async function everyFamily() {
  const folders = new Map();
  for (const family of MODEL_TYPES) {
    try {
      folders.set(family, tiny(`tiny-${family}`, family, { plan: false }));
    } catch (error) {
      say("failed", `tiny ${family}`, error.message);
    }
  }
  const found = readers("load", ...folders.values());
  for (const [family, folder] of folders) {
    await check(`tiny ${family}`, () => {
      const { error, class: kind, wrong, finite } = found.get(folder) ?? { error: "no answer" };
      failOn(error);
      if (Object.keys(wrong).length > 0) throw new Error(JSON.stringify(wrong));
      if (!finite) throw new Error("its outputs are not finite");
      return `${kind} loads strictly, its outputs are finite`;
    });
  }
}

async function npz() {
  const folders = [
    tiny("npz-llama", "llama", { format: "npz" }),
    tiny("npz-f16", "gpt2", { format: "npz", dtype: "f16" }),
  ];
  folders.push(tiny("npz-bert", "bert", { format: "npz", dtype: "f64" }));
  const found = readers("npz", ...folders.map((folder) => pairOf(folder, "npz")));
  for (const [argument, { error, count, missing, different }] of found) {
    await check(`npz in NumPy ${argument.split("=")[0].split("/").at(-2)}`, () => {
      failOn(error);
      if (count === 0 || missing.length + different.length > 0)
        throw new Error(JSON.stringify({ count, missing, different }));
      return `${count} arrays equal those of the safetensors file, bit for bit`;
    });
  }
}

/** An archive above 4 GiB, and a tensor that begins there. */
async function large() {
  if (!process.env.LARGE) throw new Absent("LARGE=1 writes 4.4 GB for it");
  const model = join(place, "large.json");
  const path = join(place, "large.npz");
  const tensors = [
    { name: "a", shape: [1_100_000_000], scheme: "uniform", low: 0, high: 1 },
    { name: "b", shape: [3, 5], scheme: "ones" },
  ];
  writeFileSync(model, JSON.stringify(tensors));
  nnInit("init", model, "--seed", "1", "--out", path);
  const { error, ...found } = readers("zip", path).get(path);
  rmSync(path);
  if (error !== undefined) throw new Error(error);
  const [first, second] = found.sizes;
  const isRight = first === 4_400_000_128 && second === 188 && found.offsets[1] > 2 ** 32 && found.broken === null;
  if (!isRight || JSON.stringify(found.last) !== '[[3,5],"float32",15]') throw new Error(JSON.stringify(found));
  say("passed", "npz above 4 GiB", "checksums and offsets are right in Python's zipfile and NumPy");
}

/** Models as GGUF files, made once for the parts that read them. */
const ggufs = memo(() =>
  CASES.filter(({ family }) => MODEL_TYPES.includes(family)).map(({ name, family, ...options }) => ({
    name,
    ...options,
    folder: tiny(`gguf-${name}`, family, { ...options, format: "gguf" }),
  })),
);

async function gguf() {
  const { gguf: parse } = await import(
    pathToFileURL(join(packages(), "node_modules/@huggingface/gguf/dist/index.mjs")).href
  );
  const models = ggufs();
  let found;
  try {
    found = readers("gguf", ...models.map(({ folder }) => pairOf(folder, "gguf")));
  } catch (error) {
    say(error instanceof Absent ? "absent" : "failed", "gguf in Python", error.message);
  }
  for (const { name, folder } of models) {
    await check(`gguf ${name}`, async () => {
      const path = join(folder, "model.gguf");
      const { metadata, tensorInfos } = await parse(path, { allowLocalFile: true });
      if (metadata["tokenizer.ggml.tokens"].length !== metadata[`${metadata["general.architecture"]}.vocab_size`]) {
        throw new Error("the tokenizer has another number of tokens");
      }
      const other = found?.get(pairOf(folder, "gguf"));
      if (found === undefined) return `${tensorInfos.length} tensors in @huggingface/gguf`;
      failOn(other.error);
      const { architecture, tensors, elements, expected, finite, same, placeholder } = other;
      const isSame = architecture === metadata["general.architecture"] && tensors === tensorInfos.length;
      if (!isSame || !finite || !same || !placeholder || elements < expected) throw new Error(JSON.stringify(other));
      return `${architecture}, ${tensors} tensors, in @huggingface/gguf and Python's gguf`;
    });
  }
}

async function llama() {
  const models = ggufs().filter(({ dtype = "f32" }) => dtype === "f32");
  const expected = readers("logits", TOKENS, ...models.map(({ folder }) => folder));
  for (const { name, folder, gelu } of models) {
    await check(`llama.cpp ${name}`, () => {
      const args = [join(here, "llama.mjs"), packages(), TOKENS, join(folder, "model.gguf")];
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
      const line = stdout.split("\n").find((text) => text.startsWith('{"file"'));
      if (status !== 0 || line === undefined) throw new Error(`llama.cpp: ${status} ${stderr.trim().slice(-1500)}`);
      const { rows, text } = JSON.parse(line);
      if (text !== "Weights, \u00e9\n")
        throw new Error(`the placeholder gives the text back as ${JSON.stringify(text)}`);
      const { rows: others, error, wrong } = expected.get(folder);
      if (error !== undefined || Object.keys(wrong).length > 0) throw new Error(error ?? JSON.stringify(wrong));
      const { most, range } = distance(rows, others);
      if (!(most <= (gelu ? GELU_TOLERANCE : TOLERANCE)))
        throw new Error(`logits differ by ${most}, their range is ${range}`);
      if (!(range > 1)) throw new Error(`logits say nothing: their range is ${range}`);
      return `logits equal transformers' within ${most.toExponential(1)}, their range is ${range.toFixed(1)}`;
    });
  }
}

/** The largest difference of two tables, and the range of the second. */
function distance(rows, others) {
  if (rows.length !== others.length) return { most: Number.NaN, range: 0 };
  let [most, range] = [0, 0];
  for (const [i, other] of others.entries()) {
    range = Math.max(range, Math.max(...other) - Math.min(...other));
    for (const [token, value] of other.entries()) {
      const difference = Math.abs(value - (rows[i][token] ?? Number.NaN));
      most = difference <= most ? most : difference;
    }
  }
  return { most, range };
}

async function llmc() {
  const folders = [
    tiny("llmc", "gpt2", { format: "bin" }),
    tiny("llmc-bf16", "gpt2", { format: "bin", dtype: "bf16" }),
  ];
  const found = readers("llmc", ...folders.map((folder) => pairOf(folder, "bin")));
  for (const [argument, { error, version, different, rest }] of found) {
    await check(`llm.c ${argument.split("/").at(-2)}`, () => {
      failOn(error);
      if (different.length > 0 || rest !== 0) throw new Error(JSON.stringify({ different, rest }));
      return `version ${version} has the tensors of the safetensors file, in llm.c's layout`;
    });
  }
}

const PARTS = { tiny: everyFamily, npz, large, gguf, llama, llmc };

const asked = askedParts(Object.keys(PARTS));
for (const { name, family } of CASES) {
  if (!MODEL_TYPES.includes(family)) say("absent", name, `there is no family ${family}`);
}
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  try {
    await part();
  } catch (error) {
    say(error instanceof Absent ? "absent" : "failed", name, error.message.slice(0, 3000));
  }
}
rmSync(place, { recursive: true, force: true });
end();
