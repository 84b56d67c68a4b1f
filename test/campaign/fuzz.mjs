// Readers of bytes and of JSON, on inputs that are changed at random. An input that gets an answer of a new kind is kept, and
// changed further: so the corpus grows towards what no input has reached. It is kept with the results, and tried first.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGgufHeader, parseNpyHeader, readNpz, readSafetensors } from "../../dist/checkpoint.js";
import { modelOf, parsePlan, planModel } from "../../dist/model.js";
import { readOnnx } from "../../dist/onnx.js";
import { random } from "../faults/command.mjs";
import { importSource } from "./inside.mjs";
import { PRODUCT } from "./rests.mjs";
import { root } from "./script.mjs";
import { STATE } from "./state.mjs";

const SECONDS = 60; // of a unit
const SLOW = 2_000_000; // microseconds of the processor for one input: a clock counts what other programs take
const MOST_KEPT = 2000; // inputs of a reader
const LARGEST = 65_536; // bytes of an input
const FRONT = 2048; // bytes in which most changes are made: headers

/** Of errors that the engine throws where the library has not looked. */
const NATIVE =
  /Cannot (read|set|convert|mix|destructure)|is not (a function|iterable|defined|a constructor)|Maximum call stack|Invalid (typed )?array length|outside the bounds|out of bounds|Array buffer allocation|invalid array|Unexpected (token|end)|Invalid string length|Invalid time/i;

const json = (bytes) => JSON.parse(Buffer.from(bytes).toString());
const GPT2 = { model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10 };
const PLAN = {
  rules: [
    { match: "*.weight", scheme: "normal", std: "0.02 / sqrt(2 * n_layer)" },
    { match: "*", scheme: "zeros" },
  ],
};

/** What reads an input; and an input that is right. `isText`: it is changed as JSON, and what is no JSON is not asked. */
const READERS = {
  safetensors: { read: readSafetensors, first: () => made("safetensors") },
  gguf: { read: parseGgufHeader, first: () => made("gguf") },
  npz: { read: readNpz, first: () => made("npz") },
  npy: { read: parseNpyHeader, first: npy },
  onnx: { read: readOnnx, first: onnx },
  plan: {
    read: (bytes) => planModel(modelOf(GPT2), parsePlan(json(bytes))),
    first: () => Buffer.from(JSON.stringify(PLAN)),
    isText: true,
  },
  config: { read: (bytes) => modelOf(json(bytes)), first: () => Buffer.from(JSON.stringify(GPT2)), isText: true },
};

