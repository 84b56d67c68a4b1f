import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (name: string) => fileURLToPath(new URL(`src/engine/${name}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "#kernel": source("module/default"),
      "#training": source("module/training.default"),
      "#exports": source("module/exports.node"),
      "#spawn": source("pool/spawn.node"),
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    maxWorkers: "100%", // by default one core is left idle
    isolate: false, // files of a worker share the library; loading it anew for each costs a fifth of the CPU time
    server: { deps: { external: [/\/dist\//] } }, // the build is run as it is, not transformed
  },
});
