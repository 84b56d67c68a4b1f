/**
 * The built command as a process: its exit code, standard input and output, threads and signals. Only what a process alone
 * can show, since each start takes a third of a second; process.slow.ts has the rest.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, spawned, started, starts } from "./build.js";
import { nnInit } from "./command.js";

const work = folder();
const config = join(work, "config.json");
writeFileSync(config, JSON.stringify({ model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10 }));

test("--version is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(spawned(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test("errors have no colours, not even where the environment asks for them, and set the exit code", () => {
  const bad = join(work, "bad.json");
  writeFileSync(bad, '{\n  "model_type": "gpt2",,\n}');
  const run = spawned(["plan", bad]);
  expect(run).toMatchObject({ status: 1, stdout: "" });
  expect(run.stderr).toContain("> 2 |");
  expect(run.stderr).not.toContain("\\u001b"); // as which they would be escaped
});

test("--scheme - reads its JSON from standard input, beside flags", async () => {
  const args = (scheme: string) => ["plan", config, "--scheme", scheme, "--mean", "1", "--json"];
  const run = spawned(args("-"), { input: '{ "scheme": "normal", "std": 0.5 }' });
  expect(run).toMatchObject({ status: 0, stderr: "" });
  expect(run.stdout).toBe((await nnInit(args('{"scheme":"normal","std":0.5}'))).stdout);
});

test("--out - writes the file to standard output, and the report to standard error", async () => {
  const file = join(work, "whole.safetensors");
  expect((await nnInit(["init", config, "--seed", "1", "--out", file])).status).toBe(0);
  const whole = readFileSync(file);
  const run = spawned(["init", config, "--seed", "1", "--out", "-"], { encoding: "latin1" });
  expect(run.status, run.stderr).toBe(0);
  expect(Buffer.compare(Buffer.from(run.stdout, "latin1"), whole)).toBe(0);
  const sha256 = createHash("sha256").update(whole).digest("hex");
  expect(run.stderr).toContain(`standard output\nsha256 ${sha256}\n`);
});

test("GPT-2 of seed 42, by two threads: the file that every version writes", () => {
  const gpt2 = new URL("../../examples/gpt2/config.json", import.meta.url).pathname;
  const here = folder();
  try {
    const run = spawned(["init", gpt2, "--seed", "42", "--threads", "2", "--json"], { cwd: here });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const [{ path, bytes, sha256 }] = JSON.parse(run.stdout).files;
    expect(path).toBe(join(here, "gpt2.safetensors"));
    expect(statSync(path).size).toBe(bytes);
    expect(sha256).toBe("fc6bfc3fc7f5009d0324cd281d16be2b37f7602e9aadcb2d44a02754b576f0a6");
  } finally {
    rmSync(here, { recursive: true });
  }
});

test("a signal as soon as there is a file leaves none, and is the exit code", async () => {
  const here = folder();
  const shapes = join(work, "shapes.json");
  writeFileSync(shapes, JSON.stringify([{ name: "w", shape: [2 ** 26], scheme: "normal", std: 1 }]));
  const child = started(["init", shapes, "--out", join(here, "x.safetensors")], { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  for (const begun = Date.now(); readdirSync(here).length === 0 && Date.now() - begun < 10_000; ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill("SIGTERM");
  expect(await ended).toBe(143);
  expect(readdirSync(here)).toEqual([]);
});

test("tests of the command start it here alone, and at most six times", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".test.ts"));
  const starting = files.filter((name) =>
    /"\.\/build\.js"|execPath/.test(readFileSync(new URL(name, import.meta.url), "utf8")),
  );
  expect(starting).toEqual(["process.test.ts"]);
  expect(starts.count).toBeLessThanOrEqual(6);
});
