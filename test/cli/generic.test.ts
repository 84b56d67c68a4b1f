/** Models of types that are not known: plans with names, `--config`, folders, indices without their files, Git LFS pointers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../../src/model.js";
import { file, TINY } from "../audit/files.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const put = (name: string, content: unknown): string => {
  const path = join(work, name);
  writeFileSync(path, typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
};
const zeros = (...shape: number[]) => ({
  ...{ dtype: "F32" as const, shape },
  values: new Float32Array(shape.reduce((product, length) => product * length, 1)),
});
const WEIGHTS = file([
  ["model.embed_tokens.weight", zeros(6, 4)],
  ["model.layers.0.fc.weight", zeros(4, 4)],
  ["model.layers.0.norm.weight", zeros(4)],
]);
const CONFIG = { model_type: "apertus", initializer_range: 0.25, pad_token_id: 1, text: { width: 8 } };
const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

const stds = ({ stdout }: { stdout: string }) =>
  (JSON.parse(stdout) as { tensors: { stds: number[] }[] }).tensors.map(({ stds }) => stds);
const plan = (...args: string[]) => nnInit(["plan", ...args]);

beforeAll(() => {
  for (const name of ["unknown", "index", "bare"]) mkdirSync(join(work, name));
  put("unknown/config.json", CONFIG);
  put("unknown/model.safetensors", WEIGHTS);
  put("alone.safetensors", WEIGHTS);
  put("other.json", CONFIG);
});

describe("a type that is not known", () => {
  test("a folder with its config and a checkpoint, by @transformers", async () => {
    const run = await plan(join(work, "unknown"), "--plan", "@transformers", "--json");
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(stds(run)).toEqual([[0.25, 0, 0.25], [0.25], [0]]);
  });

  test("--config describes a checkpoint or a list, and its nested numbers are in expressions", async () => {
    const [alone, config] = [join(work, "alone.safetensors"), join(work, "other.json")];
    expect(stds(await plan(alone, "--plan", "@transformers", "--config", config, "--json"))[0]).toEqual([
      0.25, 0, 0.25,
    ]);
    const own = put("own.json", { rules: [{ match: "*", scheme: "normal", std: "1 / text.width" }] });
    const list = put("list.json", [{ name: "fc.weight", shape: [2, 2] }]);
    expect(stds(await plan(list, "--plan", own, "--config", config, "--json"))).toEqual([[0.125]]);
  });

  test("plans are joined, the first first", async () => {
    const own = put("first.json", { rules: [{ role: "weight", scheme: "constant", value: 3 }] });
    const run = await plan(join(work, "unknown"), "--plan", own, "--plan", "@transformers", "--json");
    const { tensors } = JSON.parse(run.stdout) as { tensors: { distributions: string[] }[] };
    expect(tensors.slice(1).map(({ distributions }) => distributions)).toEqual([["constant 3"], ["constant 1"]]);
  });

  test("an audit expects what the plan says", async () => {
    const out = join(work, "drawn.safetensors");
    const args = ["--plan", "@transformers", "--config", join(work, "other.json")];
    expect(await nnInit(["init", join(work, "alone.safetensors"), ...args, "--seed", "1", "--out", out])).toMatchObject(
      {
        status: 0,
      },
    );
    expect(await nnInit(["audit", out, ...args, "--threads", "1"])).toMatchObject({ status: 0 });
    const zero = await nnInit(["audit", join(work, "alone.safetensors"), ...args, "--threads", "1"]);
    expect(zero.status).toBe(1);
  });

  test("a type that was not compared with the library is told of", async () => {
    const config = put("mine.json", { ...CONFIG, model_type: "mine" });
    const run = await plan(join(work, "alone.safetensors"), "--plan", "@transformers", "--config", config);
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/^@transformers: of "mine" it is not known whether/);
  });

  test.each<[string, () => string[], RegExp]>([
    [
      "no plan, with a config beside it",
      () => [join(work, "unknown", "model.safetensors")],
      /the config beside it is of "apertus", which is not known, .*; try: nn-init init \S+unknown\/model\.safetensors --plan @transformers\n$/,
    ],
    [
      "no plan and no config",
      () => [join(work, "alone.safetensors")],
      /no config is beside it, .*; try: nn-init init \S+ --plan @transformers --config config\.json\n$/,
    ],
    [
      "@transformers without a config",
      () => [join(work, "alone.safetensors"), "--plan", "@transformers"],
      /expected a config, for its initializer_range and pad_token_id, got none; give --config config\.json\n$/,
    ],
    [
      "@transformers for a type that is known",
      () => [put("gpt2.json", TINY), "--plan", "@transformers"],
      /"transformer.wte.weight" .*: gpt2 is known, and has a plan of its own: leave @transformers out, or give what nn-init plan CONFIG --print prints in its place\n/,
    ],
    [
      "a plan that there is not",
      () => [join(work, "unknown"), "--plan", "@transformer"],
      /plan: expected one of .*\(perhaps "transformers"\), got "transformer"\n$/,
    ],
    [
      "a config for a config",
      () => [put("gpt2.json", TINY), "--config", join(work, "other.json")],
      /expected a checkpoint or a list of tensors, which --config describes, got a config\n$/,
    ],
    [
      "a config that is a list",
      () => [join(work, "alone.safetensors"), "--config", put("l.json", [])],
      /an object, got \[\]/,
    ],
    ["an empty config", () => [join(work, "alone.safetensors"), "--config", put("e.json", {})], /model_type: expected/],
    [
      "a page in place of a config",
      () => [join(work, "alone.safetensors"), "--config", put("p.json", "<!DOCTYPE html>")],
      /p\.json: expected JSON, got a web page/,
    ],
    [
      "a checkpoint in place of a config, whose name is right",
      () => [join(work, "alone.safetensors"), "--config", join(work, "alone.safetensors")],
      /alone\.safetensors: expected JSON, got a safetensors file\n$/,
    ],
  ])("is refused with %s", async (_, args, message) => {
    const run = await plan(...args());
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(message);
  });
});

describe("an index whose files are not there", () => {
  const names = modelOf(TINY).tensors.map(({ name }) => name);
  const index = (map: object) => put("index/model.safetensors.index.json", { weight_map: map });
  const all = Object.fromEntries(names.map((name, i) => [name, `model-${i % 2}.safetensors`]));

  test("is enough with a config of a known type", async () => {
    const path = index(all);
    put("index/config.json", TINY);
    const run = await plan(path, "--json");
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(run.stdout).tensors.length).toBe(names.length);
    put("index/model-0.safetensors", POINTER);
    expect(await plan(path)).toMatchObject({ status: 0 });
    const audited = await nnInit(["audit", path]);
    expect(audited.stderr).toMatch(
      /cannot read \S+model-0\.safetensors and 1 more files: missing, or a Git LFS pointer/,
    );
  });

  test("is refused where the config has other tensors", async () => {
    put("index/config.json", TINY);
    expect((await plan(index({ ...all, odd: "model-0.safetensors" }))).stderr).toMatch(
      /"odd": its config has no such tensor/,
    );
    const { [names[0] as string]: _, ...less } = all;
    expect((await plan(index(less))).stderr).toContain(`expected the tensor "${names[0]}" of its config, got none`);
  });

  test("is refused without one, with what is missing", async () => {
    const path = put("bare/model.safetensors.index.json", { weight_map: all });
    expect((await plan(path)).stderr).toMatch(
      /the shapes of its tensors are in \S+bare\/model-0\.safetensors and 1 more files, which is missing .* no config is beside it; fetch the files, with "git lfs pull"/,
    );
  });
});

test.each([
  ["a checkpoint", "init", "pointer.safetensors", []],
  ["a config", "plan", "pointer.json", []],
  ["a plan", "plan", "alone.safetensors", ["--plan", "pointer.json"]],
  ["an architecture", "plan", "other.json", ["--architecture", "pointer.json"]],
  ["an index", "plan", "pointer.safetensors.index.json", []],
] as const)("a Git LFS pointer in place of %s is recognized", async (_, command, model, flags) => {
  for (const name of ["pointer.safetensors", "pointer.json", "pointer.safetensors.index.json"]) put(name, POINTER);
  const run = await nnInit([command, join(work, model), ...flags.map((f) => (f.startsWith("-") ? f : join(work, f)))]);
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/pointer\S*: expected .*, got a Git LFS pointer; git lfs pull fetches the file itself\n$/);
});

test("plans lists the names that --plan takes", async () => {
  const { stdout } = await nnInit(["plans"]);
  expect(stdout).toMatch(/^@torchtitan\/llama3\n {2}for llama\n {2}from torchtitan 0\.3\.0, /m);
  const json = JSON.parse((await nnInit(["plans", "--json"])).stdout) as { name: string }[];
  expect(json.map(({ name }) => name)).toContain("transformers");
});

test("--scheme refuses a name that does not say what the tensor is, with the rule that would decide it", async () => {
  const list = put("odd.json", [
    { name: "fc.weight", shape: [2, 2] },
    { name: "act.prelu.weight", shape: [2] },
  ]);
  expect(await plan(list, "--scheme", "normal", "--std", "1")).toEqual({
    status: 1,
    stdout: "",
    stderr:
      'nn-init: --scheme normal: it draws what its config or name says is a weight, and "act.prelu.weight" says nothing; ' +
      "give a plan in place of --scheme; rules before the others decide them, with a scheme in place of ...\n" +
      '  { "match": "*.prelu.weight", "scheme": ... }   "act.prelu.weight" [2]\n',
  });
});
