/** Error messages about hostile input: no control character of the input, at most some 2,000 characters, the place named. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseJson } from "../../src/checkpoint/json.js";
import { parseSafetensorsHeader, safetensorsHeaderLength } from "../../src/checkpoint/safetensors.js";
import { checkpoint } from "../../src/checkpoint.js";
import { gpt2 } from "../../src/families.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { readJson } from "../../src/file/json.js";
import { fileIn, readSource } from "../../src/file/read.js";
import { evaluateInfix as evaluate } from "../../src/model/infix.js";
import { initModel, type Model, modelOf, modelOfShapes, type Plan, parsePlan, planModel } from "../../src/model.js";
import { routerOf } from "../../src/serve.js";

const work = mkdtempSync(join(tmpdir(), "nn-init-"));
afterAll(() => rmSync(work, { recursive: true }));

const MOST = 2200; // characters: 2,000 and what tells the length

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

function expectClean(message: string): void {
  // Line breaks separate the lines of a message; those of the input are escaped.
  expect(message).not.toMatch(/[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
  expect(message.length).toBeLessThanOrEqual(MOST);
  expect(message.length).toBeGreaterThan(10);
}

const ESC = "\u001b[31m";
const LONG = "\u001b".repeat(1e5);
const HOSTILE = [ESC, "\u009b31m", "\u202egnp.exe", "\u007f", "\u2028", "a\nb", "\r", "\u0000", "\u2066", LONG];
const GPT2 = { model_type: "gpt2", n_layer: 2, n_embd: 8, n_positions: 4, vocab_size: 10 };

const file = (name: string, content: string | Uint8Array) => {
  const path = join(work, name);
  writeFileSync(path, content);
  return path;
};
const jsonFile = (name: string, json: unknown) => file(name, JSON.stringify(json));
const header = (json: string) => () => parseSafetensorsHeader(new TextEncoder().encode(json), 8);
const entry = (name: string, rest: object) => header(JSON.stringify({ [name]: rest }));
const rule = (rest: object) => () => parsePlan({ rules: [{ match: "*", scheme: "ones", ...rest }] });
const decide = (rule: object, model = modelOf(GPT2)) => planModel(model, { rules: [rule] } as unknown as Plan);

/** Where hostile text can come from. */
const PLACES: readonly (readonly [string, (text: string) => () => unknown])[] = [
  ["a key of a plan", (text) => () => parsePlan({ rules: [{ match: "*", scheme: "ones" }], [text]: 1 })],
  ["a key of a rule", (text) => rule({ [text]: 1 })],
  ["the scheme of a rule", (text) => rule({ scheme: text })],
  ["the role of a rule", (text) => rule({ role: text })],
  ["a number of a rule", (text) => rule({ scheme: "normal", std: [text] })],
  ["a word of a rule", (text) => rule({ scheme: "heNormal", layout: text })],
  ["a glob", (text) => () => decide({ match: text, scheme: "ones" })],
  ["a regular expression that does not compile", (text) => rule({ regex: `(${text}` })],
  ["a regular expression that matches nothing", (text) => () => decide({ regex: `${text}$`, scheme: "ones" })],
  ["an expression", (text) => () => evaluate(`1 + ${text}`, {})],
  [
    "an expression of a rule",
    (text) => () => decide({ match: "*", scheme: "constant", value: `1 2 ${text.slice(0, 9)}` }),
  ],
  ["a string in an expression", (text) => () => evaluate(`"${text.slice(0, 9)}"`, {})],
  [
    "a name of the config that is suggested",
    (text) => () =>
      decide({ match: "*", scheme: "constant", value: "n_hidden" }, modelOf({ ...GPT2, [`n_hiden${text}`]: 1 })),
  ],
  ["the model_type", (text) => () => modelOf({ model_type: text })],
  ["a field of a config", (text) => () => modelOf({ ...GPT2, n_layer: text })],
  ["a class of a config", (text) => () => modelOf({ ...GPT2, architectures: [text] })],
  ["a list in a config", (text) => () => modelOf({ model_type: "resnet", hidden_sizes: Array(50).fill(text) })],
  ["a key of a shape", (text) => () => modelOfShapes("m", [{ name: "w", shape: [1], [text]: 1 }])],
  [
    "an option of a shape's scheme",
    (text) => () => modelOfShapes("m", [{ name: "w", shape: [1], scheme: "ones", [text]: 1 }]),
  ],
  ["the scheme of a shape", (text) => () => modelOfShapes("m", [{ name: "w", shape: [1], scheme: text }])],
  ["the name of a shape", (text) => () => modelOfShapes("m", [{ name: text, shape: [1], scheme: "heNormal" }])],
  ["the dtype of a shape", (text) => () => modelOfShapes("m", [{ name: "w", shape: [1], dtype: text }])],
  ["a tensor without a scheme", (text) => () => planModel(modelOfShapes("m", [{ name: text, shape: [1] }]))],
  [
    "two tensors of one name",
    (text) => () =>
      planModel(
        modelOfShapes(
          "m",
          Array.from({ length: 2 }, () => ({ name: text, shape: [1], scheme: "ones" })),
        ),
      ),
  ],
  [
    "a tensor whose type is too narrow",
    (text) => () =>
      initModel(modelOfShapes("m", [{ name: text, shape: [1], scheme: "constant", value: 1e6 }]), { dtype: "f16" }),
  ],
  ["the shard of an index", (text) => () => readSource(jsonFile("i.json", { weight_map: { w: `${text}.bin` } }))],
  [
    "a missing shard",
    (text) => () => readSource(jsonFile("s.json", { weight_map: { w: `${text.slice(0, 9)}.safetensors` } })),
  ],
  ["a name in an index", (text) => () => readSource(jsonFile("n.json", { weight_map: { [text]: "/x" } }))],
  ["a path", (text) => () => readJson(join(work, `${text.replaceAll("\0", "").slice(0, 9)}.json`))],
  ["a long path", (text) => () => readCheckpoint(join(work, `${text.replaceAll("\0", "")}.safetensors`))],
  ["a tensor's name in a header", (text) => entry(text, {})],
  ["a dtype in a header", (text) => entry("w", { dtype: text })],
  ["a shape in a header", (text) => entry("w", { dtype: "F32", shape: text })],
  ["offsets in a header", (text) => entry("w", { dtype: "F32", shape: [1], data_offsets: [text, text] })],
  ["a key in a header", (text) => entry("w", { dtype: "F32", shape: [1], data_offsets: [0, 4], [text]: 1 })],
  ["a header that is cut off", (text) => entry(text, { dtype: "F32", shape: [4], data_offsets: [0, 16] })],
  ["a name that a header has twice", (text) => header(`{${JSON.stringify(text)}:0,${JSON.stringify(text)}:0}`)],
  ["a header that is not JSON", (text) => header(`{${text}`)],
  ["metadata of a header", (text) => header(JSON.stringify({ __metadata__: text }))],
  ["JSON with raw text before", (text) => () => parseJson(`${text}{`)],
  ["JSON with raw text after", (text) => () => parseJson(`{} // ${text}`)],
  ["JSON with a raw string", (text) => () => parseJson(`{"${text}": x}`)],
  ["a key that JSON has twice", (text) => () => parseJson(`{${JSON.stringify(text)}:0,${JSON.stringify(text)}:0}`)],
];

