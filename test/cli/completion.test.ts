/** Completion scripts: what they contain, and what bash makes of its own. completion.slow.ts asks zsh and fish. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ACTIVATIONS } from "../../src/scheme/gain.js";
import { SCHEME_NAMES } from "../../src/scheme/scheme.js";
import { COMMANDS, folder, nnInit } from "./command.js";

const work = folder();
const SHELLS = ["bash", "zsh", "fish"] as const;

beforeAll(async () => {
  for (const shell of SHELLS) {
    const run = await nnInit(["completion", shell]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(join(work, `script.${shell}`), run.stdout);
  }
});

test("an unknown shell is wrong usage, with those that there are", async () => {
  const run = await nnInit(["completion", "csh"]);
  expect(run).toMatchObject({ status: 2, stdout: "" });
  expect(run.stderr).toMatch(/'csh' is invalid.*bash, zsh, fish/);
});

describe("bash", () => {
  /** What pressing Tab offers after the words. */
  function completed(...words: string[]): string[] {
    const script = `source script.bash
      COMP_WORDS=(nn-init "$@"); COMP_CWORD=$#; _nn_init; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const run = spawnSync("bash", ["--norc", "-u", "-c", script, "bash", ...words], { cwd: work, encoding: "utf8" });
    expect(run.stderr).toBe("");
    return run.stdout.split("\n").filter((word) => word !== "");
  }

  test("the script is registered for nn-init, with files where it offers nothing", () => {
    const run = spawnSync("bash", ["--norc", "-c", "source <(cat script.bash); complete -p nn-init"], {
      cwd: work,
      encoding: "utf8",
    });
    expect(run).toMatchObject({ status: 0, stdout: "complete -o default -F _nn_init nn-init\n", stderr: "" });
  });

  test("commands, and their beginnings", () => {
    expect(completed("")).toEqual([...COMMANDS, "help"]);
    expect(completed("pl")).toEqual(["plan", "plans"]);
    expect(completed("--v")).toEqual(["--version"]);
    expect(completed("help", "a")).toEqual(["audit"]);
  });

  test("flags of the command at hand", () => {
    expect(completed("init", "--s")).toEqual([
      ...["--scheme", "--std", "--std-of", "--scale", "--slope", "--sparsity", "--seed", "--shard"],
    ]);
    expect(completed("audit", "m.safetensors", "--re")).toEqual(["--reproduce"]);
    expect(completed("plan", "--force")).toEqual([]);
    expect(completed("lab", "--no")).toEqual([
      "--norm",
      "--normalization",
      "--normalization-at",
      "--no-recommendation",
    ]);
  });

  test("values that a flag can have", () => {
    expect(completed("init", "--dtype", "")).toEqual(["f32", "f64", "f16", "bf16"]);
    expect(completed("init", "--dtype", "=", "b")).toEqual(["bf16"]);
    expect(completed("init", "--dtype", "=")).toEqual(["f32", "f64", "f16", "bf16"]);
    expect(completed("lab", "--normalization", "")).toEqual(["none", "layer", "rms", "batch"]);
    expect(completed("lab", "--activation", "")).toEqual(ACTIVATIONS);
    expect(completed("plan", "x.json", "--scheme", "")).toEqual(SCHEME_NAMES.filter((name) => name !== "split"));
    expect(completed("completion", "")).toEqual([...SHELLS]);
  });

  test("nothing, and so files, elsewhere", () => {
    for (const words of [
      ["init", ""],
      ["init", "--plan", ""],
      ["audit", "f"],
      ["completion", "bash", ""],
    ]) {
      expect(completed(...words)).toEqual([]);
    }
  });
});

test("every script has every command and flag that the help has", async () => {
  for (const command of ["init", "plan", "audit", "lab"]) {
    const { stdout } = await nnInit([command, "--help"]);
    const flags = [...stdout.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map(([, flag]) => flag as string);
    expect(flags.length).toBeGreaterThan(8);
    for (const shell of SHELLS) {
      const script = (await nnInit(["completion", shell])).stdout;
      for (const flag of flags) {
        expect(script, `${shell}: ${flag}`).toMatch(shell === "fish" ? `-l ${flag}` : `--${flag}`);
      }
    }
  }
});
