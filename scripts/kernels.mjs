// Compiles assembly/ for ordinary memory, for shared memory, and with names for bench/instructions.mjs. The bytes of the first
// two become modules of source code.
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
  for (const [target, { outFile, textFile, ...own }] of Object.entries(targets)) {
    const { error, stderr } = await asc.main(["--target", target]); // in one process: half the time
    if (error) throw new Error(`asc: ${error.message}\n${stderr}`);
    if (!(target in SOURCES)) continue;
    const wasm = readFileSync(outFile);
    writeFileSync(SOURCES[target], `// Made by npm run build.\nexport const BYTES =\n  "${encode(wasm)}";\n`);
    const name = outFile.replace("build/", "");
    modules[name] = { options: { ...options, ...own }, bytes: wasm.length, sha256: sha256(wasm) };
  }
  return { compiler: { name: "assemblyscript", version }, modules };
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
