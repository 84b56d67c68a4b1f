/** `--scheme` and the flags of its options, in `init`, `plan` and `lab`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recommend } from "../../src/recipes.js";
import { optionsOf, SCHEME_NAMES } from "../../src/scheme/scheme.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const model = join(work, "shapes.json");
writeFileSync(
  model,
  JSON.stringify([
    { name: "conv.weight", shape: [8, 8, 3, 3] },
    { name: "conv.bias", shape: [8] },
    { name: "bn.weight", shape: [8] },
    { name: "bn.running_mean", shape: [8] },
    { name: "bn.running_var", shape: [8] },
    { name: "bn.num_batches_tracked", shape: [] },
    { name: "LayerNorm_0/scale", shape: [8] },
    { name: "LayerNorm_0/beta", shape: [8] },
    { name: "fc.weight", shape: [4, 8], layout: "oi" },
  ]),
);

const matrix = join(work, "matrix.json");
writeFileSync(matrix, JSON.stringify([{ name: "fc.weight", shape: [4, 8], layout: "oi" }]));

/** The schemes of the tensors that are not vectors. */
async function schemesFor(model: string, ...args: string[]): Promise<object[]> {
  const run = await nnInit(["plan", model, ...args, "--json"]);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  const { tensors } = JSON.parse(run.stdout) as { tensors: { shape: number[]; scheme: object }[] };
  return tensors.filter(({ shape }) => shape.length > 1).map(({ scheme }) => scheme);
}

const schemesBy = (...args: string[]) => schemesFor(model, ...args);

