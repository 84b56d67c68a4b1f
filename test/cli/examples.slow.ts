/** Every example in the help texts, run by a shell in a folder that has the files it names. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { TINY } from "../audit/files.js";
import { CLI, folder } from "./build.js";
import { nnInit } from "./command.js";

const SHAPES = new URL("../../examples/shapes.json", import.meta.url).pathname;
const lines: string[] = [];
for (const command of ["", "init", "tiny", "plan", "audit", "lab", "completion"]) {
  const { stdout } = await nnInit([...(command === "" ? [] : [command]), "--help"]);
  lines.push(...[...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line as string));
}

let work: string;

beforeEach(async () => {
  work = folder();
  writeFileSync(join(work, "config.json"), JSON.stringify({ ...TINY, n_head: 4 }));
  copyFileSync(SHAPES, join(work, "shapes.json"));
  writeFileSync(join(work, "plan.json"), (await nnInit(["plan", join(work, "config.json"), "--print"])).stdout);
  mkdirSync(join(work, ".config/fish/completions"), { recursive: true });
});

test("there are examples", () => expect(lines.length).toBeGreaterThan(12));

test.each(lines)("%s", async (line) => {
  const args = ["init", join(work, "config.json"), "--seed", "1", "--out", join(work, "model.safetensors")];
  if (!line.includes("--out model")) expect((await nnInit(args)).status).toBe(0);
  const script = `nn-init() { "$0" "$1" "$@"; }; compdef() { :; }; set -e; ${line}`.replace('"$1"', `'${CLI}'`);
  const options = { cwd: work, env: { ...process.env, HOME: work }, encoding: "utf8" } as const;
  const run = spawnSync("bash", ["-c", script, process.execPath], options);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});
