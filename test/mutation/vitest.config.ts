// Runs the bundle of bundle.mjs, in a thread of its own for each mutant, so that what is computed at import is mutated too.
import { defineConfig } from "vitest/config";

export default defineConfig({
  cacheDir: "build/mutation/cache",
  test: {
    include: ["test/mutation/bundled.ts"],
    testTimeout: 20_000,
    isolate: true,
    server: { deps: { external: [/\/build\/mutation\//] } },
  },
});
