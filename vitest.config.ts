import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (name: string) => fileURLToPath(new URL(`src/engine/${name}.ts`, import.meta.url));

/** The package's entries, as the page imports them. */
const entry = (path: string) => ({
  find: new RegExp(`^nn-init${path}$`),
  replacement: fileURLToPath(new URL(`src${path === "" ? "/index" : path.replace("train/", "")}.ts`, import.meta.url)),
});

export default defineConfig({
  resolve: {
    alias: [
      { find: "#kernel", replacement: source("module/default") },
      { find: "#training", replacement: source("module/training.default") },
      { find: "#exports", replacement: source("module/exports.node") },
      { find: "#spawn", replacement: source("pool/spawn.node") },
      ...[
        "",
        "/lab",
        "/recipes",
        "/model",
        "/checkpoint",
        "/train",
        "/train/digits",
        "/threads",
        "/audit",
        "/onnx",
      ].map(entry),
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/temporary.ts"],
    testTimeout: 60_000,
    maxWorkers: "100%", // by default one core is left idle
    isolate: false, // files of a worker share the library; loading it anew for each costs a fifth of the CPU time
    server: { deps: { external: [/\/dist\//] } }, // the build is run as it is, not transformed
  },
});
