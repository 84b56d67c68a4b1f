/** The tables of the page about training are what training makes today. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("docs/training.md is up to date, and at least 19 of 20 runs that were ended would not have recovered", () => {
  const script = fileURLToPath(new URL("../../scripts/training.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const [, ended, recovered] = /early: ended (\d+), recovered (\d+)/.exec(stdout) ?? [];
  expect(Number(ended)).toBeGreaterThanOrEqual(20);
  expect(Number(recovered)).toBeLessThanOrEqual(Number(ended) / 20);
}, 3_600_000);
