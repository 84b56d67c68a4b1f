// Builds the package into dist/: the kernels by asc, their bytes into a source file, types by tsc, the library and the command
// by esbuild (its libraries bundled, with their licences).
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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
for (const [target, wasm, source] of [
  ["release", "build/kernel.wasm", "src/engine/module/bytes.ts"],
  ["shared", "build/kernel.shared.wasm", "src/engine/module/shared.bytes.ts"],
]) {
  run("assemblyscript/bin/asc.js", "--target", target);
  // Hexadecimal: gzip sees the bytes in it, which base64 shifts about (measured: 5.1 KB against 6.5).
  const hex = readFileSync(wasm).toString("hex");
  writeFileSync(source, `/** Made by scripts/build.mjs from assembly/. */\nexport const BYTES =\n  "${hex}";\n`);
}
run("typescript/bin/tsc", "-p", "tsconfig.build.json");
// A file for each entry, and a few that they share, instead of one for each module: Node opens each when it starts
// (measured: import in a third of the time). What conditions choose, and workers' scripts, stay files of their own.
const library = await build({
  entryPoints: [
    ...["index", "threads", "recipes", "model", "lab"],
    ...[
      "module/default",
      "module/workerd",
      "module/edge-light",
      "pool/spawn.node",
      "pool/spawn.web",
      "pool/worker.node",
      "pool/worker.web",
    ].map((name) => `engine/${name}`),
  ].map((name) => ({ in: `src/${name}.ts`, out: name })),
  outdir: "dist",
  chunkNames: "shared/[name]-[hash]",
  bundle: true,
  splitting: true,
  platform: "neutral",
  format: "esm",
  target: "es2022",
  minifySyntax: true,
  external: ["#kernel", "#spawn", "@assemblyscript/loader", "node:*", "*.wasm", "*.wasm?module"],
  mainFields: ["module", "main"],
  legalComments: "none", // dist/LICENSES.txt has them whole
  metafile: true,
});
// The JSON Schema of plans, for editors.
const grammar = "build/grammar.mjs";
await build({ entryPoints: ["src/model/grammar.ts"], outfile: grammar, bundle: true, platform: "node", format: "esm" });
const { schema } = await import(`../${grammar}`);
writeFileSync("dist/plan.schema.json", `${JSON.stringify(schema(), undefined, 2)}\n`);
copyFileSync("build/kernel.wasm", "dist/kernel.wasm");
writeFileSync("dist/kernel.wasm.d.ts", "declare const module: WebAssembly.Module;\nexport default module;\n");

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const { metafile } = await build({
  entryPoints: {
    cli: "src/cli.ts",
    "hash.worker": "src/cli/hash.worker.ts",
    "audit.worker": "src/cli/audit.worker.ts",
    "lab.worker": "src/cli/lab.worker.ts",
    "worker.node": "src/engine/pool/worker.node.ts", // of the pool, where the bundled command looks for it
  },
  outdir: "dist",
  chunkNames: "command-[hash]", // beside them: workers are found by where the code that starts them is
  bundle: true,
  splitting: true, // what draws pages is loaded only for one
  platform: "node",
  format: "esm",
  target: "node20",
  minify: true,
  legalComments: "none", // dist/LICENSES.txt has them whole
  metafile: true,
  alias: {
    "#kernel": "./src/engine/module/default.ts",
    "#spawn": "./src/engine/pool/spawn.node.ts",
    "jsonc-parser": "jsonc-parser/lib/esm/main.js", // its other form asks for its files by names that are not seen
  },
  define: { VERSION: JSON.stringify(version) },
  // CommonJS libraries ask for Node's own modules by require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
chmodSync("dist/cli.js", 0o755);

// The licences of what was bundled.
const packages = new Set(
  [...Object.keys(metafile.inputs), ...Object.keys(library.metafile.inputs)]
    .map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)?.at(-1))
    .filter((match) => match !== undefined)
    .map((match) => match.slice("node_modules/".length, -1)),
);
const texts = [...packages].sort().map((name) => {
  const folder = join("node_modules", name);
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync(
  "dist/LICENSES.txt",
  `The command (cli.js) and nn-init/model contain:\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`,
);
