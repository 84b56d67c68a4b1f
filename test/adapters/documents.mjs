// The blocks of docs/frameworks.md that need the libraries, each in a process of its own, and what their comments say they print.
// Those of WebGPU run in Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Blocks in order, with the lines that follow each console.log as comments. */
export const blocksOf = (root) => {
  const text = readFileSync(join(root, "docs/frameworks.md"), "utf8");
  return [...text.matchAll(/^```mjs\n([\s\S]*?)^```/gm)].map(([, code]) => ({
    code,
    prints: [
      ...[...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line),
      ...[...code.matchAll(/^\/\/ (.*)/gm)].map(([, line]) => line),
    ],
  }));
};

export async function run({ check, load, folder, root }) {
  load("@tensorflow/tfjs");
  const place = mkdtempSync(join(folder, "blocks-"));
  for (const [i, { code, prints }] of blocksOf(root).entries()) {
    if (code.includes("navigator.gpu.")) continue;
    await check(`docs/frameworks.md, block ${i + 1}`, () => {
      writeFileSync(join(place, "block.mjs"), code);
      const options = { cwd: place, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
      const lines = execFileSync(process.execPath, ["block.mjs"], options).split("\n");
      const printed = lines.filter((line) => line !== "" && !/^=+$|^Hi, looks/.test(line.trim()));
      assert.deepEqual(printed, prints);
      return `${prints.length} lines`;
    });
  }
  rmSync(place, { recursive: true });
}
