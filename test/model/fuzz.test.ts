/**
 * Whatever the parsers are given, they answer, or refuse with an error that was meant. Each gets RUNS inputs, 150 by
 * default, from a fixed seed: `RUNS=1000000 npx vitest run test/model/fuzz.test.ts`. fuzz.slow.ts gives them 20,000. An
 * input that takes forever ends at the time limit of the test.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import gpt2 from "../../src/architecture/families/gpt2.json" with { type: "json" };
import { parseJson } from "../../src/checkpoint/json.js";
import { parseSafetensorsHeader, safetensorsHeaderLength } from "../../src/checkpoint/safetensors.js";
import { evaluateInfix as evaluate } from "../../src/model/infix.js";
import { modelOf, modelOfShapes, parsePlan, planModel } from "../../src/model.js";

const RUNS = Number(process.env.RUNS ?? 150);

const MOST_MESSAGE = 2100; // characters

/** What a bug looks like, as opposed to a refusal. */
const BUG =
  /Cannot (read|set|convert)|is not (a function|iterable|defined)|call stack|Invalid (array|typed array|string) length|out of memory|allocation/;

function survives(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).not.toMatch(BUG);
    expect(message.length).toBeGreaterThan(0);
    expect(message.length).toBeLessThan(MOST_MESSAGE);
  }
}

const check = <T>(input: fc.Arbitrary<T>, call: (input: T) => unknown): void =>
  fc.assert(
    fc.property(input, (given) => survives(() => call(given))),
    { seed: 6, numRuns: RUNS },
  );

/** Numbers, words and structures that have hurt parsers before. */
const hostile = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
  fc.constantFrom<unknown>(
    ...[0, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 60, 1e308, -0, null, true, "", "x", "__proto__", "constructor"],
    ...[[], {}, [0], [2 ** 40, 2 ** 40], { __proto__: null }, "1 / 0", "sqrt(", "*".repeat(200), "(a+)+$", "\ud800"],
  ),
);

/** A copy of a value in which some parts are hostile, missing, or there twice. */
const mutated = (value: unknown): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.nat(), hostile, fc.nat(3)), { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy = structuredClone(value);
    for (const [where, what, how] of changes) {
      const places: [Record<string, unknown>, string][] = [];
      const walk = (node: unknown): void => {
        if (typeof node !== "object" || node === null) return;
        for (const key of Object.keys(node)) {
          places.push([node as Record<string, unknown>, key]);
          walk((node as Record<string, unknown>)[key]);
        }
      };
      walk(copy);
      const [node, key] = places[where % Math.max(1, places.length)] ?? [{}, ""];
      if (how === 0) delete node[key];
      else if (how === 1) node[`${key}x`] = structuredClone(what);
      else node[key] = structuredClone(what);
    }
    return copy;
  });

const GPT2 = {
  model_type: "gpt2",
  n_layer: 2,
  n_embd: 8,
  n_positions: 4,
  vocab_size: 10,
  n_head: 2,
  torch_dtype: "float16",
};
const CONFIGS = [
  GPT2,
  {
    model_type: "llama",
    vocab_size: 9,
    hidden_size: 8,
    intermediate_size: 6,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 2,
    tie_word_embeddings: true,
  },
  {
    model_type: "mixtral",
    vocab_size: 9,
    hidden_size: 8,
    intermediate_size: 6,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_local_experts: 2,
  },
  {
    model_type: "bert",
    vocab_size: 9,
    hidden_size: 8,
    intermediate_size: 6,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    max_position_embeddings: 5,
    pad_token_id: 1,
  },
  {
    model_type: "vit",
    hidden_size: 8,
    intermediate_size: 6,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    image_size: [8, 8],
    patch_size: 4,
    id2label: { 0: "a" },
  },
  { model_type: "resnet", embedding_size: 4, hidden_sizes: [8, 16], depths: [1, 2], layer_type: "bottleneck" },
];

test("changed configs give a planned model or a refusal", () => {
  check(fc.oneof(...CONFIGS.map(mutated)), (config) => planModel(modelOf(config)));
});

