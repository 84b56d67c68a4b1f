// node flush.mjs LIBRARY, beside the packed package: draws, loads a library that makes this thread take subnormal numbers for
// 0, and draws again. Every value must stay as it was, or be refused.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import * as nn from "nn-init";
import { checkpoint } from "nn-init/checkpoint";
import { modelOfShapes } from "nn-init/model";
import { openPool } from "nn-init/threads";
import { cases, draw } from "./cases.mjs";

const library = process.argv[2];
const wrong = [];
const all = cases();

// Computed values: the golden vectors of docs/stream.md, and values that come near the least numbers of a type.
const LOW = { scheme: "logUniform", low: 1e-42, high: 1, floor: 1e-42 };
const SMALL = [
  [LOW, "f32", true],
  [{ ...LOW, low: 1e-37, floor: 1e-37 }, "f32", false],
  [{ scheme: "powers", base: 2, start: -126, step: -1 }, "f32", true],
  [{ scheme: "powers", base: 2, start: 0, step: -1 }, "f32", false],
  [{ scheme: "arange", start: 1e-41, step: 1e-41 }, "f32", true],
  [{ scheme: "arange", start: 1, step: 1 }, "f32", false],
  [{ scheme: "sinusoidal" }, "bf16", false],
  [{ scheme: "relativePosition", window: [2, 2] }, "f32", false],
];
const golden = JSON.parse(readFileSync("computed.json", "utf8")).cases;
const computed = [
  ...golden.map((one) => ({ ...one, refused: undefined })),
  ...SMALL.map(([scheme, dtype, refused]) => ({
    tensors: [{ name: "w", shape: /Position|sinus/.test(scheme.scheme) ? [4, 4] : [64], ...scheme }],
    ...{ seed: "1", dtype, refused },
  })),
];
const compute = ({ tensors, seed, dtype }) => {
  try {
    const { buffer } = checkpoint(modelOfShapes("m", tensors), { seed: BigInt(seed), dtype }).region(
      tensors[0].name,
      [],
    );
    return createHash("sha256").update(new Uint8Array(buffer)).digest("hex");
  } catch (error) {
    return `refused: ${error.message}`;
  }
};
const computedBefore = computed.map(compute);
for (const [i, hash] of computedBefore.entries()) {
  if (hash.startsWith("refused")) wrong.push(`${JSON.stringify(computed[i])}: ${hash}`);
}
const drawAll = () => all.map((one) => ["simd", "scalar"].map((engine) => draw(nn, one, engine)));

// A worker whose own thread loads the library.
const OWN = `
  const { workerData } = require("node:worker_threads");
  try { process.dlopen({ exports: {} }, workerData.library); } catch {}
  import(workerData.worker);`;
const worker = () =>
  new Worker(OWN, { eval: true, workerData: { library, worker: import.meta.resolve("nn-init/threads/worker") } });
const options = { seed: 1, name: "w" };
const size = [2 ** 19];
const usual = nn.normal({ std: 0.02 });
const expected = nn.init(size, usual, { ...options, dtype: "f16" });
const flushing = openPool({ threads: 2, worker });
if (flushing.init(size, usual, { ...options, dtype: "f16" }).some((bits, i) => bits !== expected[i])) {
  wrong.push("a worker that loses subnormal numbers draws other values of f16");
}
try {
  // On a busy machine the calling thread can draw all pieces of many calls before a worker has its turn.
  for (const end = Date.now() + 20_000; Date.now() < end; ) flushing.init(size, nn.normal({ std: 1e-38 }), options);
  wrong.push("a worker that loses subnormal numbers draws them");
} catch (error) {
  if (!/worker 0.*subnormal/.test(error.message)) wrong.push(error.message);
}

const before = drawAll();
try {
  process.dlopen({ exports: {} }, library);
} catch {
  // It is no addon, but it is loaded.
}
if (Number("1e-155") * Number("1e-155") !== 0) wrong.push("the library changed nothing");
const after = drawAll();
let [same, refused] = [0, 0];
for (const [i, one] of all.entries()) {
  for (const [e, engine] of ["simd", "scalar"].entries()) {
    const [was, is] = [before[i][e], after[i][e]];
    if (was.hash === is.hash) same += 1;
    else if (/^refused: dtype: .*subnormal/.test(is.hash)) refused += 1;
    else wrong.push(`${JSON.stringify(one)} by ${engine}: ${is.hash}, was ${was.hash}`);
    if (was.subnormal && was.hash === is.hash) wrong.push(`${JSON.stringify(one)} by ${engine} was not refused`);
  }
}
let computedSame = 0;
for (const [i, one] of computed.entries()) {
  const is = compute(one);
  const isRefused = /^refused: .*subnormal/.test(is);
  if (is === computedBefore[i]) computedSame += 1;
  else if (!isRefused) wrong.push(`${JSON.stringify(one)}: ${is}, was ${computedBefore[i]}`);
  if (one.refused !== undefined && one.refused !== isRefused) {
    wrong.push(`${JSON.stringify(one)} was ${isRefused ? "" : "not "}refused`);
  }
}
if (computedSame < golden.length)
  wrong.push(`only ${computedSame} of ${golden.length} golden vectors of computed values`);
for (const [scheme, dtype] of [
  [nn.uniform({ low: 0, high: 1 }), "f64"],
  [nn.truncatedNormal({ std: 1, low: 0, high: 2 }), "f64"],
  [usual, "f16"],
  [nn.uniform({ low: 0, high: 1 }), "f32"],
  [nn.orthogonal(), "bf16"],
  [nn.zeros(), "f64"],
]) {
  const { hash } = draw(nn, { scheme, dtype, shape: [64, 64] });
  if (hash.startsWith("refused")) wrong.push(`${JSON.stringify(scheme)} in ${dtype}: ${hash}`);
}
if (same < 300 || refused < 50) wrong.push(`only ${same} draws stayed as they were, ${refused} were refused`);
console.log(
  wrong.length === 0
    ? `${same} draws as before, ${refused} refused, none other; computed values: ${computedSame} as before`
    : wrong.join("\n"),
);
process.exit(wrong.length === 0 ? 0 : 1);
