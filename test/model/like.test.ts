/** The commands `init` and `plan` on everything that can name a model, and on plans of one's own. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { drawn, file, TINY } from "../audit/files.js";
import { CLI, folder, nnInit } from "./cli.js";
import { readSafetensors } from "./reader.js";

const work = folder();
const json = (name: string, content: unknown): string => {
  const path = join(work, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

let turn = 0;
/** Draws by the command; the file. */
function drawnBy(...args: string[]): string {
  const out = join(work, `out-${++turn}.safetensors`);
  const run = nnInit(["init", ...args, "--seed", "1", "--out", out]);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  return out;
}

const TINY_LLAMA = {
  ...{ model_type: "llama", vocab_size: 50, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2 },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, torch_dtype: "bfloat16" },
};
const CONFIGS = {
  gpt2: TINY,
  llama: TINY_LLAMA,
  mixtral: { ...TINY_LLAMA, model_type: "mixtral", num_local_experts: 3 },
  bert: { ...TINY_LLAMA, model_type: "bert", max_position_embeddings: 9, pad_token_id: 3, torch_dtype: "float16" },
  vit: { ...TINY_LLAMA, model_type: "vit", image_size: 8, patch_size: 4, torch_dtype: null },
  resnet: {
    ...{ model_type: "resnet", embedding_size: 8, hidden_sizes: [16, 32], depths: [2, 1], layer_type: "bottleneck" },
    ...{ num_labels: 5, torch_dtype: "float64" },
  },
};
const SHAPES = [
  { name: "a*b?.weight", shape: [6, 4], scheme: "heNormal" },
  { name: "a.weight", shape: [6, 4], scheme: "kaimingUniform", activation: "gelu" },
  { name: "b", shape: [3], scheme: "ones" },
  { name: "qkv", shape: [12, 4], scheme: "split", axis: 0, parts: 3, of: { scheme: "orthogonal" } },
];

