// npm run build: builds the package into dist/. The kernels are compiled by asc, the declarations are written by tsc, the
// library and the command are bundled by esbuild; what is bundled is listed with its licences.
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { buildDeclarations, ENTRIES } from "./declarations.mjs";
import { compileEarly } from "./eager.mjs";
import { insideOf, writeInside } from "./inside.mjs";
import { buildKernels } from "./kernels.mjs";
import { licenses } from "./licenses.mjs";
import { buildLoader } from "./loader.mjs";
import { buildPage, packPage } from "./page.mjs";
import { inPostfix } from "./postfix.mjs";
import { abbreviate } from "./words.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const COMMON = {
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  legalComments: "none", // dist/LICENSES.txt has the licences whole
  metafile: true,
};

const KERNEL = "engine/module/default";
const TRAINING_KERNEL = "engine/module/training.default";
const SHARED_KERNEL = "engine/module/shared.bytes";
const REGEX = "model/regex";
const JSEP = "model/jsep";
const ZOD = "model/zod";
const NPZ = "format/npz.reader";
const HASH = "checkpoint/hash"; // a bundler leaves a file that nobody uses out, and not what the file computes when it is loaded
const DIGITS = "train/digits";

/** What package.json's conditions choose, the scripts of workers, and kernels stay files of their own. */
const SEPARATE = [
  ...[
    KERNEL,
    TRAINING_KERNEL,
    SHARED_KERNEL,
    REGEX,
    JSEP,
    ZOD,
    NPZ,
    HASH,
    DIGITS,
    "engine/module/workerd",
    "engine/module/edge-light",
    "engine/module/training.workerd",
    "engine/module/training.edge-light",
  ],
  ...["exports.node", "exports.web"].map((name) => `engine/module/${name}`),
  ...["spawn.node", "spawn.web", "worker.node", "worker.web"].map((name) => `engine/pool/${name}`),
];

/**
 * Names within the files of libraries are shortened. White space and comments stay until all is bundled: some say which calls
 * have no effect, so that what nobody uses can be left out.
 */
const smallLibraries = {
  name: "small libraries",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/(re2js|zod|jsep|pbf)\/.*\.js$/ }, async ({ path }) => {
      const options = { minifyIdentifiers: true, format: "esm", target: "es2022" };
      return { contents: (await transform(readFileSync(path, "utf8"), options)).code };
    });
  },
};

/** Names within a file are shortened. What it exports keeps its name, which error messages and consoles show. */
const shortNames = {
  name: "short names",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const options = { loader: "ts", minifyIdentifiers: true, target: "es2022", tsconfigRaw: TSCONFIG };
      return { contents: (await transform(readFileSync(path, "utf8"), options)).code };
    });
  },
};

const TSCONFIG = { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } };

/** A file of a plan without its comment, which is for readers of the sources. */
function withoutComment(path) {
  const { comment: _, ...file } = JSON.parse(readFileSync(path, "utf8"));
  return JSON.stringify(file);
}

/** A file of a family with its expressions in postfix notation, and without its name, too, which is beside it in architecture/builtin.ts. */
function withoutName(path) {
  const { name: _, ...file } = JSON.parse(withoutComment(path));
  return JSON.stringify(inPostfix(file));
}

/** Files of families as text, which is parsed when one is needed: that many objects cost a Worker 5 ms at each start. */
const FAMILIES = resolve("src/architecture/families");
const paths = readdirSync(FAMILIES).map((name) => join(FAMILIES, name));
const { words, texts } = abbreviate(paths.map(withoutName));

const families = {
  name: "families",
  setup({ onLoad }) {
    onLoad({ filter: /\/architecture\/families\/.*\.json$/ }, ({ path }) => {
      return { contents: texts[paths.indexOf(path)], loader: "text" };
    });
    onLoad({ filter: /\/architecture\/plans\/.*\.json$/ }, ({ path }) => {
      return { contents: withoutComment(path), loader: "json" };
    });
  },
};

/**
 * A file for each entry and a few that they share, not one for each module: Node opens each when it starts (measured:
 * import in a third of the time).
 */