describe("a scheme by flags", () => {
  test.each<[string[], object]>([
    [["normal", "--std", "0.02"], { scheme: "normal", std: 0.02 }],
    [["normal", "--mean", "-1", "--std", "0.02"], { scheme: "normal", mean: -1, std: 0.02 }],
    [["uniform", "--low=-1", "--high", "2e-1"], { scheme: "uniform", low: -1, high: 0.2 }],
    [
      ["truncatedNormal", "--std", "1", "--low=-3", "--high", "3", "--bounds", "absolute", "--std-of", "result"],
      { scheme: "truncatedNormal", std: 1, low: -3, high: 3, bounds: "absolute", stdOf: "result" },
    ],
    [["constant", "--value", "0.5"], { scheme: "constant", value: 0.5 }],
    [["sparse", "--sparsity", "0.5", "--std", "1"], { scheme: "sparse", sparsity: 0.5, std: 1 }],
    [
      ["varianceScaling", "--scale", "2", "--mode", "fan_avg", "--distribution", "uniform", "--layout", "io"],
      { scheme: "varianceScaling", scale: 2, mode: "fan_avg", distribution: "uniform", layout: "io" },
    ],
    [
      ["kaimingUniform", "--activation", "leakyRelu", "--slope", "0.2", "--compat", "torch", "--layout", "oi"],
      { scheme: "kaimingUniform", activation: "leakyRelu", slope: 0.2, compat: "torch", layout: "oi" },
    ],
    [["xavierNormal", "--gain", "3", "--layout", "io"], { scheme: "xavierNormal", gain: 3, layout: "io" }],
    [['{"scheme":"normal","std":0.02}'], { scheme: "normal", std: 0.02 }],
    [['{"scheme":"normal","mean":1}', "--std", "0.02"], { scheme: "normal", mean: 1, std: 0.02 }],
    [
      ['{"scheme":"split","axis":0,"parts":2,"of":{"scheme":"ones"}}'],
      { scheme: "split", axis: 0, parts: 2, of: { scheme: "ones" } },
    ],
  ])("%o", async ([name, ...flags], expected) => {
    const run = await nnInit(["plan", matrix, "--scheme", name as string, ...flags, "--json"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(run.stdout).tensors[0].scheme).toEqual(expected);
  });

  test("takes each tensor's own layout, where the model says one", async () => {
    const run = await nnInit(["plan", matrix, "--scheme", "heNormal", "--json"]);
    expect(JSON.parse(run.stdout).tensors[0].scheme).toEqual({ scheme: "heNormal", layout: "oi" });
  });

  test("vectors start as their names say: buffers and biases 0, variances and scales 1", async () => {
    const run = await nnInit(["plan", model, "--scheme", "normal", "--std", "1", "--json"]);
    const { tensors } = JSON.parse(run.stdout) as { tensors: { name: string; scheme: { scheme: string } }[] };
    expect(Object.fromEntries(tensors.map(({ name, scheme }) => [name, scheme.scheme]))).toEqual({
      "conv.weight": "normal",
      "conv.bias": "zeros",
      "bn.weight": "ones",
      "bn.running_mean": "zeros",
      "bn.running_var": "ones",
      "bn.num_batches_tracked": "zeros",
      "LayerNorm_0/scale": "ones",
      "LayerNorm_0/beta": "zeros",
      "fc.weight": "normal",
    });
  });

  test("embeddings have no fans: a scheme with fans leaves them to what recommend says, unless the fans are given", async () => {
    const table = join(work, "table.json");
    const tensors = [
      { name: "embed.weight", shape: [100, 32] },
      { name: "fc.weight", shape: [4, 32] },
    ];
    writeFileSync(table, JSON.stringify(tensors));
    const small = recommend({ layer: "embedding" }).scheme;
    const by = async (given: object) => (await schemesFor(table, "--scheme", JSON.stringify(given)))[0];
    for (const scheme of ["heNormal", "xavierUniform", "kaimingNormal"]) {
      expect(await by({ scheme, layout: "oi" }), scheme).toEqual(small);
    }
    const given = { scheme: "heNormal", fans: { in: 32, out: 1 } };
    for (const scheme of [given, { scheme: "normal", std: 1 }, { scheme: "orthogonal" }]) {
      expect(await by(scheme)).toEqual(scheme);
    }
    writeFileSync(table, JSON.stringify(tensors.slice(0, 1)));
    expect((await nnInit(["plan", table, "--scheme", "heNormal"])).stderr).toBe(
      "nn-init: --scheme heNormal decides no tensor: by their names, all are biases, scales or buffers, or embeddings, which have no fans\n",
    );
  });

  test("the table has what each role starts from in place of rules, which nobody wrote", async () => {
    const { stdout } = await nnInit(["plan", model, "--scheme", "normal", "--std", "1"]);
    expect(stdout).not.toMatch(/rule/);
    expect(stdout).toContain('\nweight: {"scheme":"normal","std":1}\n');
    expect(stdout).toContain('\nbias, buffer: {"scheme":"zeros"}\nbuffer, normalization: {"scheme":"ones"}\n');
  });

  test("--print writes the rules behind it, which plan the same model", async () => {
    const plan = join(work, "printed.json");
    writeFileSync(plan, (await nnInit(["plan", model, "--scheme", "normal", "--std", "1", "--print"])).stdout);
    expect(await schemesBy("--plan", plan)).toEqual(await schemesBy("--scheme", "normal", "--std", "1"));
  });

  test("every option that is a number or a word has a flag, but for a few that only JSON takes", async () => {
    const { stdout } = await nnInit(["init", "--help"]);
    const options = new Set(SCHEME_NAMES.flatMap(optionsOf));
    const flags = [...options].filter((key) => stdout.includes(`\n  --${key === "stdOf" ? "std-of" : key} <`));
    const others = [...options].filter((key) => !flags.includes(key));
    expect(others.sort()).toEqual([
      "axes",
      "axis",
      "equation",
      "fans",
      "groups",
      "of",
      "parts",
      "stride",
      "transposed",
    ]);
  });
});

describe("mistakes are told by flags, never by rules that the user did not write", () => {
  test.each<[string[], number, string]>([
    [["--scheme", "normal"], 2, "--scheme normal: std: expected a number, got undefined; give --std"],
    [["--scheme", "constant"], 2, "--scheme constant: value: expected a number, got undefined; give --value"],
    [["--scheme", "normal", "--std=-1"], 2, "--scheme normal: std: expected a number not below 0, got -1"],
    [["--scheme", "normal", "--std", "x"], 2, "option '--std <x>' argument 'x' is invalid. Expected a number."],
    [["--scheme", "zeros", "--std", "1"], 2, "--scheme zeros takes no options, got --std"],
    [["--scheme", "constant", "--layout", "io"], 2, "--scheme constant takes --value, got --layout"],
    [["--std", "1", "--mean", "2"], 2, "--std, --mean: give --scheme too"],
    [
      ["--scheme", '{"scheme":"normal","std":1}', "--std", "2"],
      2,
      "--scheme normal: std is given twice, in its JSON and by --std",
    ],
    [
      ["--scheme", "split"],
      2,
      "option '--scheme <scheme>' argument 'split' is invalid. The parts of a split have schemes of their own: write it as JSON.",
    ],
    [
      ["--scheme", "deltaOrthogonal", "--layout", "oi"],
      1,
      '--scheme deltaOrthogonal: tensor "fc.weight": shape: expected 3 to 5 axes, got [4, 8]',
    ],
    [
      ["--scheme", "heNormal"],
      1,
      '--scheme heNormal: tensor "conv.weight": layout: expected "io" ([...kernel, in, out]) or "oi" ' +
        "([out, in, ...kernel]), got nothing: the model does not say which axis is the input; give --layout",
    ],
  ])("%o", async (flags, status, message) => {
    const run = await nnInit(["plan", model, ...flags]);
    expect(run).toEqual({ status, stdout: "", stderr: `nn-init: ${message}\n` });
  });

  test("an unknown scheme, with what was probably meant", async () => {
    const run = await nnInit(["plan", model, "--scheme", "he_normal"]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/scheme: expected one of .*\(perhaps "heNormal"\), got "he_normal"/);
    expect((await nnInit(["plan", model, "--scheme", '{"scheme":"normal",}'])).stderr).toBe(
      `nn-init: option '--scheme <scheme>' argument '{"scheme":"normal",}' is invalid. ` +
        'line 1, column 20: expected a key, got "}"\n> 1 | {"scheme":"normal",}\n    |                    ^\n',
    );
    expect((await nnInit(["plan", model, "--scheme", '{"std":1}'])).stderr).toMatch(
      /scheme: expected one of .*, got undefined/,
    );
  });

  test("a model of vectors alone", async () => {
    const vectors = join(work, "vectors.json");
    writeFileSync(vectors, JSON.stringify([{ name: "b", shape: [3] }]));
    expect(await nnInit(["plan", vectors, "--scheme", "heNormal"])).toEqual({
      status: 1,
      stdout: "",
      stderr: "nn-init: --scheme heNormal decides no tensor: by their names, all are biases, scales or buffers\n",
    });
  });

  test("in the lab, --activation and --slope are the network's", async () => {
    const lab = [
      "lab",
      "--depth",
      "2",
      "--width",
      "8",
      "--samples",
      "4",
      "--seeds",
      "1",
      "--no-recommendation",
      "--json",
    ];
    const run = await nnInit([...lab, "--scheme", "kaimingNormal", "--gain", "2", "--activation", "tanh"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const { scheme, network } = JSON.parse(run.stdout);
    expect(scheme).toEqual({ scheme: "kaimingNormal", gain: 2 });
    expect(network.activation).toBe("tanh");
    expect(await nnInit([...lab, "--scheme", "normal"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "nn-init: --scheme normal: std: expected a number, got undefined; give --std\n",
    });
  });
});

test.each([
  ["1e-400", "Expected a number that does not round to 0"],
  ["-.00e0001", ""], // -0
  ["0x10", "Expected a number."],
  [" 1", "Expected a number."],
  ["1e999", "Expected a number."],
  ["", "Expected a number."],
])("a number in a flag is a decimal one that a double holds: %j", async (text, message) => {
  const { status, stderr } = await nnInit([
    "lab",
    "--depth",
    "1",
    "--width",
    "8",
    "--seeds",
    "1",
    `--bias-variance=${text}`,
  ]);
  expect([status, stderr.includes(message)]).toEqual([message === "" ? 0 : 2, true]);
});
