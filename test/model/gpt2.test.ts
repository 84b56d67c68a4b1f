import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Gpt2Config, gpt2 } from "../../src/model/gpt2.js";
import { readModel } from "../../src/model/read.js";
import { parametersOf } from "../../src/model.js";

const CONFIG = new URL("../../examples/gpt2/config.json", import.meta.url).pathname;
const parse = (config: object) => gpt2(Gpt2Config.parse({ model_type: "gpt2", ...config }));

test("GPT-2 small has the published 124,439,808 parameters in 148 tensors", () => {
  const model = readModel(CONFIG);
  expect(model.tensors).toHaveLength(148);
  expect(parametersOf(model)).toBe(124_439_808);
});

// Radford et al. 2019, table 2, as counted with the code's 1024 positions and 50257 tokens.
test.each([
  ["medium", { n_layer: 24, n_embd: 1024 }, 354_823_168],
  ["large", { n_layer: 36, n_embd: 1280 }, 774_030_080],
  ["xl", { n_layer: 48, n_embd: 1600 }, 1_557_611_200],
])("GPT-2 %s", (_, config, parameters) => {
  expect(parametersOf(parse(config))).toBe(parameters);
});

test("names, shapes, order and schemes as transformers has them", () => {
  const { tensors } = parse({ n_layer: 11, n_embd: 8, n_positions: 16, vocab_size: 32 });
  const names = tensors.map(({ name }) => name);
  expect(names.slice(0, 12)).toEqual([
    "transformer.h.0.attn.c_attn.bias",
    "transformer.h.0.attn.c_attn.weight",
    "transformer.h.0.attn.c_proj.bias",
    "transformer.h.0.attn.c_proj.weight",
    "transformer.h.0.ln_1.bias",
    "transformer.h.0.ln_1.weight",
    "transformer.h.0.ln_2.bias",
    "transformer.h.0.ln_2.weight",
    "transformer.h.0.mlp.c_fc.bias",
    "transformer.h.0.mlp.c_fc.weight",
    "transformer.h.0.mlp.c_proj.bias",
    "transformer.h.0.mlp.c_proj.weight",
  ]);
  expect(names[24]).toBe("transformer.h.10.attn.c_attn.bias"); // by bytes: 10 before 2
  expect(names.slice(-4)).toEqual([
    "transformer.ln_f.bias",
    "transformer.ln_f.weight",
    "transformer.wpe.weight",
    "transformer.wte.weight",
  ]);
  const of = (name: string) => tensors.find((tensor) => tensor.name === `transformer.${name}`);
  expect(of("h.3.attn.c_attn.weight")).toMatchObject({ shape: [8, 24], scheme: { scheme: "normal", std: 0.02 } });
  expect(of("h.3.attn.c_proj.weight")).toMatchObject({ shape: [8, 8], scheme: { std: 0.02 / Math.sqrt(22) } });
  expect(of("h.3.mlp.c_proj.weight")).toMatchObject({ shape: [32, 8], scheme: { std: 0.02 / Math.sqrt(22) } });
  expect(of("h.3.mlp.c_fc.weight")).toMatchObject({ shape: [8, 32], scheme: { std: 0.02 } });
  expect(of("h.3.ln_2.weight")).toMatchObject({ shape: [8], scheme: { scheme: "ones" } });
  expect(of("wte.weight")).toMatchObject({ shape: [32, 8], scheme: { std: 0.02 } });
});

test("the fields that change names and shapes", () => {
  const small = { n_layer: 1, n_embd: 4, vocab_size: 6, n_positions: 5 };
  expect(parse({ ...small, architectures: ["GPT2Model"] }).tensors.every(({ name }) => !name.startsWith("tr"))).toBe(
    true,
  );
  expect(parse({ ...small, tie_word_embeddings: false }).tensors[0]).toMatchObject({
    name: "lm_head.weight",
    shape: [6, 4],
  });
  expect(parse({ ...small, n_inner: 7 }).tensors.find(({ name }) => name.endsWith("c_fc.weight"))?.shape).toEqual([
    4, 7,
  ]);
  expect(parse({ ...small, initializer_range: 0.1 }).tensors.at(-1)?.scheme).toEqual({ scheme: "normal", std: 0.1 });
});

test("the example is a config of transformers, unabridged", () => {
  expect(JSON.parse(readFileSync(CONFIG, "utf8"))).toMatchObject({
    model_type: "gpt2",
    n_ctx: 1024,
    layer_norm_epsilon: 1e-5,
  });
});