/** A tiny model of the command in a format. */
function made(format) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-fuzz-"));
  try {
    const sizes = ["--set", "n_embd=8", "--set", "n_layer=1", "--set", "n_positions=8"];
    const args = [
      join(root, "dist/cli.js"),
      "tiny",
      "gpt2",
      "--out",
      folder,
      "--seed",
      "1",
      "--format",
      format,
      ...sizes,
      "--force",
    ];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(join(folder, `model.${format}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onnx() {
  const { ints, model, node, tensor } = await importSource('export * from "./test/onnx/proto.ts";');
  const nodes = [node("Conv", ["x", "w", "b"], ["a"], { group: 2 }), node("Reshape", ["a", "shape"], ["y"])];
  return Buffer.from(model({ nodes, tensors: [tensor("w", [8, 2, 3]), tensor("b", [8]), ints("shape", [0, -1])] }));
}

function npy() {
  const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }".padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from("934e554d5059010076 00".replaceAll(" ", ""), "hex"),
    Buffer.from(header),
    Buffer.alloc(60),
  ]);
}

const TOKENS = [
  "null",
  "-1",
  "0",
  "1e400",
  "1e308",
  "9007199254740993",
  '""',
  "[]",
  "{}",
  "true",
  '"__proto__"',
  "[[[[]]]]",
  '"1/0"',
  '"\\ud800"',
  '"a".*',
];
const BYTES = [0, 1, 0x7f, 0x80, 0xff];

function changeBytes(input, other, int) {
  let bytes = input.subarray(0, LARGEST);
  for (let k = 1 + int(4); k > 0; k--) {
    const end = bytes.length + 1;
    const at = int(int(4) > 0 ? Math.min(FRONT, end) : end);
    const [gone, put] = changeAt(bytes, at, other, int);
    bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + gone)]);
  }
  return bytes.subarray(0, LARGEST);
}

/** How many bytes go, and which come. */
function changeAt(bytes, at, other, int) {
  const extreme = () => BYTES[int(BYTES.length)];
  const kind = int(6);
  if (kind === 0) return [1 + int(8), []];
  if (kind === 1) return [0, Array.from({ length: 1 + int(8) }, () => int(256))];
  if (kind === 2) return [1, [extreme()]];
  if (kind === 3) return [1, [(bytes[at] ?? 0) ^ (1 << int(8))]];
  if (kind === 4) return [8, Array.from({ length: 8 }, extreme)];
  return [bytes.length, other.subarray(int(other.length + 1), LARGEST)];
}

function changeText(input, other, int) {
  let text = input.toString();
  for (let k = 1 + int(3); k > 0; k--) {
    const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|\[\]|\{\}/g)];
    const one = values[int(values.length)];
    if (one === undefined) break;
    const others = [...other.toString().matchAll(/"(?:[^"\\]|\\.)*"|-?\d+/g)].map(([word]) => word);
    const by = int(2) === 0 || others.length === 0 ? TOKENS[int(TOKENS.length)] : others[int(others.length)];
    text = text.slice(0, one.index) + by + text.slice(one.index + one[0].length);
  }
  return Buffer.from(text.slice(0, LARGEST));
}

/** What is said of an input, without what differs from input to input. */
const kindOf = (error) =>
  error === undefined
    ? "accepted"
    : `${error.constructor.name} ${error.message.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.,e+]*/g, "#").slice(0, 160)}`;

async function answer(read, input) {
  const begun = process.cpuUsage();
  let error;
  try {
    await read(input);
  } catch (caught) {
    error = caught;
  }
  const { user, system } = process.cpuUsage(begun);
  if (user + system > SLOW) return { kind: "slow", fault: `it takes ${(user + system) / 1000} ms of the processor` };
  const isOwn = error === undefined || (error instanceof Error && !NATIVE.test(error.message));
  return { kind: kindOf(error), ...(!isOwn && { fault: String(error?.stack ?? error).slice(0, 500) }) };
}

const isJson = (input) => {
  try {
    json(input);
    return true;
  } catch {
    return false;
  }
};

async function fuzz(name, seed) {
  const { read, first, isText } = READERS[name];
  const folder = join(STATE, "corpus", name);
  mkdirSync(folder, { recursive: true });
  const corpus = [];
  const kinds = new Set();
  const failures = [];
  let count = 0;
  const attempt = async (input) => {
    const { kind, fault } = await answer(read, input);
    count += 1;
    if (kinds.has(kind)) return;
    kinds.add(kind);
    corpus.push(input);
    const path = join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16));
    if ((corpus.length < MOST_KEPT || fault !== undefined) && !existsSync(path)) writeFileSync(path, input);
    if (fault !== undefined) failures.push(`${path}: ${fault}`);
  };
  await attempt(await first());
  if (!kinds.has("accepted")) failures.push(`the first input is refused: ${[...kinds]}`);
  for (const file of readdirSync(folder).sort()) await attempt(readFileSync(join(folder, file)));
  const next = random(seed);
  const int = (n) => Math.floor(next() * n);
  const change = isText ? changeText : changeBytes;
  const limit = performance.now() + SECONDS * 1000;
  while (performance.now() < limit && failures.length < 20) {
    const input = change(corpus[int(corpus.length)], corpus[int(corpus.length)], int);
    if (!isText || isJson(input)) await attempt(input);
  }
  return { count, failures, absent: [] };
}

const RESTS = [...PRODUCT, "test/campaign/fuzz.mjs", "test/faults/command.mjs", "test/onnx/proto.ts"];

export const fuzzing = {
  name: "fuzzers",
  promise:
    "readers of files, plans and configs refuse whatever they are given in their own words, within two seconds; the corpus is kept",
  units: Object.keys(READERS).map((name) => ({ name, of: "inputs", rests: RESTS, run: (seed) => fuzz(name, seed) })),
};
