/** Architecture files: what one can say, and what is refused of a wrong one. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
// @ts-expect-error plain JavaScript, which writes the page
import { withFamilies } from "../../scripts/families.mjs";
import { architectureSchema } from "../../scripts/schemas.js";
import { checkWhole } from "../../src/architecture/complete.js";
import { parseArchitecture } from "../../src/architecture/grammar.js";
import { builtIn, familyOf } from "../../src/architecture/known.js";
import { MODEL_TYPES, modelOf, planModel } from "../../src/model.js";

const FOLDER = new URL("../../src/architecture/families/", import.meta.url);

type Json = Record<string, unknown>;

/** A family with a table, layers that are dense or have experts, and a head that can be tied. */
const TINY = {
  name: "tiny",
  class: "Tiny",
  base: "model.",
  default: "ForCausalLM",
  fields: {
    width: "length",
    depth: "count",
    vocab: "length",
    experts: { type: "count", default: 0, null: true },
    tied: { type: "flag", default: false },
    kinds: { type: "words", optional: true },
  },
  harmless: { "a function": "act" },
  let: { inner: "4 * width" },
  checks: { even: { that: "width % 2 == 0", field: "width", expected: "an even number" } },
  tensors: {
    embed: { embedding: ["vocab", "width"] },
    "layers.{layer}": {
      for: { layer: "depth" },
      let: { sparse: "experts > 0 && layer > 0" },
      of: {
        norm: { rmsNorm: "width" },
        up: { if: "!sparse", linear: ["width", "inner"] },
        "experts.{expert}": {
          if: "sparse",
          for: { expert: "experts" },
          of: { up: { linear: ["width", "inner"], bias: 0 } },
        },
      },
    },
  },
  classes: {
    ForCausalLM: {
      tensors: { head: { linear: ["width", "vocab"], bias: 0, tied: { if: "tied", weight: "{base}embed.weight" } } },
    },
    Model: { base: "" },
  },
  plan: { rules: [{ match: "*", scheme: "normal", std: "1 / sqrt(inner)" }] },
};
const CONFIG = { model_type: "tiny", width: 2, depth: 2, vocab: 3 };
const tiny = (config: Json = {}, file: Json = {}) =>
  modelOf({ ...CONFIG, ...config }, { architecture: { ...TINY, ...file } });
const shapes = (config?: Json, file?: Json) =>
  Object.fromEntries(tiny(config, file).tensors.map(({ name, shape }) => [name, shape.join("x")]));

