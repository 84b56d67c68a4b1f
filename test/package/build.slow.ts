/** The kernels compiled once more are the kernels of the package. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { root } from "./installed.js";

test.each([
  ["release", "kernel.wasm"],
  ["shared", "kernel.shared.wasm"],
])("%s: the recorded hash follows from assembly/, the compiler and its options", (target, name) => {
  const { modules } = JSON.parse(readFileSync(join(root, "dist/build.json"), "utf8"));
  const out = join(mkdtempSync(join(tmpdir(), "nn-init-kernels-")), name);
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  execFileSync(process.execPath, [asc, "--target", target, "--outFile", relative(root, out)], { cwd: root });
  expect(createHash("sha256").update(readFileSync(out)).digest("hex")).toBe(modules[name].sha256);
});
