/** What the command says of itself: help, version, errors, and where they are written. */
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TINY } from "../audit/files.js";
import { CLI, spawned } from "./build.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const config = join(work, "config.json");
writeFileSync(config, JSON.stringify(TINY));

const COMMANDS = ["init", "plan", "audit", "lab", "completion"];

describe("help", () => {
  test.each(["", ...COMMANDS])("of %j has examples and exit codes", async (command) => {
    const run = await nnInit([...(command === "" ? [] : [command]), "--help"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toMatch(/\nExamples:\n( {2}\$ .*nn-init .*\n)+\nExit codes:\n/);
    expect(run.stdout).toMatch(
      / {2}0 +done\n {2}1 +failed.*\n {2}2 +wrong usage\n {2}128 \+ n +stopped by signal n\n$/,
    );
    for (const line of run.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("is the same by `help` and `--help`, and lists every command", async () => {
    const [by, flag] = [await nnInit(["help", "plan"]), await nnInit(["plan", "--help"])];
    expect(by).toEqual(flag);
    const { stdout } = await nnInit(["--help"]);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
  });

  test("uses the width of the terminal", async () => {
    const { stdout } = await nnInit(["lab", "--help"], 120);
    const widest = Math.max(...stdout.split("\n").map((line) => line.length));
    expect(widest).toBeGreaterThan(100);
    expect(widest).toBeLessThanOrEqual(120);
  });

  test("examples name only flags that there are", async () => {
    for (const command of COMMANDS) {
      const { stdout } = await nnInit([command, "--help"]);
      const [options = "", examples = ""] = stdout.split("\nExamples:\n");
      for (const [flag] of examples.matchAll(/--[a-z-]+/g)) expect(options, `${command} ${flag}`).toContain(`${flag}`);
    }
  });
});

describe("usage", () => {
  test("an unknown command and no command at all exit with 2", async () => {
    expect(await nnInit(["frobnicate"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "nn-init: unknown command 'frobnicate'\n",
    });
    const run = await nnInit([]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/^Usage: nn-init/);
  });

  test("the built command prints the package's version, and takes its exit code from the run", () => {
    expect(spawned(["--version"])).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
    expect(spawned(["frobnicate"])).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("errors", () => {
  const CONTROLS = "\u001b[2J\u009b1m\u0007\r\u202e";

  test.each<[string, () => string[]]>([
    ["an unknown flag", () => ["init", `--${CONTROLS}`]],
    ["an unknown command", () => [CONTROLS]],
    ["a file that is not there", () => ["plan", join(work, CONTROLS)]],
    [
      "malformed JSON",
      () => {
        const path = join(work, "controls.json");
        writeFileSync(path, `{ "model_type": "gpt2",\n "${CONTROLS}": ,\n}`);
        return ["plan", path];
      },
    ],
    ["a value", () => ["lab", "--depth", CONTROLS]],
  ])("carry no control characters of their input: %s", async (_, args) => {
    const run = await nnInit(args());
    expect(run.status).toBeGreaterThan(0);
    expect(run.stderr).toMatch(/^nn-init: /);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
    expect(run.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(run.stderr).toContain("\\u001b");
  });

  const bad = join(work, "bad.json");
  writeFileSync(bad, '{\n  "model_type": "gpt2",,\n}');

  test("have no colours, not even where the environment asks for them", () => {
    const run = spawned(["plan", bad]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toContain("> 2 |");
    expect(run.stderr).not.toContain("\\u001b"); // as which they would be escaped
  });

  test("keep their line breaks", async () => {
    expect((await nnInit(["plan", bad])).stderr).toMatch(/^nn-init: .*\n> 2 \| {3}"model_type": "gpt2",,\n/);
  });

  test("are at most about 2,000 characters long", async () => {
    const path = join(work, "long.json");
    writeFileSync(path, JSON.stringify({ rules: Array.from({ length: 200 }, () => ({ scheme: "nothing" })) }));
    const run = await nnInit(["plan", config, "--plan", path]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr.length).toBeLessThan(2100);
    expect(run.stderr).toMatch(/\.\.\. 200 faults in all\n$/);
  });
});

describe("standard output", () => {
  test("that is full is an error like others", () => {
    const script = `"$0" "$1" plan "$2" > /dev/full`;
    const run = spawnSync("sh", ["-c", script, process.execPath, CLI, config], { encoding: "utf8" });
    expect(run.stderr).toBe("nn-init: cannot write standard output: no space left on the disk\n");
    expect(run.status).toBe(1);
  });

  test("that its reader has closed ends the command quietly, with exit code 1", async () => {
    const child = spawn(process.execPath, [CLI, "plan", config], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
    expect(stderr).toBe("");
  });
});

describe("standard input", () => {
  const plan = join(work, "plan.json");
  writeFileSync(plan, JSON.stringify({ rules: [{ match: "*", scheme: "normal", std: 0.5 }] }));

  test("is the model or the plan where its name is -", async () => {
    const script = `"$0" "$1" plan - --plan "$3" --json < "$2" && cat "$3" | "$0" "$1" plan "$2" --plan - --json`;
    const run = spawnSync("sh", ["-c", script, process.execPath, CLI, config, plan], { encoding: "utf8" });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const expected = await nnInit(["plan", config, "--plan", plan, "--json"]);
    expect(run.stdout).toBe(expected.stdout.repeat(2));
  });

  test("can be only one of them", async () => {
    const run = await nnInit(["plan", "-", "--plan", "-"]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain("Standard input (-) can be read only once.");
  });
});
