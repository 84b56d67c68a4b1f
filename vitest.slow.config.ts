// npm run test:slow: the tests that take long, or need Python.
import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

export default defineConfig({
  ...base,
  test: { ...base.test, include: ["test/**/*.slow.ts"], testTimeout: 600_000 },
});
