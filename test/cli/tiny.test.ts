/** `nn-init tiny`, and `--format`: the files that they write, and what they refuse before a file is there. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generationConfig } from "../../src/architecture/generation.js";
import { tinyConfig } from "../../src/architecture/tiny.js";
import { parseGgufHeader, readNpz, readSafetensors } from "../../src/checkpoint.js";
import { MODEL_TYPES, modelOf, parametersOf } from "../../src/model.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const json = (...path: string[]) => JSON.parse(readFileSync(join(work, ...path), "utf8"));
const bytes = (...path: string[]) => new Uint8Array(readFileSync(join(work, ...path)));

async function tiny(model: string, out: string, ...flags: string[]) {
  return nnInit(["tiny", model, "--seed", "3", "--out", join(work, out), ...flags]);
}

describe("tiny", () => {
  test("writes a config, the weights, and how to generate, and again the same", async () => {
    expect(await tiny("llama", "llama")).toMatchObject({ status: 0, stderr: "" });
    const config = json("llama", "config.json");
    expect(config).toMatchObject({ model_type: "llama", architectures: ["LlamaForCausalLM"], dtype: "float32" });
    expect(json("llama", "generation_config.json")).toEqual({
      ...{ _from_model_config: true, pad_token_id: 0, bos_token_id: 1, eos_token_id: 2 },
    });
    const { tensors } = readSafetensors(bytes("llama", "model.safetensors"));
    const shapes = (list: readonly { name: string; shape: readonly number[] }[]) =>
      list.map(({ name, shape }) => [name, shape]);
    expect(shapes(tensors)).toEqual(shapes(modelOf(config).tensors));
    const run = await tiny("llama", "llama");
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("is there already");
  });

  test("with sizes, a class, a dtype, and fields of its own", async () => {
    const flags = ["--width", "16", "--layers", "3", "--heads", "2", "--vocabulary", "50", "--dtype", "bf16"];
    const set = ["--set", "initializer_range=0.5", "--set", "hidden_act=gelu", "--class", "ForSequenceClassification"];
    expect(await tiny("bert", "bert", ...flags, ...set)).toMatchObject({ status: 0, stderr: "" });
    expect(json("bert", "config.json")).toMatchObject({
      ...{ hidden_size: 16, num_hidden_layers: 3, num_attention_heads: 2, vocab_size: 50, dtype: "bfloat16" },
      ...{ initializer_range: 0.5, hidden_act: "gelu", architectures: ["BertForSequenceClassification"] },
    });
    expect(existsSync(join(work, "bert", "generation_config.json"))).toBe(false);
    const { tensors } = readSafetensors(bytes("bert", "model.safetensors"));
    expect(tensors.find(({ name }) => name === "classifier.weight")).toMatchObject({ dtype: "BF16", shape: [2, 16] });
  });

  test("makes a config smaller, and keeps what is no size", async () => {
    const path = join(work, "large.json");
    const large = {
      ...{ model_type: "gemma2", architectures: ["Gemma2ForCausalLM"], vocab_size: 256000, hidden_size: 3584 },
      ...{
        num_hidden_layers: 4,
        num_attention_heads: 16,
        num_key_value_heads: 8,
        head_dim: 256,
        intermediate_size: 14336,
      },
      ...{
        bos_token_id: 2,
        eos_token_id: 107000,
        final_logit_softcapping: 20,
        torch_dtype: "bfloat16",
        layer_types: ["a", "b", "c", "d"],
      },
      quantization_config: { bits: 4 },
    };
    writeFileSync(path, JSON.stringify(large));
    expect(await tiny(path, "smaller")).toMatchObject({ status: 0, stderr: "" });
    const config = json("smaller", "config.json");
    expect(config).toMatchObject({
      ...{ vocab_size: 320, hidden_size: 32, num_hidden_layers: 2, num_key_value_heads: 2, head_dim: 8 },
      ...{ bos_token_id: 2, eos_token_id: 2, final_logit_softcapping: 20, dtype: "bfloat16", layer_types: ["a", "b"] },
    });
    expect(Object.keys(config)).not.toContain("quantization_config");
    expect(Object.keys(config)).not.toContain("torch_dtype");
  });

  test("in several files, with their index", async () => {
    expect(await tiny("qwen2", "shards", "--max-shard-size", "100KB")).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(join(work, "shards"))).toContain("model.safetensors.index.json");
  });

  test("as a GGUF file, as npz, and as llm.c's", async () => {
    expect(await tiny("qwen3", "gguf", "--format", "gguf", "--dtype", "f16")).toMatchObject({ status: 0, stderr: "" });
    expect(parseGgufHeader(bytes("gguf", "model.gguf")).metadata.get("general.architecture")).toBe("qwen3");
    expect(await tiny("vit", "npz", "--format", "npz")).toMatchObject({ status: 0, stderr: "" });
    expect(readNpz(bytes("npz", "model.npz")).length).toBeGreaterThan(10);
    expect(await tiny("gpt2", "bin", "--format", "bin")).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(join(work, "bin")).sort()).toEqual(["config.json", "generation_config.json", "model.bin"]);
  });

  test.each<[string, string[], number, string]>([
    ["lama", [], 1, 'perhaps "llama"'],
    ["bert", ["--class", "ForCausalML"], 1, "BertForMaskedLM"],
    ["bert", ["--format", "gguf"], 1, "--format safetensors"],
    ["llama", ["--format", "npz", "--dtype", "bf16"], 1, "--dtype f32"],
    ["llama", ["--format", "gguf", "--max-shard-size", "1MB"], 2, "--max-shard-size: expected the format safetensors"],
    ["llama", ["--heads", "5"], 1, "heads: expected a divisor of the width (32)"],
    ["swin", ["--heads", "1"], 1, "heads: expected an even number, of which this family needs the half, got 1"],
    ["AutoencoderKL", ["--width", "8"], 1, "the config has the sizes of --width 8\n"],
    ["mpnet", ["--positions", "1"], 1, "the config has the sizes of --positions 1\n"],
    ["whisper", ["--positions", "1"], 1, "positions: expected an even number"],
    ["albert", ["--width", "9", "--heads", "3"], 1, "width: expected an even number"],
    ["llama", ["--vocabulary", "1"], 1, "vocabulary: expected at least 3"],
    ["llama", ["--set", "novalue"], 2, "field=value"],
    ["llama", ["--set", "hidden_size={"], 2, "--set"],
    ["./nothing.json", [], 1, "nothing.json"],
  ])("refuses %s with %j, before a file is there", async (model, flags, status, message) => {
    const run = await tiny(model, "refused", ...flags);
    expect(run).toMatchObject({ status, stdout: "" });
    expect(run.stderr).toContain(message);
    expect(existsSync(join(work, "refused"))).toBe(false);
  });

  test("refuses the folder of another model, unless it may replace it", async () => {
    await tiny("gpt2", "taken");
    const run = await tiny("llama", "taken");
    expect(run).toMatchObject({ status: 1 });
    expect(run.stderr).toContain("--force replaces it");
    expect(json("taken", "config.json").model_type).toBe("gpt2");
    expect(await tiny("llama", "taken", "--force")).toMatchObject({ status: 0 });
    expect(json("taken", "config.json").model_type).toBe("llama");
  });

  test("refuses a file as a folder", async () => {
    const path = join(work, "file");
    writeFileSync(path, "");
    expect(await tiny("llama", "file")).toMatchObject({ status: 2, stdout: "" });
    expect(readFileSync(path, "utf8")).toBe("");
  });

  test.each(["", "-", "s3://bucket/tiny"])("refuses %j as a folder", async (out) => {
    const run = await nnInit(["tiny", "llama", "--out", out]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain("--out: expected a folder");
  });
});

describe("the small config", () => {
  test("of every family is one of its models, with fields that are known, and small", () => {
    const FIXED = ["torchvision_resnet"]; // its widths are no fields
    for (const type of MODEL_TYPES.filter((type) => !FIXED.includes(type))) {
      const config = tinyConfig(type);
      const model = modelOf(config);
      expect(model.unknownFields, type).toBeUndefined();
      expect(parametersOf(model), type).toBeLessThan(400_000);
      // A small config stays as it is.
      expect(tinyConfig(type, { config }), type).toEqual(config);
    }
  });

  test("refuses a size that no model has, by the one that was meant", () => {
    expect(() => tinyConfig("llama", { sizes: { widht: 8 } as never })).toThrow(
      /^sizes: .* \(perhaps "width"\), got "widht"/,
    );
  });

  test("says how to generate for classes that do", () => {
    const names = MODEL_TYPES.filter((type) => generationConfig(tinyConfig(type)) !== undefined);
    expect(names).toContain("t5");
    expect(names).not.toContain("vit");
  });
});

describe("--format", () => {
  const config = join(work, "gpt2.json");
  writeFileSync(config, JSON.stringify({ ...tinyConfig("gpt2"), dtype: "float32" }));
  const init = (...flags: string[]) => nnInit(["init", config, "--seed", "3", ...flags]);

  test("follows from the name of the file", async () => {
    for (const name of ["a.gguf", "A.NPZ"]) expect(await init("--out", join(work, name))).toMatchObject({ status: 0 });
    expect(parseGgufHeader(bytes("a.gguf")).metadata.get("nn-init.seed")).toBe("3");
    expect(readNpz(bytes("A.NPZ")).length).toBe(28);
  });

  test.each(["b.gguf", "b.safetensors"])("is not that of %s, where --format says another", async (name) => {
    const run = await init("--format", "npz", "--out", join(work, name));
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/--out: expected a name that .* for npz\n$/);
    expect(existsSync(join(work, name))).toBe(false);
  });

  test("takes a checkpoint with its config, and refuses one without", async () => {
    await tiny("gpt2", "checkpoint");
    const path = join(work, "checkpoint", "model.safetensors");
    expect(await nnInit(["init", path, "--out", join(work, "again.gguf")])).toMatchObject({ status: 0, stderr: "" });
    const list = join(work, "list.json");
    writeFileSync(list, JSON.stringify([{ name: "w", shape: [2, 2], scheme: "ones" }]));
    const run = await nnInit(["init", list, "--out", join(work, "list.gguf")]);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("config.json");
    expect(existsSync(join(work, "list.gguf"))).toBe(false);
    expect(await nnInit(["init", list, "--out", join(work, "list.npz")])).toMatchObject({ status: 0 });
  });

  test.each([
    [["--shard", "0/2"], "--shard"],
    [["--max-shard-size", "1MB"], "--max-shard-size"],
    [["--out", "s3://bucket/prefix"], "--out"],
  ])("is one local file: %j", async (flags, flag) => {
    const run = await init("--format", "gguf", ...flags);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(`${flag}: expected the format safetensors`);
  });
});
