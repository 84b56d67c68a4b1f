import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
// @ts-expect-error plain JavaScript, of the build
import { inPostfix } from "./scripts/postfix.mjs";

const source = (name: string) => fileURLToPath(new URL(`src/engine/${name}.ts`, import.meta.url));

/** The package's entries, as the page imports them. */
const entry = (path: string) => ({
  find: new RegExp(`^nn-init${path}$`),
  replacement: fileURLToPath(new URL(`src${path === "" ? "/index" : path.replace("train/", "")}.ts`, import.meta.url)),
});

/** Files of families as the build stores them. */
const families = {
  name: "families",
  enforce: "pre" as const,
  load: (id: string) =>
    /\/architecture\/families\/.*\.json$/.test(id)
      ? JSON.stringify(inPostfix(JSON.parse(readFileSync(id, "utf8"))))
      : undefined,
};

export default defineConfig({
  plugins: [families],
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
