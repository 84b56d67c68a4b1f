/** `nn-init plan`, and `init` of everything that can name a model, by the model's own plan or another. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { drawn, file, TINY } from "../audit/files.js";
import { readSafetensors } from "../model/reader.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const json = (name: string, content: unknown): string => {
  const path = join(work, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** By one thread: starting each takes longer than reading these files. */
const audit = (...args: string[]) => nnInit(["audit", ...args, "--threads", "1"]);

let turn = 0;
/** Draws by the command; the file. */
async function drawnBy(...args: string[]): Promise<string> {
  const out = join(work, `out-${++turn}.safetensors`);
  const run = await nnInit(["init", ...args, "--seed", "1", "--out", out, "--json"]);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  return out;
}

const TINY_ENCODER = { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4 };
const TINY_LLAMA = {
  ...TINY_ENCODER,
  ...{ model_type: "llama", vocab_size: 50, num_key_value_heads: 2, torch_dtype: "bfloat16" },
};
const CONFIGS = {
  gpt2: TINY,
  llama: TINY_LLAMA,
  mixtral: { ...TINY_LLAMA, model_type: "mixtral", num_local_experts: 3 },
  bert: {
    ...TINY_ENCODER,
    ...{ model_type: "bert", vocab_size: 50, max_position_embeddings: 9, pad_token_id: 3, torch_dtype: "float16" },
  },
  vit: { ...TINY_ENCODER, model_type: "vit", image_size: 8, patch_size: 4, torch_dtype: null },
  resnet: {
    ...{ model_type: "resnet", embedding_size: 8, hidden_sizes: [16, 32], depths: [2, 1], layer_type: "bottleneck" },
    ...{ num_labels: 5, torch_dtype: "float64" },
  },
};
const SHAPES = [
  { name: "a*-b?/c.weight", shape: [6, 4], scheme: "heNormal" },
  { name: "a.weight", shape: [6, 4], scheme: "kaimingUniform", activation: "gelu" },
  { name: "b", shape: [3], scheme: "ones" },
  { name: "qkv", shape: [12, 4], scheme: "split", axis: 0, parts: 3, of: { scheme: "orthogonal" } },
];

/** What a model can come from; the other families are in plan.slow.ts. */
const PRINTED = [...Object.entries(CONFIGS), ["shapes", SHAPES] as const].filter(
  ([name]) => process.env.FULL !== undefined || ["gpt2", "resnet", "shapes"].includes(name),
);

describe("a printed plan draws the same file", () => {
  test.each(PRINTED)("%s", async (name, content) => {
    const model = json(`${name}.json`, content);
    const plan = join(work, `${name}.plan.json`);
    const printed = await nnInit(["plan", model, "--print"]);
    expect(printed).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(plan, printed.stdout);
    const [own, again] = [await drawnBy(model), await drawnBy(model, "--plan", plan)];
    expect(sha256(again)).toBe(sha256(own));
    expect(await audit(own, "--reproduce")).toMatchObject({ status: 0, stderr: "" });
    if (name === "shapes") return;
    expect(await audit(own, "--config", model)).toMatchObject({ status: 0, stderr: "" });
  });
});

test("a field of a config that is not known is warned of", async () => {
  const { status, stderr } = await nnInit(["plan", json("config.json", { ...TINY, frobnicate: 3 })]);
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: "gpt2: ignored fields of the config that are not known: frobnicate\n",
  });
});

