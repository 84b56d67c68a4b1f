/** What the command says of itself: help, version, errors, and where they are written. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MODEL_TYPES } from "../../src/model.js";
import { TINY } from "../audit/files.js";
import { COMMANDS, folder, nnInit } from "./command.js";

const work = folder();
const config = join(work, "config.json");
writeFileSync(config, JSON.stringify(TINY));

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

test("models lists every family, and all classes with --json", async () => {
  const { stdout } = await nnInit(["models"]);
  expect(stdout.split("\n").map((line) => line.split(" ", 1)[0])).toEqual([...MODEL_TYPES, ""]);
  expect(stdout).toMatch(/\nllama {2,}LlamaForCausalLM\n/);
  const { models } = JSON.parse((await nnInit(["models", "--json"])).stdout);
  expect(models.length).toBe(MODEL_TYPES.length);
  expect(models).toContainEqual({ type: "UNet2DModel", classes: ["UNet2DModel"] });
  expect(models).toContainEqual({ type: "granite", classes: ["GraniteForCausalLM", "GraniteModel"] });
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
});

test("help of an unknown command says so, and help of help is the help", async () => {
  const stderr = "nn-init: unknown command 'foo'\n";
  expect(await nnInit(["help", "foo"])).toEqual({ status: 2, stdout: "", stderr });
  expect(await nnInit(["help", "help"])).toEqual(await nnInit(["--help"]));
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

describe("standard input", () => {
  test.each([
    ["plan", "-", "--plan", "-"],
    ["init", "-", "--scheme", "-"],
    ["init", "x", "--scheme", "-", "--scheme", "-"],
    ["audit", "-", "--config", "-"],
    ["audit", "x", "--plan", "-", "--config", "-"],
  ])("can be read only once: %s", async (...args) => {
    const run = await nnInit(args);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain("Standard input (-) can be read only once.");
  });

  test("is not read where --plan and --scheme exclude each other", async () => {
    expect(await nnInit(["plan", config, "--plan", "x", "--scheme", "-"])).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("an unknown name is told with what was probably meant:", () => {
  test.each([
    // by another program's word
    ["init --output x", '"--out"'],
    ["init -o x", '"--out"'],
    ["init --output=x", '"--out"'],
    ["init --random-seed 1", '"--seed"'],
    ["init --nonlinearity relu", '"--activation"'],
    ["init --negative-slope 1", '"--slope"'],
    ["init --overwrite", '"--force"'],
    ["init --kernel-initializer x", '"--scheme"'],
    ["lab --num-layers 3", '"--depth"'],
    ["lab --norm-at post", '"--normalization-at"'],
    ["-v", '"--version"'],
    ["generate", '"init"'],
    ["validate", '"audit"'],
    // by the value of a flag
    ["init --float32", '"--dtype f32"'],
    ["plan --bf16", '"--dtype bf16"'],
    ["init --fan-in", '"--mode fan_in"'],
    ["init --he-normal", '"--scheme heNormal"'],
    // misspelt
    ["init --sead 1", '"--seed"'],
    ["plna", '"plan"'],
    ["help plna", '"plan"'],
    ["help train", '"compare"'],
    // of another command
    ["plan --output x", '"nn-init init --out"'],
    ["init --norm layer", '"nn-init lab --normalization"'],
    ["plan --sead 1", '"nn-init init --seed"'],
  ])("%s", async (line, name) => {
    const run = await nnInit(line.split(" "));
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/^nn-init: unknown (option|command) '[^']*' \(perhaps ".*"\)\n$/);
    expect(run.stderr).toContain(`(perhaps ${name})`);
  });

  test("a flag of other commands, by their names", async () => {
    expect((await nnInit(["plan", "--html", "x"])).stderr).toBe(
      "nn-init: unknown option '--html' (audit, lab and compare have it)\n",
    );
    expect((await nnInit(["--reproduce"])).stderr).toBe("nn-init: unknown option '--reproduce' (audit has it)\n");
  });

  test("where to look for an argument that is missing", async () => {
    expect(await nnInit(["plan"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "nn-init: missing required argument 'model'; nn-init plan --help says more\n",
    });
  });

  test("nothing for a name like no other", async () => {
    expect((await nnInit(["init", "--frobnicate"])).stderr).toBe("nn-init: unknown option '--frobnicate'\n");
  });
});
