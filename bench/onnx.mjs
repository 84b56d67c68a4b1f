// npm run bench:onnx [-- --rounds N]: an ONNX file of ResNet-50's size (25.5 million weights, 102 MB) initialized again from one
// file to another, beside what it cannot do without: `fill` of its weights and `writeFile` of its bytes, in the same process,
// interleaved, the best of the rounds. Also by the command, which flushes the file to the disk and hashes it.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fill } from "../dist/index.js";
import { readOnnx, reinitialize } from "../dist/onnx.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const flag = process.argv.indexOf("--rounds");
const rounds = flag < 0 ? 20 : Number(process.argv[flag + 1]);
const work = mkdtempSync(join(tmpdir(), "nn-init-bench-"));

const varint = (value) => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
const bytes = (field, body) => Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
const int = (field, value) => Buffer.from([...varint(field * 8), ...varint(value)]);
const text = (field, value) => bytes(field, Buffer.from(value));

/** The shapes of ResNet-50's weights. */
function shapes() {
  const list = [[64, 3, 7, 7]];
  let width = 64;
  for (const [blocks, inner] of [
    [3, 64],
    [4, 128],
    [6, 256],
    [3, 512],
  ]) {
    for (let block = 0; block < blocks; ++block) {
      list.push([inner, width, 1, 1], [inner, inner, 3, 3], [4 * inner, inner, 1, 1]);
      if (block === 0) list.push([4 * inner, width, 1, 1]);
      width = 4 * inner;
    }
  }
  return [...list, [1000, 2048]];
}

/** A chain of layers with these weights: which is no ResNet, but has its bytes. */
function build() {
  const nodes = [];
  const tensors = [];
  let value = "x";
  for (const [i, shape] of shapes().entries()) {
    const op = shape.length === 4 ? "Conv" : "Gemm";
    const flip = op === "Gemm" ? bytes(5, Buffer.concat([text(1, "transB"), int(3, 1), int(20, 2)])) : Buffer.alloc(0);
    nodes.push(bytes(1, Buffer.concat([text(1, value), text(1, `w${i}`), text(2, `a${i}`), text(4, op), flip])));
    nodes.push(bytes(1, Buffer.concat([text(1, `a${i}`), text(2, `r${i}`), text(4, "Relu")])));
    const size = shape.reduce((all, length) => all * length, 1);
    const values = Buffer.from(Float32Array.from({ length: size }, (_, j) => Math.sin(j * j)).buffer);
    tensors.push(
      bytes(
        5,
        Buffer.concat([...shape.map((length) => int(1, length)), int(2, 1), text(8, `w${i}`), bytes(9, values)]),
      ),
    );
    value = `r${i}`;
  }
  const graph = Buffer.concat([...nodes, ...tensors, bytes(11, text(1, "x")), bytes(12, text(1, value))]);
  return Buffer.concat([int(1, 8), bytes(7, graph), bytes(8, Buffer.concat([text(1, ""), int(2, 17)]))]);
}

/** Milliseconds of the clock, and of the processor, which another program's load does not lengthen. */
async function measured(run) {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { clock: performance.now() - begun, cpu: (user + system) / 1000 };
}

try {
  const path = join(work, "resnet50.onnx");
  const out = join(work, "new.onnx");
  writeFileSync(path, build());
  const size = statSync(path).size;
  const { tensors } = await readOnnx(sourceOf(path).source);
  const whole = new Float32Array(size / 4 - ((size / 4) % 4));
  let at = 0;
  const parts = tensors.map(({ name, shape, scheme }) => {
    const length = shape.reduce((all, one) => all * one, 1);
    at += length;
    return { name, shape, scheme, into: whole.subarray(at - length, at) };
  });
  const file = new Uint8Array(size);
  const least = () => ({ clock: Infinity, cpu: Infinity });
  const best = { fill: least(), write: least(), onnx: least() };
  for (let round = 0; round < rounds; ++round) {
    const times = {
      fill: await measured(() => {
        for (const { name, shape, scheme, into } of parts) fill(into, shape, scheme, { seed: round, name });
      }),
      write: await measured(() => writeFileSync(out, file)),
      onnx: await measured(async () => {
        const { source, close } = sourceOf(path);
        await copy(await reinitialize(await readOnnx(source), { seed: round }), out);
        close();
      }),
    };
    for (const key of Object.keys(best)) {
      for (const by of ["clock", "cpu"]) best[key][by] = Math.min(best[key][by], times[key][by]);
    }
  }
  console.log(`${cpus()[0].model}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}, best of ${rounds}`);
  console.log(`${(size / 1e6).toFixed(0)} MB initialized again, from file to file:`);
  for (const by of ["clock", "cpu"]) {
    const [fills, writes, all] = [best.fill[by], best.write[by], best.onnx[by]];
    const sum = `fill ${fills.toFixed(0)} + writeFile ${writes.toFixed(0)} = ${(fills + writes).toFixed(0)} ms`;
    console.log(`  by the ${by}: ${all.toFixed(0)} ms; ${sum}; ${(all / (fills + writes)).toFixed(2)} times`);
  }
  const command = Math.min(
    ...Array.from({ length: 3 }, () => {
      const args = [CLI, "init", path, "--seed", "1", "--out", out, "--force", "--json"];
      return JSON.parse(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout).seconds * 1000;
    }),
  );
  console.log(`by the command, flushed and hashed: ${command.toFixed(0)} ms`);
} finally {
  rmSync(work, { recursive: true });
}

/** Writes the new model piece by piece. */
async function copy(made, out) {
  const [{ byteLength }] = made.files;
  const descriptor = openSync(out, "w");
  const buffer = new Uint8Array(2 ** 20);
  for (let begin = 0; begin < byteLength; begin += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, byteLength - begin));
    await made.read("", begin, begin + piece.length, piece);
    for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
  }
  closeSync(descriptor);
}

/** Reads a file by ranges. */
function sourceOf(path) {
  const descriptor = openSync(path, "r");
  const read = (begin, end) => {
    const out = new Uint8Array(end - begin);
    readSync(descriptor, out, 0, out.length, begin);
    return out;
  };
  return { source: { byteLength: statSync(path).size, read }, close: () => closeSync(descriptor) };
}