test("changed plans give a planned model or a refusal", () => {
  const plan = {
    rules: [
      ...gpt2.plan.rules.slice(0, 3),
      {
        regex: "h\\.(?<layer>\\d+)\\.",
        rank: 2,
        scheme: "truncatedNormal",
        std: "1 / (layer + 1)",
        bounds: "absolute",
      },
      {
        role: "embedding",
        scheme: "split",
        axis: 0,
        parts: [1, "4 - 1"],
        of: [{ scheme: "zeros" }, { scheme: "heNormal" }],
        optional: true,
      },
      { match: "*", scheme: "kaimingUniform", activation: "gelu" },
    ],
  };
  const model = modelOf(GPT2);
  check(mutated(plan), (json) => planModel(model, parsePlan(json)));
});

test("changed lists of shapes give a planned model or a refusal", () => {
  const list = [
    { name: "a", shape: [3, 2], scheme: "heNormal", layout: "oi" },
    { name: "b", shape: [4], scheme: "uniform", low: 0, high: 1, dtype: "bf16", role: "bias" },
    { name: "c", shape: [], scheme: "ones" },
  ];
  check(mutated(list), (json) => planModel(modelOfShapes("m", json)));
});

test("text gives a number as an expression, or a refusal", () => {
  const letters = fc.string({
    unit: fc.constantFrom(
      ..."0123456789.+-*/()%^|&!<>=?:,;[]{}'\"`\\ abcxyz_$#@",
      "**",
      "sqrt",
      "n_layer",
      "pow(",
      "1e",
    ),
    maxLength: 60,
  });
  check(fc.oneof(letters, fc.string({ maxLength: 2000 })), (text) => evaluate(text, { n_layer: 12, abc: 0 }));
});

const HEADER = {
  __metadata__: { format: "pt", "nn-init.seed": "1" },
  a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  b: { dtype: "BF16", shape: [4], data_offsets: [24, 32] },
  c: { dtype: "I64", shape: [], data_offsets: [32, 40] },
};

test("headers changed as values or as bytes are parsed or refused", () => {
  const bytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
  const flipped = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = bytes(HEADER);
    for (const [where, byte] of changes) copy[where % copy.length] = byte;
    return copy;
  });
  check(fc.oneof(mutated(HEADER).map(bytes), flipped, fc.uint8Array({ maxLength: 100 })), (json) =>
    parseSafetensorsHeader(json, 40),
  );
});

test("lengths of headers", () => {
  check(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.nat()), ([bytes, size]) => safetensorsHeaderLength(bytes, size));
});

describe("JSON is what JSON.parse takes, without keys that are there twice", () => {
  const agrees = (text: string): void => {
    let parsed: { readonly value: unknown } | undefined;
    try {
      parsed = { value: JSON.parse(text) };
    } catch {}
    let own: { readonly value: unknown } | undefined;
    let message = "";
    try {
      own = { value: parseJson(text) };
    } catch (error) {
      message = (error as Error).message;
      expect(message).toMatch(/^line \d+, column \d+: expected /);
    }
    if (!/each key once|a double holds/.test(message)) expect(own).toEqual(parsed);
  };
  const pieces = fc.string({
    unit: fc.constantFrom(...'{}[]",:\\/u0a1-+.eE \n\t\r\u0000\u2028\ud800\ufeff', "true", "nul", '"a"', '"b":', "1e5"),
    maxLength: 40,
  });

  // A regular expression for strings overflowed V8's stack; the record of a large model is such a string.
  test("a string of 4,000,000 escapes", () => {
    const text = `{"a":"${'\\"'.repeat(4e6)}"}`;
    expect((parseJson(text) as { a: string }).a).toHaveLength(4e6);
  });

  test("random pieces of JSON", () => check(pieces, agrees));
  test("values, and values that were changed", () => {
    const json = fc.json({ maxDepth: 3 });
    const changed = fc.tuple(json, fc.nat(), pieces).map(([text, where, piece]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + piece + text.slice(at + piece.length);
    });
    check(fc.oneof(json, changed), agrees);
  });
});
