// npm run check:onnx: real models, made by others (npm and PyPI packages) and by PyTorch's two exporters, initialized again by
// the command, checked by onnx.checker, compared with what they were, audited, and run in onnxruntime-node and onnxruntime-web.
// Names of models run these only; "large" is one with 6.5 GB of data beside it. PYTHON= names a Python that has requirements.txt, NODE_PACKAGES= a folder in which
// package.json is installed, MODELS= one with the packages of models.txt; all are installed outside of the repository otherwise.
// Exits with 1 on anything wrong, and where fewer than 12 models have passed, or fewer than five of others. What is not
// installed is said, and counted.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readOnnx } from "../../dist/onnx.js";
import { installed } from "../install.mjs";
import { pythonWith } from "../python.mjs";
import { askedParts, reporter } from "../report.mjs";
import { checkLarge } from "./large.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "nn-init-onnx-"));
const wanted = askedParts();
const { counts, end, say } = reporter();
let others = 0;

const packages = installed({
  manifest: join(here, "package.json"),
  name: "onnx-packages",
  given: process.env.NODE_PACKAGES,
});
const python = pythonWith(join(here, "requirements.txt"), "onnx");
if (python === undefined) throw new Error("there is no Python 3 with venv, which exports and checks the models");
const wheels = installed({
  manifest: join(here, "models.txt"),
  name: "onnx-models",
  given: process.env.MODELS,
  install: (folder) => {
    const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", folder];
    execFileSync(python, [...pip, "-r", join(folder, "models.txt")], { stdio: "inherit" });
  },
});

/** Models of others: the folder they are in, their path, and the lengths of their inputs' axes that are not fixed. */
const VAD = join(packages, "node_modules/@ricky0123/vad-web/dist");
const site = execFileSync(python, ["-c", "import onnx, os; print(os.path.dirname(onnx.__file__))"], {
  encoding: "utf8",
}).trim();
const LIGHT = join(site, "backend/test/data/light");
const OTHERS = [
  [join(VAD, "silero_vad_legacy.onnx"), { input: [1, 1536], sr: [], h: [2, 1, 64], c: [2, 1, 64] }],
  [join(VAD, "silero_vad_v5.onnx"), { input: [1, 512], state: [2, 1, 128], sr: [] }],
  [join(wheels, "silero_vad/data/silero_vad_16k_op15.onnx"), { input: [1, 576], state: [2, 1, 128], sr: [] }],
  [join(wheels, "silero_vad/data/silero_vad_op18_ifless.onnx"), { input: [1, 576], state: [2, 1, 128], sr: [] }],
  [join(wheels, "magika/models/standard_v3_3/model.onnx"), { bytes: [1, 2048] }],
  [join(wheels, "rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx"), { x: [1, 3, 48, 192] }],
  [join(wheels, "rapidocr/models/PP-OCRv6_det_small.onnx"), { x: [1, 3, 64, 64] }],
  [join(wheels, "rapidocr/models/PP-OCRv6_rec_small.onnx"), { x: [1, 3, 48, 160] }],
  [join(wheels, "piper/tashkeel/model.onnx"), { char_inputs: [1, 12], diac_inputs: [1, 12], input_lengths: [1] }],
  [join(wheels, "piper/hebrew/nakdimon.onnx"), { input_1: [1, 20] }],
  [join(LIGHT, "light_resnet50.onnx"), {}],
  [join(LIGHT, "light_shufflenet.onnx"), {}],
  [join(LIGHT, "light_densenet121.onnx"), {}],
  [join(LIGHT, "light_inception_v1.onnx"), {}],
];

/** Their statistics are constants that overflow beside other weights, so a plan speaks of them. */
const STATISTICS = {
  rules: ["rm", "mean", "riv", "var"].map((ending, i) => ({
    ...{ match: `*_${ending}_0`, role: "buffer", optional: true },
    scheme: i < 2 ? "zeros" : "ones",
  })),
};

