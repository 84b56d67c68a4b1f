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
    // Hexadecimal: gzip sees the bytes in it, while base64 shifts them (measured: 5.1 KB against 6.5).
    writeFileSync(SOURCES[target], `// Made by npm run build.\nexport const BYTES =\n  "${wasm.toString("hex")}";\n`);
    const name = outFile.replace("build/", "");
    modules[name] = { options: { ...options, ...own }, bytes: wasm.length, sha256: sha256(wasm) };
  }
  return { compiler: { name: "assemblyscript", version }, modules };
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