const buildLibrary = (inside) =>
  build({
    ...COMMON,
    // Their order is that of the shared files in bundles, and so decides what gzip finds: in this one all limits hold.
    entryPoints: [
      ...SEPARATE.map((name) => ({ in: `./src/${name}`, out: name })),
      ...inside.toReversed().map((name) => ({ in: `./build/${name}.ts`, out: name })),
      ...[...ENTRIES, "families"].map((name) => ({ in: `./src/${name}`, out: name })),
    ],
    chunkNames: "shared/[hash]",
    platform: "neutral",
    target: "es2022",
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 200, // so that a stack trace still says where
    external: ["#kernel", "#training", "#exports", "#spawn", "node:*", "*.wasm", "*.wasm?module"],
    mainFields: ["module", "main"],
    plugins: [smallLibraries, families, shortNames],
    define: { FAMILY_WORDS: JSON.stringify(words), "Number.POSITIVE_INFINITY": "Infinity", "Number.NaN": "NaN" }, // shorter
  });

/** The command imports the library's own files, so that what both need is there once. */
const libraryFiles = {
  name: "library files",
  setup({ onResolve }) {
    onResolve({ filter: /^#kernel$/ }, () => ({ path: `./${KERNEL}.js`, external: true }));
    onResolve({ filter: /^#training$/ }, () => ({ path: `./${TRAINING_KERNEL}.js`, external: true }));
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      if (kind === "entry-point") return undefined;
      const name = relative("src", resolve(resolveDir, path)).replace(/\.js$/, "");
      const file = SEPARATE.includes(name) ? name : insideOf(name);
      return file === undefined ? undefined : { path: `./${file}.js`, external: true };
    });
  },
};

const buildCommand = () =>
  build({
    ...COMMON,
    entryPoints: {
      cli: "src/cli.ts",
      "draw.worker": "src/cli/draw.worker.ts",
      "hash.worker": "src/cli/hash.worker.ts",
      "audit.worker": "src/cli/audit.worker.ts",
      "lab.worker": "src/cli/lab.worker.ts",
      "compare.worker": "src/cli/compare.worker.ts",
    },
    chunkNames: "cli-[hash]", // beside the entries: a worker's script is found by its place beside the code that starts it
    platform: "node",
    target: "node20",
    minify: true,
    plugins: [libraryFiles],
    define: { VERSION: JSON.stringify(JSON.parse(readFileSync("package.json", "utf8")).version) },
    write: false,
  });

/** CommonJS libraries ask for Node's own modules by require, which the files that mention it are given. */
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

function writeCommand({ outputFiles }) {
  for (const { path, text } of outputFiles) {
    const begin = text.startsWith("#!") ? text.indexOf("\n") + 1 : 0;
    const require = /\brequire\b/.test(text) ? `${REQUIRE}\n` : "";
    writeFileSync(path, text.slice(0, begin) + require + text.slice(begin));
  }
}

/** How `nn-init bench` times, for the scripts in bench/. */
const buildTiming = () =>
  build({
    stdin: {
      contents: `export * from "./src/cli/bench.measure.ts"; export * from "./src/cli/bench.naive.ts";`,
      resolveDir: ".",
    },
    ...{ outfile: "build/bench.mjs", bundle: true, platform: "node", format: "esm", external: ["benchmark"] },
  });

/** The JSON Schemas of plans and of architecture files, for editors. */
async function buildSchemas() {
  const schemas = "build/schemas.mjs";
  await build({ entryPoints: ["scripts/schemas.ts"], outfile: schemas, bundle: true, platform: "node", format: "esm" });
  const { planSchema, architectureSchema } = await import(`../${schemas}`);
  writeFileSync("dist/plan.schema.json", JSON.stringify(planSchema()));
  writeFileSync("dist/architecture.schema.json", JSON.stringify(architectureSchema()));
}

rmSync("dist", { recursive: true, force: true });
const [record, loader] = await Promise.all([buildKernels(), buildLoader(), buildDeclarations()]);
const library = await buildLibrary(await writeInside());
const command = await buildCommand();
writeCommand(command);
await buildTiming();
await buildSchemas();
await compileEarly(resolve("dist"));
for (const name of ["kernel", "training"]) copyFileSync(`build/${name}.wasm`, `dist/${name}.wasm`);
const page = await buildPage();
packPage();
writeFileSync("dist/build.json", `${JSON.stringify(record)}\n`);
writeFileSync(
  "dist/LICENSES.txt",
  licenses({
    "the library": loader,
    "the library (nn-init/model)": library.metafile,
    "the command": command.metafile,
    "the page": page,
  }),
);
chmodSync("dist/cli.js", 0o755);