describe("the built-in families", () => {
  test("are the files of the folder, in the order of the alphabet, below 6 KB each", () => {
    const files = readdirSync(FOLDER).map((file) => ({ file, text: readFileSync(new URL(file, FOLDER), "utf8") }));
    expect(files.map(({ file }) => file.replace(".json", "")).sort()).toEqual([...MODEL_TYPES].sort());
    expect(MODEL_TYPES).toEqual([...MODEL_TYPES].sort());
    expect(files.filter(({ text }) => text.length > 6144).map(({ file }) => file)).toEqual([]);
  });

  test.each(MODEL_TYPES)("%s is right by the grammar, whole, and says where it comes from", (name) => {
    const file = builtIn().file(name);
    expect(parseArchitecture(file)).toEqual(file);
    expect(checkWhole(familyOf(name))).toBe(familyOf(name));
    expect(file?.name).toBe(name);
    expect(file?.comment).toMatch(/\d{4}|[Aa]s in/);
  });

  test("the package has them all, in its shorter text", async () => {
    const path = new URL("../../dist/inside/architecture.js", import.meta.url).href;
    const packed: typeof import("../../src/architecture/known.js") = await import(path);
    const json = (family: object) => JSON.parse(JSON.stringify({ ...family, comment: undefined }));
    for (const name of MODEL_TYPES) expect(packed.familyOf(name)).toEqual(json(familyOf(name)));
  });

  test("the grammar is published as a JSON Schema", () => {
    const published = readFileSync(new URL("../../dist/architecture.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(architectureSchema())));
  });
});

test("docs/models.md lists them all: npm run docs writes it", () => {
  const page = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");
  expect(withFamilies(page)).toBe(page);
  for (const name of MODEL_TYPES) expect(page).toContain(`| \`${name}\` |`);
});

describe("a file", () => {
  test("says names and shapes, conditions, repetition and ties", () => {
    expect(shapes({ experts: 2 })).toEqual({
      "head.weight": "3x2",
      "model.embed.weight": "3x2",
      "model.layers.0.norm.weight": "2",
      "model.layers.0.up.bias": "8",
      "model.layers.0.up.weight": "8x2",
      "model.layers.1.experts.0.up.weight": "8x2",
      "model.layers.1.experts.1.up.weight": "8x2",
      "model.layers.1.norm.weight": "2",
    });
    expect(shapes({ architectures: ["TinyModel"], depth: 0 })).toEqual({ "embed.weight": "3x2" });
    expect(tiny({ tied: true, depth: 0 }).tied).toEqual({ "head.weight": "model.embed.weight" });
    const planned = planModel(tiny({ depth: 0 })).tensors[0];
    expect(planned?.distribution).toEqual({ kind: "normal", mean: 0, std: 1 / Math.sqrt(8) });
  });

  test("turns that differ by the name alone, by a name of their own, or by more", () => {
    const tensors = {
      "same.{i}": {
        for: { i: "depth" },
        of: { up: { linear: ["width", 3] }, tie: { parameter: [3], tied: { weight: "{base}same.0.up.bias" } } },
      },
      "named.{at}": { for: { i: 2 }, let: { at: "3 * i", long: "at + 1" }, parameter: ["long"] },
      "pairs.{i}.{j}": { for: { i: 2, j: 2 }, parameter: ["j + 1"] },
      "outer.{i}": { for: { i: 2 }, of: { "inner.{j}": { for: { j: 2 }, parameter: ["i + 1"] } } },
      "last.{i}": { for: { i: 3 }, if: "i == 2", parameter: [1] },
      "never.{i}": { for: { i: 3 }, if: "depth == 1", parameter: [1] },
    };
    const file = {
      base: "",
      tensors,
      classes: { ForCausalLM: {} },
      plan: { rules: [{ match: "*", scheme: "zeros" }] },
    };
    expect(shapes({}, file)).toEqual({
      ...{ "same.0.up.weight": "3x2", "same.0.up.bias": "3", "same.1.up.weight": "3x2", "same.1.up.bias": "3" },
      ...{ "named.0": "1", "named.3": "4" },
      ...{ "pairs.0.0": "1", "pairs.0.1": "2", "pairs.1.0": "1", "pairs.1.1": "2" },
      ...{ "outer.0.inner.0": "1", "outer.0.inner.1": "1", "outer.1.inner.0": "2", "outer.1.inner.1": "2" },
      "last.2": "1",
    });
    expect(tiny({}, file).tied).toEqual({ "same.0.tie": "same.0.up.bias", "same.1.tie": "same.0.up.bias" });
  });

  test("reads fields, and names those of which nothing is known", () => {
    expect(tiny({ act: "relu", odd: 1 }).unknownFields).toEqual(["odd"]);
    expect(() => tiny({ width: 3 })).toThrow(/\nwidth: expected an even number, got 3$/);
    expect(() => tiny({ kinds: ["a", 1], tied: 1, vocab: undefined })).toThrow(
      /\nvocab: .* got nothing\ntied: expected true or false, got 1\nkinds: expected a list of strings, got \["a", 1\]$/,
    );
  });

  test("has a value for each, from one or from a list", () => {
    const fields = {
      ...{ widths: "lengths", heads: { type: "length", each: "length(widths)", default: 3 } },
      ...{ kind: { type: "word", each: "length(widths)", choices: ["a", "b"], default: "a" } },
      ...{
        depths: { type: "counts", each: "length(widths)", default: 9 },
        on: { type: "flag", each: 2, default: true },
      },
    };
    const tensors = {
      "x{i}": {
        for: { i: "length(heads)" },
        parameter: ["heads[i]", "kind[i] == 'b' ? 2 : 1", "on[i] + 1", "length(depths[i]) == 1 ? depths[i][0] : 1"],
      },
    };
    const file = { fields, tensors, checks: {}, classes: { ForCausalLM: {} }, let: { inner: 1 } };
    const of = (config: Json) => Object.values(shapes(config, file));
    expect(of({ widths: [1, 1] })).toEqual(["3x1x2x9", "3x1x2x9"]);
    expect(of({ widths: [1, 1], heads: 5, kind: "b", on: false, depths: 2 })).toEqual(["5x2x1x2", "5x2x1x2"]);
    expect(of({ widths: [1, 1], heads: [5, 6], kind: ["a", "b"], on: [true, false], depths: [4, [1, 2, 3]] })).toEqual([
      ...["5x1x2x4", "6x2x1x1"],
    ]);
    expect(() => of({ widths: [1], heads: [5, 6] })).toThrow(
      /\nheads: expected one value, or a list of 1, got \[5, 6\]/,
    );
    expect(() => of({ widths: [1, 1], heads: [5, 0] })).toThrow(/\nheads\[1\]: expected a whole number from 1, got 0/);
    expect(() => of({ widths: [1, 1], kind: ["a", "c"] })).toThrow(/\nkind\[1\]: expected one of "a", "b".*got "c"/);
    const endless = { ...fields, heads: { type: "length", each: 1e12, default: 3 } };
    expect(() => shapes({ widths: [1] }, { ...file, fields: endless })).toThrow(/heads\.each: expected at most 10000/);
  });

  test("can name a group that occurs more than once", () => {
    const shared = {
      pair: { a: { rmsNorm: "size" }, b: { of: "one" } },
      one: { norm: { at: "", of: { c: { groupNorm: "size + 1" } } } },
    };
    const tensors = { x: { let: { size: 2 }, of: "pair" }, y: { let: { size: 5 }, of: "pair" } };
    expect(shapes({}, { shared, tensors, classes: { ForCausalLM: {} } })).toEqual({
      ...{ "model.x.a.weight": "2", "model.x.b.c.bias": "3", "model.x.b.c.weight": "3" },
      ...{ "model.y.a.weight": "5", "model.y.b.c.bias": "6", "model.y.b.c.weight": "6" },
    });
  });

  test("can refuse fields that it does not describe", () => {
    const file = { refused: { "it is too new": "moe novel" } };
    expect(tiny({ moe: 0, novel: null }, file).unknownFields).toBeUndefined();
    expect(() => tiny({ moe: 2 }, file)).toThrow(/\nmoe: expected nothing, or .*\(it is too new\).*, got 2/);
  });

  test("can extend a built-in family, also of its own name, and others that are given", () => {
    const llama = { vocab_size: 4, hidden_size: 2, intermediate_size: 2, num_hidden_layers: 1, num_attention_heads: 1 };
    const mine = { name: "mine", extends: "llama", class: "Mine", let: { o_bias: 1 } };
    const names = (type: string, ...architecture: object[]) =>
      modelOf({ ...llama, model_type: type }, { architecture }).tensors.map(({ name }) => name);
    const plain = names("llama", mine);
    expect(names("mine", mine).filter((name) => !plain.includes(name))).toEqual([
      "model.layers.0.self_attn.o_proj.bias",
    ]);
    expect(names("llama", { name: "llama", extends: "llama", tensors: { norm: null } })).toEqual(
      plain.filter((name) => name !== "model.norm.weight"),
    );
    const yours = { name: "yours", extends: "mine", tensors: { extra: { parameter: ["vocab_size"] } } };
    expect(names("yours", yours, mine)).toContain("model.extra");
  });

  test("can use the numbers of a nested config, and the family that reads it", () => {
    const inner = { ...TINY, fields: { ...TINY.fields, text: { type: "config", family: "gpt2" } } };
    const tensors = { ...TINY.tensors, gpt: { use: "text" }, bridge: { linear: ["text.n_embd", "width"] } };
    const text = { n_embd: 6, n_layer: 1, n_positions: 2, vocab_size: 3, odd: 1 };
    const model = tiny({ text, depth: 0 }, { ...inner, tensors });
    expect(model.tensors.find(({ name }) => name === "model.gpt.h.0.ln_1.bias")?.shape).toEqual([6]);
    expect(model.tensors.find(({ name }) => name === "model.bridge.weight")?.shape).toEqual([2, 6]);
    expect(model.unknownFields).toEqual(["text.odd"]);
    expect(model.variables).toMatchObject({ "text.n_embd": 6, "text.n_inner": 24 });
    expect(() => tiny({ text: { ...text, n_embd: 0.5 }, n_layer: 1 }, { ...inner, tensors })).toThrow(
      /\ntext\.n_embd: .* got 0.5/,
    );
    expect(() => tiny({ text: 3 }, { ...inner, tensors })).toThrow(/\ntext: expected an object, got 3/);
  });
});

describe("a wrong file is refused", () => {
  const one = (layer: Json) => ({ tensors: { x: layer } });
  test.each<[string, Json, RegExp]>([
    ["an unknown key", { tensor: {} }, /expected keys among .*\(perhaps "tensors"\), got "tensor"/],
    ["an unknown kind", one({ lineer: [1, 2] }), /tensors\.x: expected keys among .*perhaps "linear"/],
    ["no kind", one({ bias: 0 }), /\ntensors\.x: expected one of of, use, linear, .*, got \[\]/],
    ["two kinds", one({ rmsNorm: 1, layerNorm: 1 }), /\ntensors\.x: .* got \["rmsNorm", "layerNorm"\]/],
    ["no class", { class: undefined }, /\nclass: expected what the names/],
    ["a default class that is none", { default: "ForX" }, /\ndefault: expected one of .* got "ForX"/],
    ["no plan", { plan: undefined }, /\nplan: expected the rules/],
    ["a rule that is none", { plan: { rules: [{ match: "*", scheme: "norml" }] } }, /rules\[0\]\.scheme: .*"normal"/],
    ["a field of no type", { fields: { width: {} } }, /\nfields\.width\.type: expected what/],
    ["a field of an unknown type", { fields: { width: "lenght" } }, /fields\.width/],
    ["null that removes nothing", { tensors: { x: null } }, /tensors\.x: expected the name of something that is there/],
    [
      "null for what objects inherit",
      { tensors: { toString: null } },
      /tensors\.toString: expected the name of something/,
    ],
    ["a name that objects lose", JSON.parse('{ "tensors": { "__proto__": { "rmsNorm": 1 } } }'), /__proto__/],
    ["a family that there is not", { extends: "lama" }, /extends: expected one of .*\(perhaps "llama"\), got "lama"/],
    ["itself", { extends: "tiny" }, /it extends itself/],
    ["a negative length", one({ rmsNorm: "width - 4" }), /tensor "model\.x\.weight": shape\[0\]: .* from 1 .* got -2/],
    ["half a length", one({ rmsNorm: "width / 4" }), /got 0.5/],
    ["a length past 2^53", one({ rmsNorm: "2 ** 53" }), /got 9007199254740992/],
    ["an expression that divides by 0", one({ rmsNorm: "width / 0" }), /division by zero/],
    ["a name of nothing", one({ rmsNorm: "widht" }), /\(perhaps "width"\), got "widht"/],
    ["a number that is a list", one({ rmsNorm: "kinds" }), /expected a number, got \["a"\]/],
    ["a name that is defined by itself", { let: { inner: "other + 1", other: "inner" } }, /it is defined by itself/],
    ["two tensors of a name", { tensors: { x: { rmsNorm: 1 }, y: { at: "x", rmsNorm: 1 } } }, /two tensors are named/],
    ["a group that is not shared", one({ of: "pairs" }), /tensors\.x\.of: .*shared groups: none, got "pairs"/],
    [
      "a shared group within itself",
      { shared: { a: { x: { of: { y: { of: "b" } } } }, b: { x: { of: "a" } } } },
      /\nshared\.a: expected a group that does not contain itself, got "a"\nshared\.b:/,
    ],
    [
      "shared groups that grow without end",
      {
        shared: Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [
            `g${i}`,
            i === 39 ? {} : { x: { of: `g${i + 1}` }, y: { of: `g${i + 1}` } },
          ]),
        ),
        tensors: { x: { of: "g0" } },
      },
      /at most 300000 turns/,
    ],
    [
      "too many shared groups",
      { shared: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`g${i}`, { x: { of: `g${i + 1}` } }])) },
      /shared: expected at most 100 groups, got 5000/,
    ],
    ["half a repetition", { tensors: { "x.{i}": { for: { i: 0.5 }, of: {} } } }, /for "i": expected a whole number/],
    ["repetition without layers", { tensors: { "x.{i}": { for: { i: 1e15 }, of: {} } } }, /at most 300000 turns/],
    [
      "a check without end",
      { checks: { x: { for: { i: 1e12 }, that: 1, field: "x", expected: "x" } } },
      /at most 300000 turns/,
    ],
    ["a tie to nothing", one({ linear: [1, 1], tied: { weight: "nothing" } }), /tied "model\.x\.weight": .* "nothing"/],
    ["a nested config that is none", one({ use: "width" }), /use: expected a nested config, got "width"/],
    ["no object", [] as unknown as Json, /./],
  ])("with %s", (_, file, message) => {
    const architecture = Array.isArray(file) ? file : { ...TINY, ...file };
    expect(() => planModel(modelOf({ ...CONFIG, kinds: ["a"] }, { architecture: [architecture].flat(0) }))).toThrow(
      message,
    );
  });

  test("with a circle of files that extend each other", () => {
    const architecture = [
      { ...TINY, extends: "b" },
      { name: "b", extends: "c" },
      { name: "c", extends: "b" },
    ];
    expect(() => modelOf(CONFIG, { architecture })).toThrow(/"tiny" extends "b" extends "c" extends "b"/);
  });

  test("with two files of one name", () => {
    expect(() => modelOf(CONFIG, { architecture: [TINY, TINY] })).toThrow(/two of "tiny"/);
  });

  test("that contains itself, or nests too deeply", () => {
    const file: Json = { ...TINY };
    file.tensors = { x: { of: file } };
    expect(() => modelOf(CONFIG, { architecture: file })).toThrow(/at most 24 objects within each other/);
  });

  test("with the prototype's names", () => {
    const tensors = { constructor: { parameter: [2] }, toString: { parameter: ["has(valueOf) + 1"] } };
    expect(shapes({ depth: 0 }, { tensors, classes: { ForCausalLM: {} } })).toEqual({
      "model.constructor": "2",
      "model.toString": "1",
    });
  });
});
