// npm run test:statistics: defects that only many values show (docs/quality.md).
import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

export default defineConfig({
  ...base,
  test: { include: ["test/quality/*.statistics.ts"], fileParallelism: false, testTimeout: 600_000 },
});