describe.each(PLACES)("%s", (_, make) => {
  test.each(HOSTILE.map((text) => [text.length > 99 ? "100,000 of them" : JSON.stringify(text), text]))(
    "with %s",
    (__, text) => {
      const begun = performance.now();
      expectClean(messageOf(make(text as string)));
      expect(performance.now() - begun).toBeLessThan(5000);
    },
  );
});

describe("much of it", () => {
  test.each<[string, () => unknown]>([
    ["20,000 wrong rules", () => parsePlan({ rules: Array(20_000).fill({ match: "*", scheme: "he" }) })],
    ["20,000 wrong keys", () => rule(Object.fromEntries(Array.from({ length: 2e4 }, (_, i) => [`${ESC}${i}`, 1])))()],
    ["20,000 wrong shapes", () => modelOfShapes("m", Array(20_000).fill({ name: 3, shape: "x" }))],
    ["20,000 lengths of text", () => modelOfShapes("m", [{ name: "w", shape: Array(20_000).fill("x") }])],
    [
      "20,000 tensors without a scheme",
      () =>
        planModel(
          modelOfShapes(
            "m",
            namesOf(20_000).map((name) => ({ name, shape: [1] })),
          ),
        ),
    ],
    ["a long label", () => decide({ match: ESC.repeat(99), regex: `${ESC.repeat(99)}$`, scheme: "ones" })],
    ["a list nested 100,000 deep", () => parseJson(`${"[".repeat(1e5)}${"]".repeat(1e5 - 1)}`)],
    ["a header of 2 MB on one line", header(`${'{"a":['}${"1,".repeat(1e6)}}`)],
    ["a string of 3 MB in an expression", () => evaluate(ESC.repeat(6e5), {})],
    ["a string of 3 MB in a rule", rule({ scheme: ESC.repeat(6e5) })],
    ["a name of 3 MB in a header", entry(ESC.repeat(6e5), {})],
    ["a regular expression of 3 MB", () => decide({ regex: "a".repeat(3e6), scheme: "ones" })],
  ])("%s", (_, call) => expectClean(messageOf(call)));
});

