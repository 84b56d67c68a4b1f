/** Checkpoints that exist: their model, with what a config says of it, indices, names in messages, and Python's JSON. */
import { expect, test } from "vitest";
import { INDEX_NAME, indexOf, indexText } from "../../src/checkpoint/indexed.js";
import { storedModel } from "../../src/checkpoint/model.js";
import { fileError, inFile, placeName } from "../../src/checkpoint/place.js";
import { withoutPython } from "../../src/checkpoint/python.js";
import { type Shard, shortened, tensorsIn } from "../../src/checkpoint/stored.js";
import { inMemory } from "../../src/model/memory.js";
import { modelOf } from "../../src/model.js";

const GPT2 = { model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10, n_head: 2 };
const shard = (tensors: readonly { name: string; shape: readonly number[]; dtype?: string }[]): Shard => ({
  path: "a.safetensors",
  data: 100,
  metadata: {},
  tensors: tensors.map((each, i) => ({ dtype: "F16", begin: 8 * i, end: 8 * i + 8, ...each }) as Shard["tensors"][0]),
});
const stored = (...args: Parameters<typeof shard>) => ({
  shards: [shard(...args)],
  tensors: tensorsIn(shard(...args)),
});

test("a stored tensor lies where its file has its data", () => {
  expect(
    tensorsIn(
      shard([
        { name: "a", shape: [4] },
        { name: "b", shape: [4] },
      ]),
    ),
  ).toMatchObject([
    { name: "a", path: "a.safetensors", at: 100, end: 8 },
    { name: "b", path: "a.safetensors", at: 108, end: 16 },
  ]);
});

test("without a config, roles come from names, and types that cannot be drawn keep theirs", () => {
  const found = storedModel(
    "p",
    "m",
    stored([
      { name: "h.0.mlp.up_proj.weight", shape: [8, 4] },
      { name: "x", shape: [2], dtype: "F8_E4M3" },
    ]),
  );
  expect(found).toMatchObject({ name: "m", tensors: [{ dtype: "f16" }, { storedType: "F8_E4M3" }] });
  expect(found.tensors[0]?.role).toBeDefined();
  expect(found.tensors[1]).not.toHaveProperty("dtype");
});

test("with a config, tensors have what it says of them, and must have its shapes", () => {
  const config = modelOf(GPT2);
  const wte = config.tensors.find(({ name }) => name.endsWith("wte.weight")) as (typeof config.tensors)[0];
  const found = storedModel(
    "p",
    "m",
    stored([
      { name: wte.name, shape: wte.shape },
      { name: "other", shape: [3] },
    ]),
    config,
  );
  expect(found).toMatchObject({ name: "m", plan: config.plan });
  expect(found.tensors).toMatchObject([{ name: wte.name, role: wte.role, dtype: "f16" }, { name: "other" }]);
  expect(found.tensors[1]).not.toHaveProperty("role");
  expect(() => storedModel("p.json", "m", stored([{ name: wte.name, shape: [3] }]), config)).toThrow(
    `p.json: tensor "${wte.name}": expected shape [10, 8], as in its config, got [3]`,
  );
});

test("with a config, tensors by their names in memory have what it says of them there", () => {
  const config = modelOf({
    ...{ model_type: "mixtral", vocab_size: 50, hidden_size: 40, intermediate_size: 60, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, num_key_value_heads: 1, num_local_experts: 2 },
  });
  const held = inMemory(config).tensors;
  const found = storedModel("p", "m", stored(held.map(({ name, shape }) => ({ name, shape }))), config);
  expect(found.tensors.map(({ role }) => role)).toEqual(held.map(({ role }) => role));
});

test("an index has the bytes of all tensors, and the file of each, sorted by name", () => {
  const files = [
    {
      name: "1",
      tensors: [
        { name: "b", begin: 10, end: 30 },
        { name: "a", begin: 30, end: 31 },
      ],
    },
    { name: "2", tensors: [{ name: "aa", begin: 5, end: 9 }] },
  ];
  const index = indexOf(files);
  expect(Object.entries(index.weight_map)).toEqual([
    ["a", "1"],
    ["aa", "2"],
    ["b", "1"],
  ]);
  expect(index.metadata).toEqual({ total_size: 25 });
  expect(INDEX_NAME).toBe("model.safetensors.index.json");
  expect(indexText({ metadata: { total_size: 1 }, weight_map: {} })).toBe(
    '{\n  "metadata": {\n    "total_size": 1\n  },\n  "weight_map": {}\n}\n',
  );
});

test("messages begin with the file's name, without its control characters, and keep the cause", () => {
  expect([placeName("-"), placeName("a.json"), placeName("a\u001b[31m")]).toEqual([
    "standard input",
    "a.json",
    expect.not.stringContaining("\u001b"),
  ]);
  const cause = new RangeError("too long");
  expect(fileError("a", "wrong", cause)).toMatchObject({ message: "a: wrong", cause });
  expect(fileError("-", "wrong")).not.toHaveProperty("cause");
  expect(inFile("a", () => 5)).toBe(5);
  const fail = () =>
    inFile("a", () => {
      throw cause;
    });
  expect(fail).toThrow(expect.objectContaining({ message: "a: too long", cause }));
});

test("Infinity and NaN outside of strings become objects, as transformers writes them", () => {
  const marked = (text: string) => `{"__float__":"${text}"}`;
  expect(withoutPython("[Infinity, -Infinity, NaN, 1]")).toBe(
    `[${marked("Infinity")}, ${marked("-Infinity")}, ${marked("NaN")}, 1]`,
  );
  for (const text of ['{"NaN": "a\\"NaN\\\\"}', '["\\NaN', '["NaN\\', '["a\\\nNaN"]', '"\\\\", NaN']) {
    const isOutside = text.endsWith(", NaN");
    expect(withoutPython(text)).toBe(isOutside ? `"\\\\", ${marked("NaN")}` : text);
  }
});

test("a file that changes while it is read is an error", () => {
  expect(shortened()).toEqual(new Error("the file became shorter while it was read"));
});
