// Makes a module of the AssemblyScript loader that evaluates it when it is called, not when it is imported: at its top level
// it needs a TextDecoder and assigns to Object, which several runtimes lack or forbid.
import { build } from "esbuild";

/** @returns esbuild's metafile of the module. */
export async function buildLoader() {
  const { metafile } = await build({
    stdin: {
      contents: 'import { instantiateSync } from "@assemblyscript/loader"; loader.instantiateSync = instantiateSync;',
      resolveDir: ".",
    },
    outfile: "src/engine/module/loader.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    mangleProps: /^__/,
    mangleQuoted: true, // of AssemblyScript's runtime, which the kernels do without
    drop: ["console"], // only `trace` prints, which no kernel imports
    banner: { js: "// Made by npm run build.\nexport function evaluate(loader) {" },
    footer: { js: "}" },
    legalComments: "none", // dist/LICENSES.txt has the licence whole
    metafile: true,
  });
  return metafile;
}