function nnInit(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`nn-init ${args.join(" ")}: ${stderr.trim()}${stdout.slice(0, 1000)}`);
  return JSON.parse(stdout);
}

/** Initializes a model again, and holds everything that is promised of it. */
async function checkModel(name, path, feeds) {
  const folder = join(place, name);
  mkdirSync(folder, { recursive: true });
  const out = join(folder, basename(path));
  const plan = join(folder, "plan.json");
  const rules = join(folder, "rules.json");
  writeFileSync(rules, JSON.stringify(STATISTICS));
  const by = name.startsWith("light_") ? ["--plan", rules] : [];
  writeFileSync(plan, JSON.stringify(nnInit("plan", path, ...by, "--json")));
  const report = nnInit("init", path, ...by, "--seed", "42", "--out", out, "--json");
  const audit = nnInit("audit", out, ...by, "--json");
  const drawn = audit.tensors.filter(({ distributions }) => distributions.some(({ kind }) => kind !== "constant"));
  if (audit.verdict !== "ok" || drawn.length < 3)
    throw new Error(`audit: ${audit.verdict}, ${drawn.length} drawn tensors`);
  const bytes = await compareBytes(path, out, report);
  const { status, stdout, stderr } = spawnSync(python, [join(here, "check.py"), path, out, plan], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.trim().split("\n").slice(-3).join(" "));
  const compared = JSON.parse(stdout);
  const ran = [];
  for (const [engine, load] of Object.entries(ENGINES)) ran.push(await runs(engine, await load(), path, out, feeds));
  rmSync(folder, { recursive: true });
  const rewritten = report.rewritten.length > 0 ? `, ${report.rewritten.length} written anew` : "";
  return `${report.tensors} tensors (${drawn.length} random, ${compared.changed} changed${rewritten}), ${report.left.length} left, ${bytes}; ${ran.join(", ")}`;
}

/** Every byte outside of the weights is what it was, in the model and in the files beside it. */
async function compareBytes(path, out, { rewritten, tensors }) {
  if (rewritten.length > 0) return "fields compared"; // by check.py
  const external = (location) => readFileSync(join(dirname(path), location));
  const model = await readOnnx(readFileSync(path), { external });
  const names = new Set(model.tensors.map((tensor) => tensor.name));
  if (names.size !== tensors) throw new Error(`${names.size} weights, ${tensors} drawn`);
  let kept = 0;
  for (const location of new Set([...model.places.values()].map((one) => one.location).concat(""))) {
    const before = readFileSync(location === "" ? path : join(dirname(path), location));
    const after = readFileSync(location === "" ? out : join(dirname(out), location));
    if (before.length !== after.length) throw new Error(`${location}: ${before.length} bytes became ${after.length}`);
    kept += before.length;
    for (const [name, { location: in_, begin, end }] of model.places) {
      if (in_ !== location || !names.has(name)) continue;
      before.fill(0, begin, end);
      after.fill(0, begin, end);
      kept -= end - begin;
    }
    if (!before.equals(after)) throw new Error(`${location}: bytes outside of the weights differ`);
  }
  return `${kept} other bytes equal`;
}

const require_ = createRequire(join(packages, "package.json"));
const imported = (name) => import(pathToFileURL(require_.resolve(name)));

const ENGINES = {
  node: async () => {
    const ort = await imported("onnxruntime-node");
    return ort.default ?? ort;
  },
  web: async () => {
    const ort = await imported("onnxruntime-web");
    ort.env.wasm.numThreads = 1;
    return ort;
  },
};

const INTEGERS = { int64: BigInt64Array, int32: Int32Array, bool: Uint8Array };

