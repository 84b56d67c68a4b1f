// A model with 6.5 GB of data beside it: initialized again by the command, audited, and compared byte by byte. Its values are
// those that `fill` draws, also beyond 2^31 and 2^32 bytes.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fill } from "../../dist/index.js";
import { planOnnx, readOnnx } from "../../dist/onnx.js";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const PIECE = 0x1000000;
const NEEDED = 9e9; // bytes on disk

/** @returns what was compared, in words; { absent } where the disk is too small. */
export async function checkLarge(python, folder) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NEEDED) return { absent: `${folder} has fewer than ${NEEDED / 1e9} GB` };
  const [from, to] = [join(folder, "large"), join(folder, "large-new")];
  mkdirSync(to, { recursive: true });
  try {
    execFileSync(python, [fileURLToPath(new URL("large.py", import.meta.url)), from], { stdio: "inherit" });
    const [before, after] = [join(from, "large.onnx"), join(to, "large.onnx")];
    const { tensors, left, bytes } = nnInit("init", before, "--seed", "42", "--out", after, "--json");
    if (tensors !== 5 || left.length > 0) throw new Error(`${tensors} tensors are drawn, ${left.length} left`);
    const { verdict } = nnInit("audit", after, "--json");
    if (verdict !== "ok") throw new Error(`audit: ${verdict}`);
    const checker = "import onnx, sys; onnx.checker.check_model(sys.argv[1])";
    execFileSync(python, ["-c", checker, after], { stdio: "inherit" });
    const model = await readOnnx(sourceOf(before), { external: (location) => sourceOf(join(from, location)) });
    let kept = 0;
    for (const location of ["", "weights.bin", "deep/far.data"]) {
      const places = [...model.places.values()].filter((place) => place.location === location);
      kept += compareOthers(join(from, location || "large.onnx"), join(to, location || "large.onnx"), places);
    }
    const drawn = planOnnx(model).tensors.reduce((sum, tensor) => sum + compareDrawn(model, tensor, to), 0);
    return { text: `${bytes} bytes: ${kept} other bytes equal, ${drawn} drawn bytes are those of fill` };
  } finally {
    for (const made of [from, to]) rmSync(made, { recursive: true, force: true });
  }
}

function nnInit(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`nn-init ${args.join(" ")}: ${stderr.trim()}${stdout.slice(0, 1000)}`);
  return JSON.parse(stdout);
}

const sourceOf = (path) => ({ byteLength: statSync(path).size, read: (begin, end) => bytesOf(path, begin, end) });

function bytesOf(path, begin, end) {
  const file = openSync(path, "r");
  const bytes = new Uint8Array(end - begin);
  const read = readSync(file, bytes, 0, bytes.length, begin);
  closeSync(file);
  if (read !== bytes.length) throw new Error(`${path}: expected bytes ${begin} to ${end}, got ${read} of them`);
  return bytes;
}

/** @returns how many bytes lie outside of the weights, which must be equal. */
function compareOthers(before, after, places) {
  const { size } = statSync(before);
  if (statSync(after).size !== size) throw new Error(`${after}: expected ${size} bytes, got ${statSync(after).size}`);
  let kept = size;
  for (const { begin, end } of places) kept -= end - begin;
  for (let at = 0; at < size; at += PIECE) {
    const end = Math.min(size, at + PIECE);
    const pair = [before, after].map((path) => bytesOf(path, at, end));
    for (const place of places) {
      const [low, high] = [Math.max(at, place.begin), Math.min(end, place.end)];
      if (low < high) for (const bytes of pair) bytes.fill(0, low - at, high - at);
    }
    if (Buffer.compare(...pair) !== 0)
      throw new Error(`${after}: bytes of [${at}, ${end}) outside of the weights differ`);
  }
  return kept;
}

/** Compares slices at the beginning, at the end, and around 2^31 and 2^32. @returns how many bytes. */
function compareDrawn({ places }, { name, shape, distribution }, folder) {
  const { location, begin, end } = places.get(name);
  const length = Math.min(PIECE, end - begin);
  const begins = [begin, end - length, 2 ** 31 - length / 2, 2 ** 32 - length / 2];
  let compared = 0;
  for (const at of new Set(begins.map((one) => Math.min(end - length, Math.max(begin, one))))) {
    const values = new Float32Array(length / 4);
    fill(values, shape, distribution, { seed: 42, name, start: (at - begin) / 4 });
    const found = bytesOf(join(folder, location), at, at + length);
    if (Buffer.compare(found, new Uint8Array(values.buffer)) !== 0)
      throw new Error(`${name}: byte ${at} and on differ`);
    compared += length;
  }
  return compared;
}