describe("types", () => {
  test("a model is drawn in its config's dtype, or in another", async () => {
    const model = json("llama.json", TINY_LLAMA);
    expect((await readSafetensors(await drawnBy(model))).entry("lm_head.weight").dtype).toBe("BF16");
    const other = await readSafetensors(await drawnBy(model, "--dtype", "f32"));
    expect(other.entry("lm_head.weight").dtype).toBe("F32");
  });

  test("counters stay whole numbers, and come first", async () => {
    const read = await readSafetensors(await drawnBy(json("resnet.json", CONFIGS.resnet)));
    const first = "resnet.embedder.embedder.normalization.num_batches_tracked";
    expect(read.names[0]).toBe(first);
    expect(read.entry(first)).toMatchObject({ dtype: "I64", shape: [], data_offsets: [0, 8] });
    expect(read.entry("resnet.embedder.embedder.convolution.weight").dtype).toBe("F64");
    const variance = read.bytes("resnet.encoder.stages.1.layers.0.shortcut.normalization.running_var");
    expect([...variance].slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
  });
});

describe("a fresh model like an existing checkpoint", () => {
  const here = join(work, "like");
  const stored = join(here, "model.safetensors");
  beforeAll(() => {
    mkdirSync(here);
    writeFileSync(stored, file(drawn(TINY, 99, "bf16")));
  });

  test("without a config beside it, a plan or a scheme is required", async () => {
    const out = join(work, "none.safetensors");
    const run = await nnInit(["init", stored, "--out", out]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(/no config is beside it, so --plan is required, or --scheme with --layout/);
    const half = await nnInit(["init", stored, "--scheme", "heNormal", "--out", out]);
    expect(half).toMatchObject({ status: 1, stdout: "" });
    expect(half.stderr).toMatch(
      /^nn-init: --scheme heNormal: tensor "transformer[^"]*": layout: expected "io" .*, got nothing: .*; give --layout\n$/,
    );
    expect(readdirSync(work)).not.toContain("none.safetensors");
  });

  test("one scheme for all weights, biases 0, scales 1, types as they were", async () => {
    const read = await readSafetensors(await drawnBy(stored, "--scheme", "kaimingNormal", "--layout", "io"));
    const name = "transformer.h.0.mlp.c_fc.weight";
    expect(read.entry(name)).toMatchObject({ dtype: "BF16", shape: [64, 256] });
    expect(JSON.parse(read.metadata["nn-init.schemes"] as string)).toMatchObject({
      [name]: { scheme: "kaimingNormal", layout: "io" },
      "transformer.h.0.mlp.c_fc.bias": { scheme: "zeros" },
      "transformer.ln_f.weight": { scheme: "ones" },
    });
  });

  test("with a config beside it, the config's plan: the same values as from the config", async () => {
    const config = join(here, "config.json");
    writeFileSync(config, JSON.stringify(TINY));
    const [like, from] = [
      await readSafetensors(await drawnBy(stored)),
      await readSafetensors(await drawnBy(config, "--dtype", "bf16")),
    ];
    expect(new Set(like.names)).toEqual(new Set(from.names));
    for (const name of from.names) expect(Buffer.compare(like.bytes(name), from.bytes(name)), name).toBe(0);
    const [ofFolder, ofConfig] = [await drawnBy(here, "--dtype", "bf16"), await drawnBy(config, "--dtype", "bf16")];
    expect(sha256(ofFolder)).toBe(sha256(ofConfig));
  });

  test("types that are not drawn need another one", async () => {
    const eight = join(work, "eight.safetensors");
    writeFileSync(eight, file([["w.weight", { dtype: "F8_E4M3", shape: [2, 2], values: new Uint8Array(4) }]]));
    const args = ["init", eight, "--scheme", "xavierNormal", "--layout", "oi", "--out", join(work, "e.safetensors")];
    expect((await nnInit(args)).stderr).toMatch(
      /"w\.weight": dtype: expected one that can be drawn \(choose one with dtype, or --dtype\), got "F8_E4M3"/,
    );
    expect(await nnInit([...args, "--dtype", "f16"])).toMatchObject({ status: 0 });
  });

  test("a checkpoint without tensors, or with one that has no name, is named, and not the plan", async () => {
    const plan = join(work, "names.json");
    writeFileSync(plan, JSON.stringify({ rules: [{ match: "*", scheme: "zeros" }] }));
    const run = (name: string, tensors: Parameters<typeof file>[0]) => {
      writeFileSync(join(work, name), file(tensors));
      return nnInit(["plan", join(work, name), "--plan", plan]);
    };
    const none = await run("none.safetensors", []);
    expect(none.stderr).toContain("none.safetensors: expected tensors for the plan, got none");
    const empty = await run("empty.safetensors", [["", { dtype: "F32", shape: [1], values: new Float32Array(1) }]]);
    expect(empty.stderr).toContain('empty.safetensors: expected tensors with names, got one named ""');
  });

  test.each(["U64", "C64"] as const)("a tensor of %s is refused, also with --dtype, or left out", async (dtype) => {
    const stored = join(work, `${dtype}.safetensors`);
    const whole = ["ids", { dtype, shape: [2], values: new Uint8Array(16) }] as const;
    writeFileSync(stored, file([["w", { dtype: "F32", shape: [2], values: new Float32Array(2) }], whole as never]));
    const plan = join(work, `${dtype}.json`);
    const out = join(work, `${dtype}.out.safetensors`);
    const run = (rules: object[]) => {
      writeFileSync(plan, JSON.stringify({ rules }));
      return nnInit(["init", stored, "--plan", plan, "--dtype", "f32", "--seed", "1", "--out", out]);
    };
    const all = { match: "*", scheme: "zeros" };
    const refused = await run([all]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`tensor "ids": its type, ${dtype}, is not drawn`);
    expect(refused.stderr).toContain('{"match":"ids","scheme":"skip"}');
    expect(existsSync(out)).toBe(false);
    expect(await run([{ match: "ids", scheme: "skip" }, all])).toMatchObject({ status: 0 });
  });
});

test("a config of an unknown architecture beside a file lends its numbers to a plan", async () => {
  const here = join(work, "odd");
  mkdirSync(here);
  const stored = join(here, "model.safetensors");
  writeFileSync(stored, file([["w", { dtype: "F32", shape: [2], values: new Float32Array(2) }]]));
  writeFileSync(join(here, "config.json"), JSON.stringify({ model_type: "odd", d_model: 4 }));
  const run = await nnInit(["init", stored, "--out", join(work, "odd.safetensors")]);
  expect(run.stderr).toMatch(/the config beside it is of "odd", which is not known, so --plan is required/);
  const plan = json("odd.plan.json", { rules: [{ match: "*", scheme: "constant", value: "1 / d_model" }] });
  const drawn = await drawnBy(stored, "--plan", plan);
  const config = join(here, "config.json");
  expect((await audit(drawn, "--plan", plan, "--config", config)).status).toBe(0);
  expect((await audit(stored)).stdout).toContain("expectations from nothing");
});

describe("the plan that is printed", () => {
  test("has distribution, fans, std and stream of each tensor, and nothing is drawn", async () => {
    const before = readdirSync(work).length;
    const run = await nnInit(["plan", json("gpt2.json", TINY)]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toMatch(
      /transformer\.h\.0\.mlp\.c_proj\.weight *│ 256 x 64 *│ f32 *│ 2 *│ normal *│ 256, 64 *│ 0\.01 *│ [0-9a-f]{16}/,
    );
    expect(run.stdout).toContain("lm_head.weight is transformer.wte.weight");
    expect(run.stdout).toContain("28 tensors, 108,544 parameters");
    expect(readdirSync(work).length).toBeLessThanOrEqual(before + 1);
  });

  test("is one JSON object with --json", async () => {
    const run = await nnInit(["plan", json("gpt2.json", TINY), "--json"]);
    const { tensors, parameters, plan, tied } = JSON.parse(run.stdout);
    expect(parameters).toBe(108_544);
    expect(plan.rules).toHaveLength(4);
    expect(tied).toEqual({ "lm_head.weight": "transformer.wte.weight" });
    expect(tensors[1]).toEqual({
      ...{ name: "transformer.h.0.attn.c_attn.weight", shape: [64, 192], dtype: "f32", role: "weight", rule: 3 },
      ...{
        copyOf: null,
        scheme: { scheme: "normal", std: 0.02 },
        distributions: ["normal"],
        stds: [0.02],
        stream: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      fans: [
        { in: 64, out: 64 },
        { in: 64, out: 64 },
        { in: 64, out: 64 },
      ],
    });
  });

  test("has more tensors than one table holds", async () => {
    const tensors = Array.from({ length: 3000 }, (_, i) => ({ name: `w${i}`, shape: [2], scheme: "ones" }));
    const run = await nnInit(["plan", json("many.json", tensors)]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const name of ["w0", "w499", "w500", "w2999"]) expect(run.stdout).toContain(`│ ${name} `);
  });

  test.each<[string, () => string[], number, RegExp]>([
    [
      "a plan for a model",
      () => [json("p.json", { rules: [{ match: "*", scheme: "ones" }] })],
      1,
      /expected a model, got a plan; give the model first, and the plan with --plan/,
    ],
    ["a model for a plan", () => [json("m.json", TINY), "--plan", json("m2.json", TINY)], 1, /m2\.json: not a plan/],
    [
      "a plan and a scheme",
      () => [json("m.json", TINY), "--plan", json("p.json", {}), "--scheme", "ones"],
      2,
      /expected --plan or --scheme, got both/,
    ],
    ["a layout without a scheme", () => [json("m.json", TINY), "--layout", "oi"], 2, /--layout: give --scheme too/],
    [
      "a key twice",
      () => {
        writeFileSync(join(work, "t.json"), '{\n"model_type": "gpt2",\n"model_type": "bert"}');
        return [join(work, "t.json")];
      },
      1,
      /t\.json: line 3, column 1: expected each key once, got "model_type" again/,
    ],
    [
      "a distribution too wide for the dtype",
      () => [json("w.json", [{ name: "w", shape: [2], scheme: "normal", std: 1e5 }]), "--dtype", "f16"],
      1,
      /"w": dtype: expected one that holds/,
    ],
  ])("%s is refused", async (_, args, status, message) => {
    const run = await nnInit(["plan", ...args()]);
    expect(run).toMatchObject({ status, stdout: "" });
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});

describe("--architecture", () => {
  const family = json("family.json", {
    ...{ name: "mine", extends: "llama", class: "Mine" },
    tensors: { extra: { parameter: ["hidden_size"], role: "bias" } },
  });
  const config = json("mine.config.json", { ...TINY_LLAMA, model_type: "mine" });

  test("draws, prints and audits a family that is not built in", async () => {
    const drawnFile = await drawnBy(config, "--architecture", family);
    expect(String(readFileSync(drawnFile))).toContain('"model.extra":{"dtype":"BF16","shape":[32]');
    const plan = await nnInit(["plan", config, "--architecture", family, "--json"]);
    expect(JSON.parse(plan.stdout).tensors).toHaveLength(22);
    const report = await audit(drawnFile, "--config", config, "--architecture", family, "--json");
    expect(report.status).toBe(0);
    expect(JSON.parse(report.stdout).tensors.map(({ name }: { name: string }) => name)).toContain("model.extra");
  });

  test("can be repeated, for files that extend each other", async () => {
    const yours = json("yours.json", { name: "yours", extends: "mine", tensors: { extra: null } });
    const other = json("yours.config.json", { ...TINY_LLAMA, model_type: "yours" });
    const run = await nnInit(["plan", other, "--architecture", yours, "--architecture", family, "--json"]);
    expect(JSON.parse(run.stdout).tensors).toHaveLength(21);
  });

  test("is refused by its file where it is wrong", async () => {
    const wrong = json("wrong.json", { name: "mine", extend: "llama" });
    const run = await nnInit(["plan", config, "--architecture", wrong]);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/wrong\.json: not an architecture .*\n.*\(perhaps "extends"\), got "extend"/);
    const unknown = await nnInit(["plan", config]);
    expect(unknown.stderr).toMatch(/--architecture family\.json/);
  });
});
