/** Completion scripts, by zsh and fish themselves. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folder, nnInit } from "./command.js";
import { needs } from "./needs.js";

const work = folder();

beforeAll(async () => {
  for (const shell of ["zsh", "fish"]) {
    writeFileSync(join(work, `script.${shell}`), (await nnInit(["completion", shell])).stdout);
  }
  mkdirSync(join(work, "files"));
  writeFileSync(join(work, "files", "model.json"), "");
});

describe("zsh", () => {
  test("the script is well formed", (context) => {
    needs("zsh", context);
    expect(spawnSync("zsh", ["-n", "script.zsh"], { cwd: work, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });
});

describe("fish", () => {
  test("commands, flags, values and files", (context) => {
    needs("fish", context);
    const completed = (line: string): string[] => {
      const script = `source ../script.fish; complete -C ${JSON.stringify(line)}`;
      const run = spawnSync("fish", ["-c", script], { cwd: join(work, "files"), encoding: "utf8" });
      return run.stdout.split("\n").flatMap((found) => found.split("\t")[0] || []);
    };
    expect(completed("nn-init p")).toEqual(["plan", "plans"]);
    expect(completed("nn-init init --dty")).toEqual(["--dtype"]);
    expect(completed("nn-init init --dtype b")).toEqual(["bf16"]);
    expect(completed("nn-init init --plan m")).toEqual(["model.json"]);
    expect(completed("nn-init init m")).toEqual(["model.json"]);
    expect(completed("nn-init completion f")).toEqual(["fish"]);
  });
});
