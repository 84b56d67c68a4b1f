// One file of the tests of a folder, with the mutated source in it: a mutant then costs a start of Vitest and one import, not
// the transformation of a hundred files. Stryker runs this in the copy that it mutates; MUTATED_TESTS lists the tests.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const folder = process.env.MUTATED;
const files = JSON.parse(process.env.MUTATED_TESTS).flatMap((one) => {
  if (!one.endsWith("/")) return [one];
  return readdirSync(one)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => one + name);
});

/** The conditional imports of package.json, as the other tests take them. */
const IMPORTS = {
  "#kernel": "module/default.ts",
  "#training": "module/training.default.ts",
  "#exports": "module/exports.node.ts",
  "#spawn": "pool/spawn.node.ts",
};

/** Files know where they lie, though they are in one bundle elsewhere. */
const places = {
  name: "places",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^#(kernel|training|exports|spawn)$/ }, ({ path }) => ({
      path: resolve("src/engine", IMPORTS[path]),
    }));
    onResolve({ filter: /^vitest$/ }, ({ importer }) =>
      importer.endsWith("mutation/describe.ts") ? undefined : { path: resolve("test/mutation/describe.ts") },
    );
    onResolve({ filter: /\/dist\// }, ({ path, resolveDir }) => ({
      path: pathToFileURL(join(resolveDir, path)).href,
      external: true,
    }));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: "ts", resolveDir: dirname(path) };
    });
  },
};

await build({
  stdin: { contents: files.map((file) => `import "./${file}";`).join("\n"), resolveDir: "." },
  outfile: `build/mutation/${folder}.mjs`,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  ignoreAnnotations: true, // a test is imported for what it does
  plugins: [places],
  logLevel: "error",
});
