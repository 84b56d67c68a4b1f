// Runs nn-init in this process: a thousand runs need no thousand processes. Only the scripts of its threads come from the build.
import { rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { build } from "esbuild";

// Node 20 may abort where a thread ends while its code is compiled in the background: one of some hundred runs.
setFlagsFromString("--no-concurrent-recompilation");

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @returns a function that runs the command. @param folder outside of the repository, for the program. */
export async function command(folder) {
  const outfile = `${folder}/program.mjs`;
  await build({
    ...{ absWorkingDir: root, entryPoints: ["src/cli/program.ts"], outfile, bundle: true, format: "esm" },
    ...{ platform: "node", target: "node20", logLevel: "error" },
    alias: {
      "#kernel": "./src/engine/module/default.ts",
      "#training": "./src/engine/module/training.default.ts",
      "#exports": "./src/engine/module/exports.node.ts",
      "#spawn": "./src/engine/pool/spawn.node.ts",
    },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  const { main } = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return async (...args) => {
    const run = { stdout: "", stderr: "" };
    const io = {
      print: async (text) => {
        run.stdout += text;
      },
      warn: (text) => {
        run.stderr += text;
      },
      ...{ columns: undefined, bars: false, scripts: new URL("../../dist/", import.meta.url), version: "0.0.0" },
    };
    return { code: await main(args.map(String), io), ...run };
  };
}
