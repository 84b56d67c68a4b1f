/** examples/pytorch in Python, with transformers where it is installed, else with a stand-in that reads the file. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initModel, modelOf, parametersOf } from "../../src/model.js";
import { exampleFolder } from "./folder.js";

const STAND_IN = fileURLToPath(new URL("python", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = exampleFolder("pytorch");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a checkpoint that the command wrote loads in Python with its values", () => {
  const python = spawnSync("python3", ["--version"]);
  expect(python.status, "python3 is not installed").toBe(0);
  const installed = spawnSync("python3", ["-c", "import torch, transformers"]).status === 0;

  const command = join(folder, "node_modules/nn-init/dist/cli.js");
  const args = [command, "init", "config.json", "--seed", "42", "--out", "model.safetensors"];
  execFileSync(process.execPath, args, { cwd: folder });
  const standIn = { PYTHONPATH: STAND_IN, PYTHONDONTWRITEBYTECODE: "1" };
  const env = { ...process.env, ...(installed ? {} : standIn) };
  const printed = execFileSync("python3", ["load.py"], { cwd: folder, encoding: "utf8", env });

  const model = modelOf(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")));
  const { tensors } = initModel(model, { seed: 42 });
  const [count, ...lines] = printed.trim().split("\n");
  expect(count).toBe(`${parametersOf(model).toLocaleString("en")} parameters`);
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    const [, name, shape, std] = /^(\S+): \(([\d, ]+)\), std ([\d.]+)$/.exec(line) as unknown as string[];
    const tensor = tensors.get(name as string);
    expect(
      shape
        ?.split(",")
        .filter((text) => text.trim() !== "")
        .map(Number),
    ).toEqual(tensor?.shape);
    expect(Number(std)).toBeCloseTo(stdOf(tensor?.values as Float32Array), 5);
  }
});

/** As torch.std: over n - 1. */
function stdOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