function feedOf(ort, { name, type, shape }, lengths) {
  const dims = lengths ?? shape.map((length) => (typeof length === "number" && length > 0 ? length : 1));
  const size = dims.reduce((all, length) => all * length, 1);
  if (name === "sr") return new ort.Tensor("int64", [16000n], dims);
  if (name === "input_lengths") return new ort.Tensor("int64", [12n], dims);
  if (type === "int64")
    return new ort.Tensor(
      type,
      BigInt64Array.from({ length: size }, (_, i) => BigInt(1 + (i % 12))),
      dims,
    );
  if (INTEGERS[type] !== undefined)
    return new ort.Tensor(
      type,
      INTEGERS[type].from({ length: size }, (_, i) => i % 12),
      dims,
    );
  if (type === "float16") return new ort.Tensor(type, new Uint16Array(size).fill(0x3800), dims);
  const values = type === "float64" ? new Float64Array(size) : new Float32Array(size);
  return new ort.Tensor(
    type,
    values.map((_, i) => (name === "input_1" ? 1 + (i % 20) : Math.sin(i / 7))),
    dims,
  );
}

/** Runs both models, and holds that the new one works, has finite outputs, and others than before. */
async function runs(engine, ort, path, out, lengths) {
  const outputs = [];
  for (const file of [path, out]) {
    const session = await sessionOf(engine, ort, file);
    const feeds = Object.fromEntries(
      session.inputMetadata.map((input) => [input.name, feedOf(ort, input, lengths[input.name])]),
    );
    const result = await session.run(feeds);
    outputs.push(
      Object.values(result).flatMap(({ data, type }) => (type === "float16" ? [...data] : Array.from(data, Number))),
    );
    await session.release();
  }
  const [before, after] = outputs;
  if (!after.every(Number.isFinite)) throw new Error(`${engine}: outputs that are not finite`);
  if (String(before) === String(after)) throw new Error(`${engine}: the outputs are those of the old weights`);
  return `${engine} runs (${after.length} outputs)`;
}

async function sessionOf(engine, ort, file) {
  const options = { logSeverityLevel: 4 };
  if (engine === "node") return ort.InferenceSession.create(file, options);
  const beside = readdirSync(dirname(file)).filter((name) => /\.(data|bin)$/.test(name) && isNamedIn(file, name));
  const externalData = beside.map((name) => ({ path: name, data: readFileSync(join(dirname(file), name)) }));
  return ort.InferenceSession.create(readFileSync(file), {
    ...options,
    ...(externalData.length > 0 && { externalData }),
  });
}

const isNamedIn = (file, name) => readFileSync(file).includes(name);

async function check(name, path, feeds, isOther) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  if (!existsSync(path)) {
    say("absent", name, path);
    return;
  }
  try {
    say("passed", name, await checkModel(name, path, feeds));
    if (isOther) others += 1;
  } catch (error) {
    say("failed", name, (process.env.DEBUG ? error.stack : error.message).slice(0, 2000));
  }
}

/** Data beside a model, beyond 2^31 and 2^32 bytes. */
async function checkBeyond() {
  try {
    const { absent, text } = await checkLarge(python, place);
    say(absent === undefined ? "passed" : "absent", "large", absent ?? text);
  } catch (error) {
    say("failed", "large", (process.env.DEBUG ? error.stack : error.message).slice(0, 2000));
  }
}

try {
  for (const [path, feeds] of OTHERS) {
    await check(/magika|tashkeel/.exec(path)?.[0] ?? basename(path, ".onnx"), path, feeds, true);
  }
  const models = join(place, "exported");
  const made = spawnSync(python, [join(here, "models.py"), models, ...wanted], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const lines = made.stdout.trim().split("\n").filter(Boolean).map(JSON.parse);
  if (made.status !== 0) say("failed", "models.py", made.stderr.trim().split("\n").at(-1));
  for (const { name, path, error } of lines) {
    if (error !== undefined) say("failed", name, `export: ${error}`);
    else await check(name, path, { flag: [1] }, false);
  }
  if (wanted.length === 0 || wanted.includes("large")) await checkBeyond();
} finally {
  rmSync(place, { recursive: true, force: true });
}
const isEnough = wanted.length > 0 || (counts.passed >= 12 && others >= 5);
end({ isEnough, more: `; ${others} passed that others made` });
