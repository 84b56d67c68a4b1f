/** Every example in the help texts, run by a shell in a folder that has the files it names. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { TINY } from "../audit/files.js";
import { model, node, tensor } from "../onnx/proto.js";
import { CLI, folder } from "./build.js";
import { nnInit } from "./command.js";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
const SERVING = /The page is at|^serving on/m; // what a server says once it listens

const { stdout: help } = await nnInit(["--help"]);
const commands = [...(/^Commands:\n(.*?)\n\n/ms.exec(help)?.[1] ?? "").matchAll(/^ {2}([a-z]+) /gm)].map(
  ([, name]) => name as string,
);
const lines: string[] = [];
for (const command of commands) {
  if (command === "bench") continue; // its exit code says how fast this machine is now
  const { stdout } = await nnInit([command, "--help"]);
  lines.push(...[...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line as string));
}

let work: string;

beforeEach(async () => {
  work = folder();
  const config = join(work, "config.json");
  writeFileSync(config, JSON.stringify({ ...TINY, n_head: 4 }));
  for (const name of ["shapes.json", "layers.json"]) copyFileSync(join(EXAMPLES, name), join(work, name));
  writeFileSync(join(work, "plan.json"), (await nnInit(["plan", config, "--print"])).stdout);
  const nodes = [node("MatMul", ["x", "fc"], ["y"]), node("Relu", ["y"], ["z"])];
  writeFileSync(join(work, "model.onnx"), model({ nodes, tensors: [tensor("fc", [64, 48])] }));
  mkdirSync(join(work, ".config/fish/completions"), { recursive: true });
});

test("there are examples of every command", () => {
  expect(commands).toEqual(expect.arrayContaining(["init", "index", "verify", "serve", "lab", "compare"]));
  expect(lines.length).toBeGreaterThan(30);
});

test.each([...new Set(lines)])("%s", async (line) => {
  const init = ["init", join(work, "config.json"), "--seed", "1", "--out"];
  if (!line.includes("--out model")) expect((await nnInit([...init, join(work, "model.safetensors")])).status).toBe(0);
  if (line.includes("/llama3")) writeFileSync(join(work, "config.json"), await llamaConfig());
  const shards = [...init, join(work, "llama"), "--max-shard-size", "1MB"];
  if (/(index|verify) llama/.test(line)) expect((await nnInit(shards)).status).toBe(0);
  const script = `nn-init() { "$0" '${CLI}' "$@"; }; compdef() { :; }; set -e; ${line}`;
  const run = await shell(script);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});

/** A config of the family that the plan of another framework is for. */
async function llamaConfig(): Promise<string> {
  const made = join(work, "made");
  expect((await nnInit(["tiny", "llama", "--seed", "1", "--out", made])).status).toBe(0);
  return readFileSync(join(made, "config.json"), "utf8");
}

const LIMIT = 120_000; // milliseconds of a script

/** Runs a script. A server is interrupted as soon as it listens; what runs for too long is killed, with all that it started. */
function shell(script: string): Promise<{ readonly status: number | null; readonly stderr: string }> {
  const options = { cwd: work, env: { ...process.env, HOME: work }, detached: true } as const; // a group, to interrupt
  const child = spawn("bash", ["-c", script, process.execPath], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    if (SERVING.test(stdout) && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    if (SERVING.test(stdout)) stdout = "";
  });
  const limit = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), LIMIT);
  return new Promise<{ status: number | null; stderr: string }>((resolve, reject) => {
    child.on("error", reject).on("close", (status) => resolve({ status, stderr }));
  }).finally(() => clearTimeout(limit));
}
