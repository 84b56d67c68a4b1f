/** The figures and numbers of the guide are what the lab makes of them today. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("docs/choosing.md is up to date", () => {
  const script = fileURLToPath(new URL("../../scripts/choosing.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
