// Compiles assembly/ for ordinary memory, for shared memory, and with names for bench/instructions.mjs; and the kernels of
// training and of audits, which have entries of their own. The bytes of all but the named ones become modules of source code.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const { options, targets } = JSON.parse(readFileSync("asconfig.json", "utf8"));
const { version } = JSON.parse(readFileSync("node_modules/assemblyscript/package.json", "utf8"));

/** What each module's bytes become. */
const SOURCES = { release: "src/engine/module/bytes.js", shared: "src/engine/module/shared.bytes.js" };

/** @returns the compiler, its options, and each module's size and SHA-256: the same inputs give the same bytes. */
export async function buildKernels() {
  mkdirSync("build", { recursive: true });
  const modules = {};
  await compile(["--target", "named"]);
  await compile(["--target", "shared"]);
  writeFileSync(targets.release.outFile, withoutNames(readFileSync(targets.named.outFile))); // a second less than compiling it
  for (const [target, source] of Object.entries(SOURCES)) {
    const { outFile, textFile, ...own } = targets[target];
    modules[outFile.replace("build/", "")] = { options: { ...options, ...own }, ...encoded(outFile, source) };
  }
  for (const name of ["training", "counting"]) {
    const outFile = `build/${name}.wasm`;
    await compile([`assembly/${name}.ts`, "--config", "none", "--outFile", outFile, ...flagsOf(options)]);
    modules[`${name}.wasm`] = { options, ...encoded(outFile, `src/engine/module/${name}.bytes.js`) };
  }
  return { compiler: { name: "assemblyscript", version }, modules };
}

/** In one process: half the time. */
async function compile(args) {
  const { error, stderr } = await asc.main(args);
  if (error) throw new Error(`asc: ${error.message}\n${stderr}`);
}

/** A module without custom sections, which hold the names: the bytes that asc writes without `--debug` (test/package/build.slow.ts). */
function withoutNames(wasm) {
  const kept = [wasm.subarray(0, 8)];
  for (let begin = 8, end = 8; begin < wasm.length; begin = end) {
    let [at, length] = [begin + 1, 0];
    for (let shift = 0; ; shift += 7) {
      length |= (wasm[at] & 127) << shift;
      if (wasm[at++] < 128) break;
    }
    end = at + length;
    if (wasm[begin] !== 0) kept.push(wasm.subarray(begin, end));
  }
  return Buffer.concat(kept);
}

/** Options of asconfig.json as the command line takes them: without the file, whose entry would be compiled, too. */
const flagsOf = (options) =>
  Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));

/** Writes a module of source code. @returns size and hash of the bytes. */
function encoded(from, to) {
  const wasm = readFileSync(from);
  writeFileSync(to, `// Made by npm run build.\nexport const BYTES =\n  "${encode(wasm)}";\n`);
  return { bytes: wasm.length, sha256: sha256(wasm) };
}

/**
 * Bytes as printable text, so that gzip still sees bytes: one character for each of 88 values in a row, among them the most
 * frequent, and two for the others. Where the row begins, and with which character, was tried out on the gzipped bundle
 * (measured for the kernels alone: 6.4 KB, and 6.9 as hexadecimal). Its inverse: src/engine/module/compile.ts.
 */
export function encode(bytes) {
  // 91 characters, from # to ~ without the backslash, begun at the 82nd
  const letter = (n) => String.fromCharCode(n < 10 ? n + 117 : n < 67 ? n + 25 : n + 26);
  const text = Array.from(bytes, (byte) => {
    const n = (byte + 16) % 256;
    return (n < 88 ? "" : letter(87 + Math.floor(n / 88))) + letter(n % 88);
  });
  return text.join("");
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
