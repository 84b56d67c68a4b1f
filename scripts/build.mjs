// Builds the package into dist/: the kernels by asc, their bytes into a source file, the library by tsc, the command
// by esbuild (its libraries bundled, with their licences).
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

function run(tool, ...args) {
  try {
    execFileSync(process.execPath, [join("node_modules", tool), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? ""}`);
    process.exit(1);
  }
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("build", { recursive: true });
run("assemblyscript/bin/asc.js", "--target", "release");

const bytes = readFileSync("build/kernel.wasm");
writeFileSync(
  "src/engine/bytes.ts",
  `/** Made by scripts/build.mjs from assembly/. */\nexport const BYTES =\n  "${bytes.toString("base64")}";\n`,
);
run("typescript/bin/tsc", "-p", "tsconfig.json");
copyFileSync("build/kernel.wasm", "dist/kernel.wasm");
writeFileSync("dist/kernel.wasm.d.ts", "declare const module: WebAssembly.Module;\nexport default module;\n");
