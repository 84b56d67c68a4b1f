// One bundle for each file of tests, with all mutants in it, each behind a switch. Its text with one switch closed is made in
// milliseconds, and runs without any transformation.
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** The conditional imports of package.json, as the other tests take them. */
const IMPORTS = {
  "#kernel": "module/default.ts",
  "#training": "module/training.default.ts",
  "#exports": "module/exports.node.ts",
  "#spawn": "pool/spawn.node.ts",
};
const VITEST = [
  "test",
  "it",
  "describe",
  "expect",
  "onTestFinished",
  "vi",
  "beforeAll",
  "afterAll",
  "beforeEach",
  "afterEach",
];
/** What a test says that replaces a module, which a bundle cannot. */
export const NOT_BUNDLED = "a bundle has no modules to replace";

const options = { bundle: true, format: "esm", platform: "node", target: "node20", write: false, logLevel: "error" };
const SWITCH = /stryMutAct_\w+\("(\d+)"\)/; // of Stryker's instrumenter: whether the mutant is active
const NOTE = /stryCov_\w+\(("\d+"(?:, "\d+")*)\)/g; // these mutants are met

/**
 * @param root the folder of the repository. @param test a file of tests. @param mutated texts of files by their paths.
 * @returns the text of its bundle with a mutant; with none, where the id is undefined; where it is "all", with none, but it notes
 *   those that are met in the array `__met__`.
 */
export async function bundleOf(root, test, mutated) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(root, test)],
    ignoreAnnotations: true, // a test is imported for what it does
    packages: "external",
    plugins: [places(root, mutated)],
  });
  const pieces = outputFiles[0].text.split(SWITCH); // every second one is an id
  const quiet = pieces.map((piece) => piece.replaceAll(NOTE, "0"));
  const noting = pieces.map((piece) => piece.replaceAll(NOTE, (_, ids) => `(${ids.split(", ").map(noteOf)})`));
  noting[0] = `const __met__ = globalThis.__met__;\n${noting[0]}`;
  return (id) =>
    (id === "all" ? noting : quiet).map((piece, i) => (i % 2 === 0 ? piece : String(piece === id))).join("");
}

const noteOf = (id) => `__met__[${JSON.parse(id)}] = 1`;

const places = (root, mutated) => ({
  name: "places",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^#(kernel|training|exports|spawn)$/ }, ({ path }) => ({
      path: resolve(root, "src/engine", IMPORTS[path]),
    }));
    onResolve({ filter: /^vitest$/ }, () => ({ path: "vitest", namespace: "harness" }));
    onLoad({ filter: /.*/, namespace: "harness" }, () => ({
      contents: VITEST.map((name) => `export const ${name} = globalThis.__vitest__.${name};`).join("\n"),
    }));
    onResolve({ filter: /\/dist\// }, ({ path, resolveDir }) => ({
      path: pathToFileURL(join(resolveDir, path)).href,
      external: true,
    }));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = mutated.get(relative(root, path)) ?? (await readFile(path, "utf8"));
      const contents = text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)); // where it lies
      return { contents, loader: "ts", resolveDir: dirname(path) };
    });
  },
});

/** The program that runs bundles. */
export async function harness(root) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(root, "test/mutation/harness.mjs")],
    nodePaths: [join(root, "node_modules"), join(root, "node_modules/vitest/node_modules")],
    define: { NOT_BUNDLED: JSON.stringify(NOT_BUNDLED) },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outputFiles[0].text;
}
