/** examples/tensorflow with TensorFlow.js, which npm installs for it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFolder } from "./folder.js";

const VERSION = "4.22.0";
let folder: string;
let libraries: string;
beforeAll(() => {
  folder = exampleFolder("tensorflow");
  libraries = mkdtempSync(join(tmpdir(), "nn-init-tensorflow-"));
  writeFileSync(join(libraries, "package.json"), "{}");
  const install = ["install", "--silent", "--no-save", `@tensorflow/tfjs@${VERSION}`];
  execFileSync("npm", install, { cwd: libraries, stdio: "inherit" });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(libraries, "node_modules/@tensorflow"), join(folder, "node_modules/@tensorflow"));
}, 300_000);
afterAll(() => {
  for (const path of [folder, libraries]) rmSync(path, { recursive: true, force: true });
});

test("the monitor finds what is wrong with the start that does not train, and nothing with the other", () => {
  const printed = execFileSync(process.execPath, ["monitor.mjs"], { cwd: folder, encoding: "utf8", stdio: "pipe" });
  const lines = printed.trim().split("\n");
  const of = (start: string) => lines.filter((line) => line.startsWith(start));
  expect(printed).toMatch(
    /^std 0\.01, step 0: One step changes the weights of layer 1 by [\d.e-]+%; the learning rate is too low/m,
  );
  expect(printed).toMatch(
    /^std 0\.01, step 1: The gradient of layer 1 has a norm of [\d.e-]+, [\d.e-]+ of the largest/m,
  );
  const lossOf = (start: string) => Number(/: loss ([\d.]+) after 60 steps$/.exec(of(start).at(-1) as string)?.[1]);
  expect(lossOf("std 0.01")).toBeCloseTo(Math.log(10), 1);
  expect(lossOf("Xavier")).toBeLessThan(1.2);
  expect(of("Xavier")).toHaveLength(1);
}, 120_000);