const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`);

test("an option that JSON has no word for", () => {
  const entry = { name: "w", shape: [2, 3], scheme: "normal" };
  expect(messageOf(() => modelOfShapes("m", [{ ...entry, std: 1n } as never]))).toBe(
    '[0] "w": std: expected a number, got 1n',
  );
});

test("one line for each fault, with its place, what was expected and what came", () => {
  expect(
    messageOf(() => parsePlan({ rules: [{ match: "*", scheme: "normal", std: {} }, { scheme: "ones" }, 3] })),
  ).toBe(
    [
      "not a plan",
      'rules[0].std: expected a number, or an expression such as "0.02 / sqrt(2 * n_layer)", got Object',
      "rules[1]: expected match, regex, role or rank, to choose the tensors, got none of them",
      "rules[2]: expected an object, got 3",
    ].join("\n"),
  );
  expect(messageOf(() => modelOf({ ...GPT2, n_layer: 1.5, vocab_size: undefined, torch_dtype: "float8" }))).toBe(
    [
      "not a config that nn-init can use",
      'torch_dtype: expected one of "float32", "float64", "float16", "bfloat16", "auto" (perhaps "float32"), got "float8"',
      "vocab_size: expected a whole number from 1, got nothing",
      "n_layer: expected a whole number from 1, got 1.5",
    ].join("\n"),
  );
});

test("a missing field names the one that is probably a misspelling of it", () => {
  const { n_layer, ...others } = GPT2;
  expect(messageOf(() => modelOf({ ...others, n_layers: n_layer }))).toMatch(
    /\nn_layer: expected a whole number from 1, got nothing \(perhaps "n_layers" is a misspelling of it\)$/,
  );
  expect(messageOf(() => modelOf(others))).toMatch(/\nn_layer: expected a whole number from 1, got nothing$/); // not n_embd
  const hostile = messageOf(() => modelOf({ ...others, [`n_layer${ESC}`]: n_layer }));
  expectClean(hostile);
  expect(hostile).toMatch(/got nothing$/);
});

describe("JSON names the line and the column", () => {
  test.each<[string, string, string]>([
    ["an empty file", "", "line 1, column 1: expected a value, but the text ends here\n> 1 | \n    | ^"],
    [
      "a file that ends early",
      '{\n  "n_layer": 12,\n  "n_embd": ',
      'line 3, column 13: expected a value, but the text ends here\n> 3 |   "n_embd": \n    |             ^',
    ],
    [
      "a string that ends early",
      '{"model_type": "gp',
      'line 1, column 16: expected a string that is closed on its line and has only the escapes of JSON\n> 1 | {"model_type": "gp\n    |                ^',
    ],
    [
      "two commas",
      '{\r\n\t"a": 1,,\r\n}',
      'line 2, column 9: expected a key, got ","\n> 2 |  "a": 1,,\n    |         ^',
    ],
    ["a comment", "[1, // one\n2]", 'line 1, column 5: expected a value, got "/"\n> 1 | [1, // one\n    |     ^'],
    ["a word", "[True]", 'line 1, column 2: expected a value or ], got "True"\n> 1 | [True]\n    |  ^'],
    [
      "a byte order mark",
      "\ufeff{}",
      "line 1, column 1: expected a value, got a byte order mark (U+FEFF)\n> 1 | \ufeff{}\n    | ^",
    ],
    [
      "a key twice",
      '{"a": {"b": 1, "\\u0062": 2}}',
      'line 1, column 16: expected each key once, got "b" again\n> 1 | {"a": {"b": 1, "\\u0062": 2}}\n    |                ^',
    ],
    [
      "a number that is lost",
      '{"std": 1e-400}',
      'line 1, column 9: expected a number that a double holds, got "1e-400"\n> 1 | {"std": 1e-400}\n    |         ^',
    ],
    [
      "a number that is too small, without an exponent",
      `[0.${"0".repeat(330)}1]`,
      `line 1, column 2: expected a number that a double holds, got "0.${"0".repeat(18)}"\n> 1 | [0.${"0".repeat(58)}\n    |  ^`,
    ],
    [
      "a number that is too large",
      "[-2.5E+309]",
      'line 1, column 2: expected a number that a double holds, got "-2.5E+309"\n> 1 | [-2.5E+309]\n    |  ^',
    ],
  ])("%s", (name, text, message) => {
    expect(messageOf(() => parseJson(text))).toBe(message);
    const path = file(`${name}.json`, text);
    expect(messageOf(() => readJson(path))).toBe(`${path}: ${message}`);
  });

  test("a long line is shown around the place", () => {
    const text = `{"a": [${"1, ".repeat(1000)}x${", 1".repeat(1000)}]}`;
    const [place, line, mark] = messageOf(() => parseJson(text)).split("\n");
    expect(place).toBe('line 1, column 3008: expected a value, got "x"');
    expect(line).toMatch(/^> 1 \| \.\.\.(1, ){20}x(, 1)+,? ?$/);
    expect(mark?.indexOf("^")).toBe(line?.indexOf("x"));
  });
});

test("a header's length that does not fit", () => {
  expectClean(messageOf(() => safetensorsHeaderLength(new Uint8Array(8).fill(255), 100)));
});

test("a folder of hostile names", () => {
  const folder = join(work, `${ESC}folder`);
  mkdirSync(folder);
  expectClean(messageOf(() => fileIn(folder)));
});

test("importing nn-init/model compiles no code, and leaves zod's settings as they were", async () => {
  const settings = (globalThis as { __zod_globalConfig?: { jitless?: boolean } }).__zod_globalConfig;
  expect(settings).toBeDefined();
  expect(settings).not.toHaveProperty("jitless");
  const own = globalThis.Function;
  let calls = 0;
  const count = <T>(value: T): T => {
    calls += 1;
    return value;
  };
  globalThis.Function = new Proxy(own, {
    construct: (target, args) => count(Reflect.construct(target, args)),
    apply: (target, self, args) => count(Reflect.apply(target, self, args)),
  });
  try {
    const url = new URL("../../dist/model.js", import.meta.url).href;
    const model = await import(/* @vite-ignore */ `${url}?fresh`);
    expect(model.modelOf(GPT2).tensors).toHaveLength(28);
  } finally {
    globalThis.Function = own;
  }
  expect(calls).toBe(0);
});

test.each<[string, object, string]>([
  ["a split without schemes", { scheme: "split", axis: 0, parts: 2 }, "scheme: expected a scheme such as"],
  ["a split of null", { scheme: "split", axis: 0, parts: 2, of: [null, null] }, "scheme: expected a scheme such as"],
  ["the name of a property of objects", { scheme: "constructor" }, "scheme: expected one of"],
])("a plan in code with %s", (_, rule, message) => {
  const model = modelOfShapes("m", [{ name: "a", shape: [4, 4] }]);
  const plan = { rules: [{ match: "*", ...rule }] };
  expect(() => checkpoint(model, { seed: 1, plan })).toThrow(`rules[0] (match "*"), tensor "a": ${message}`);
});

test.each<[object, string]>([
  [{ copyOf: 5 }, "copy: expected the name of another tensor, got 5"],
  [{ copyOf: null }, "copy: expected the name of another tensor, got null"],
  [{ madeFrom: {} }, "copy: expected the name of another tensor, got undefined"],
  [{ madeFrom: null }, "copy: expected the name of another tensor, got undefined"],
  [{ scheme: null }, "scheme: expected a scheme such as"],
])("a tensor by hand with %j", (own, message) => {
  const model = {
    name: "m",
    tensors: [{ name: "b", shape: [2], ...own }],
    variables: {},
    tied: {},
  } as unknown as Model;
  expect(() => checkpoint(model, { seed: 1 })).toThrow(`tensor "b": ${message}`);
});

test("an option of a list of shapes that contains itself", () => {
  const std: Record<string, unknown> = {};
  std.self = std;
  const shapes = [{ name: "a", shape: [4], scheme: "normal", std }];
  expect(() => modelOfShapes("m", shapes)).toThrow('[0] "a": std: expected a number, got Object');
});

test("a group of a regular expression is a number if it has digits alone", () => {
  const std = (name: string) =>
    planModel(modelOfShapes("m", [{ name, shape: [4] }]), {
      rules: [{ regex: "w(?<n>.*)", scheme: "normal", std: "n + 1" }],
    }).tensors[0]?.scheme;
  expect(std("w07")).toMatchObject({ std: 8 });
  for (const name of ["w", "w1e3", "w0x10"]) expect(() => std(name), name).toThrow(/the name of a number.*got "n"/);
});

test("a chain of definitions of an architecture is refused with its place", () => {
  const names = Array.from({ length: 3000 }, (_, i) => [`v${i}`, i === 0 ? "a" : `v${i - 1} + 1`]);
  const architecture = {
    ...{ name: "x", class: "X", default: "Model", fields: { a: "length" }, classes: { Model: {} } },
    ...{ let: Object.fromEntries(names), tensors: { w: { parameter: ["v2999"] } } },
    plan: { rules: [{ match: "*", scheme: "zeros" }] },
  };
  expect(() => modelOf({ model_type: "x", a: 3 }, { architecture })).toThrow(/\nlet v\d+: expected at most 2000 char/);
});

test("what a server without a parser refuses does not depend on what was planned before", () => {
  const config = { model_type: "gpt2", n_layer: 1, n_embd: 8, n_head: 1, n_positions: 4, vocab_size: 4 };
  const plan = { rules: [{ match: "*", scheme: "normal", std: "1 / sqrt(7 * n_layer)" }] };
  planModel(modelOf(config), plan);
  expect(() => routerOf([gpt2], { models: { m: { config, plan } } })).toThrow(/only parsePlan/);
});