describe("a printed plan draws the same file", () => {
  test.each([...Object.entries(CONFIGS), ["shapes", SHAPES] as const])("%s", (name, content) => {
    const model = json(`${name}.json`, content);
    const plan = join(work, `${name}.plan.json`);
    const printed = nnInit(["plan", model, "--print"]);
    expect(printed).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(plan, printed.stdout);
    const [own, again] = [drawnBy(model), drawnBy(model, "--plan", plan)];
    expect(sha256(again)).toBe(sha256(own));
    expect(nnInit(["audit", own, "--reproduce"])).toMatchObject({ status: 0, stderr: "" });
    if (name !== "shapes") expect(nnInit(["audit", own, "--config", model])).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("what a model is drawn in", () => {
  test("the config's dtype, or another", async () => {
    const model = json("llama.json", TINY_LLAMA);
    expect((await readSafetensors(drawnBy(model))).entry("lm_head.weight").dtype).toBe("BF16");
    expect((await readSafetensors(drawnBy(model, "--dtype", "f32"))).entry("lm_head.weight").dtype).toBe("F32");
  });

  test("counters stay whole numbers, and come first", async () => {
    const read = await readSafetensors(drawnBy(json("resnet.json", CONFIGS.resnet)));
    expect(read.names[0]).toBe("bn1.num_batches_tracked");
    expect(read.entry("bn1.num_batches_tracked")).toMatchObject({ dtype: "I64", shape: [], data_offsets: [0, 8] });
    expect(read.entry("conv1.weight").dtype).toBe("F64");
    expect([...read.bytes("layer2.0.bn1.running_var")].slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
  });
});

describe("a fresh one like this", () => {
  const here = join(work, "like");
  const stored = join(here, "model.safetensors");
  beforeAll(() => {
    mkdirSync(here);
    writeFileSync(stored, file(drawn(TINY, 99, "bf16")));
  });

  test("without a config, a plan or a scheme is required", () => {
    const out = join(work, "none.safetensors");
    const run = nnInit(["init", stored, "--out", out]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(/no config is beside it, so --plan is required, or --scheme with --layout/);
    const half = nnInit(["init", stored, "--scheme", "heNormal", "--out", out]);
    expect(half.stderr).toMatch(/--scheme: rules\[5\].*which axes are inputs is not known: give a layout/);
    expect(readdirSync(work)).not.toContain("none.safetensors");
  });

  test("one scheme for all weights, biases 0, scales 1, types as they were", async () => {
    const read = await readSafetensors(drawnBy(stored, "--scheme", "kaimingNormal", "--layout", "io"));
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
      await readSafetensors(drawnBy(stored)),
      await readSafetensors(drawnBy(config, "--dtype", "bf16")),
    ];
    expect(new Set(like.names)).toEqual(new Set(from.names));
    for (const name of from.names) expect(like.bytes(name), name).toEqual(from.bytes(name));
    expect(sha256(drawnBy(here, "--dtype", "bf16"))).toBe(sha256(drawnBy(config, "--dtype", "bf16")));
  });

  test("types that are not drawn need another one", () => {
    const eight = join(work, "eight.safetensors");
    writeFileSync(eight, file([["w.weight", { dtype: "F8_E4M3", shape: [2, 2], values: new Uint8Array(4) }]]));
    const args = ["init", eight, "--scheme", "xavierNormal", "--layout", "oi", "--out", join(work, "e.safetensors")];
    expect(nnInit(args).stderr).toMatch(
      /"w\.weight": dtype: expected one that can be drawn; ask for one \(--dtype\), got "F8_E4M3"/,
    );
    expect(nnInit([...args, "--dtype", "f16"])).toMatchObject({ status: 0 });
  });
});

test("a config of an unknown architecture beside a file lends its numbers to a plan", () => {
  const here = join(work, "t5");
  mkdirSync(here);
  const stored = join(here, "model.safetensors");
  writeFileSync(stored, file([["w", { dtype: "F32", shape: [2], values: new Float32Array(2) }]]));
  writeFileSync(join(here, "config.json"), JSON.stringify({ model_type: "t5", d_model: 4 }));
  const run = nnInit(["init", stored, "--out", join(work, "t5.safetensors")]);
  expect(run.stderr).toMatch(/the config beside it is of "t5", which is not known, so --plan is required/);
  const plan = json("t5.plan.json", { rules: [{ match: "*", scheme: "constant", value: "1 / d_model" }] });
  const drawn = drawnBy(stored, "--plan", plan);
  expect(nnInit(["audit", drawn, "--plan", plan, "--config", join(here, "config.json")]).status).toBe(0);
  expect(nnInit(["audit", stored]).stdout).toContain("expectations from nothing");
});

describe("the command plan", () => {
  test("says law, fans, std and stream of each tensor, and draws nothing", () => {
    const before = readdirSync(work).length;
    const run = nnInit(["plan", json("gpt2.json", TINY)]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toMatch(
      /transformer\.h\.0\.mlp\.c_proj\.weight *│ 256 x 64 *│ f32 *│ 2 *│ normal *│ 256, 64 *│ 0\.01 *│ [0-9a-f]{16}/,
    );
    expect(run.stdout).toContain("lm_head.weight is transformer.wte.weight");
    expect(run.stdout).toContain("28 tensors, 108,544 parameters");
    expect(readdirSync(work).length).toBeLessThanOrEqual(before + 1);
  });

  test("--json", () => {
    const { tensors, parameters, plan, tied } = JSON.parse(nnInit(["plan", json("gpt2.json", TINY), "--json"]).stdout);
    expect(parameters).toBe(108_544);
    expect(plan.rules).toHaveLength(4);
    expect(tied).toEqual({ "lm_head.weight": "transformer.wte.weight" });
    expect(tensors[1]).toEqual({
      ...{ name: "transformer.h.0.attn.c_attn.weight", shape: [64, 192], dtype: "f32", role: "weight", rule: 3 },
      ...{
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

  test("more tensors than one table holds", () => {
    const tensors = Array.from({ length: 3000 }, (_, i) => ({ name: `w${i}`, shape: [2], scheme: "ones" }));
    const run = nnInit(["plan", json("many.json", tensors)], { maxBuffer: 2 ** 26 });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const name of ["w0", "w499", "w500", "w2999"]) expect(run.stdout).toContain(`│ ${name} `);
  });

  test.each<[string, () => string[], RegExp]>([
    [
      "a plan for a model",
      () => [json("p.json", { rules: [{ match: "*", scheme: "ones" }] })],
      /this is a plan; a model comes before it/,
    ],
    ["a model for a plan", () => [json("m.json", TINY), "--plan", json("m2.json", TINY)], /m2\.json: not a plan/],
    [
      "both",
      () => [json("m.json", TINY), "--plan", json("p.json", {}), "--scheme", "ones"],
      /expected --plan or --scheme, got both/,
    ],
    ["a layout alone", () => [json("m.json", TINY), "--layout", "oi"], /--layout goes with --scheme/],
    [
      "a key twice",
      () => {
        writeFileSync(join(work, "t.json"), '{\n"model_type": "gpt2",\n"model_type": "bert"}');
        return [join(work, "t.json")];
      },
      /t\.json, line 3: the key "model_type" is there twice/,
    ],
    [
      "a law too wide for the dtype",
      () => [json("w.json", [{ name: "w", shape: [2], scheme: "normal", std: 1e5 }]), "--dtype", "f16"],
      /"w": dtype: expected one that holds/,
    ],
  ])("%s is refused", (_, args, message) => {
    const run = nnInit(["plan", ...args()]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});

test("a disk that is full: a message, and nothing left behind", (context) => {
  const mount = join(work, "small");
  mkdirSync(mount);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mount]).status === 0;
  if (!mounted) return context.skip("only root can mount a small disk");
  try {
    const model = json("large.json", [{ name: "w", shape: [1024, 1024], scheme: "ones" }]);
    const run = spawnSync(process.execPath, [CLI, "init", model, "--out", join(mount, "x.safetensors")], {
      encoding: "utf8",
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/cannot write .*x\.safetensors: no space left on the disk\n$/);
    expect(readdirSync(mount)).toEqual([]);
  } finally {
    spawnSync("umount", [mount]);
  }
});
