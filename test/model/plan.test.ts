/** Plans: expressions, patterns and rules; nothing in them may fail silently. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { planSchema } from "../../scripts/schemas.js";
import { exp, log, pow } from "../../src/math/functions.js";
import { evaluateInfix as evaluate } from "../../src/model/infix.js";
import { globOf, globs, similarNames } from "../../src/model/pattern.js";
import { type Model, modelOf, modelOfShapes, parsePlan, planModel } from "../../src/model.js";
import type { SchemeName } from "../../src/scheme/options.js";
import { defaultLayout, optionsOf, resolve, SCHEME_NAMES, scheme } from "../../src/scheme/scheme.js";

const GPT2 = { model_type: "gpt2", n_layer: 2, n_embd: 8, n_positions: 4, vocab_size: 10, n_head: 2 };
const gpt2 = modelOf(GPT2);

describe("an expression", () => {
  const numbers = { n_layer: 12, n_embd: 768, zero: 0 };

  test.each<[string, number]>([
    ["0.02 / sqrt(2 * n_layer)", 0.02 / Math.sqrt(24)],
    ["1 + 2 * 3 - -4", 11],
    ["(1 + 2) * 3", 9],
    ["2 ** 3 ** 2", 512],
    ["2 ** -2", 0.25],
    ["pow(-2, 2) - 2 ** 2", 0],
    ["pow(10, 22)", 1e22],
    ["pow(2, 0.5)", pow(2, 0.5)],
    ["exp(1)", exp(1)],
    ["exp(-1)", exp(-1)],
    ["log(n_embd)", log(768)],
    ["min(n_layer, 3) + max(1, 2) + abs(-1) + floor(1.5) + ceil(1.5)", 9],
    ["1e-3", 0.001],
    ["-7 % 4", -3],
    ["n_layer == 12 ? n_embd : zero / 0", 768],
    ["(1 < 2) + (2 <= 2) + (1 > 2) + (2 >= 3) + !0 + !5", 3],
    ["(1 && 0) + (1 && 2) + (0 || 3) + (n_layer != 12)", 2],
    ["0 && 1 / zero", 0],
    ["has(n_layer) + has(n_layr) + has(constructor)", 1],
    ["('basic' == 'basic') + ('basic' != 'wide')", 2],
    [" n_layer ", 12],
  ])("has a value: %s is %d", (text, value) => expect(evaluate(text, numbers)).toBe(value));

  test.each<[string, RegExp]>([
    ["n_layr", /expected the name of a number in the config \(perhaps "n_layer"\), got "n_layr"/],
    ["1 / zero", /division by zero/],
    ["1 / (n_layer - 12)", /division by zero/],
    ["sqrt(-1)", /expected a finite result, got NaN/],
    ["log(0)", /finite/],
    ["exp(1000)", /finite/],
    ["1e308 * 10", /finite/],
    ["pow(-8, 1 / 3)", /finite/],
    ["-2 ** 2", /two ways/],
    ["sqrt(1, 2)", /sqrt: expected 1 argument, got 2/],
    ["sin(1)", /expected one of the functions sqrt, .*, got "sin"/],
    ["", /./],
    ["1 +", /./],
    ["1 2", /expected one expression/],
    ["a.b", /./],
    ["n_layer.constructor", /./],
    ["constructor", /name of a number.*got "constructor"/],
    ["__proto__", /name of a number/],
    ["toString()", /one of the functions/],
    ["constructor('return 1')()", /./],
    ["[1][0]", /./],
    ["this", /./],
    ["'a'", /expected a number/],
    ["true", /expected a number/],
    ["1 | 2", /one of the operators.*got "\|"/],
    ["1 === 1", /one of the operators/],
    ["5 % zero", /division by zero/],
    ["~1", /the sign \+ or -/],
    ["'a' + 1", /expected a number, got "a"/],
    ["'a' < 'b'", /expected a number, got "a"/],
    ["length(n_layer)", /length: expected a list, got 12/],
    ["n_layer[0]", /expected a list before \[, got 12/],
    ["has(1 + 1)", /has: expected a name/],
    ["has(1, 2)", /has: expected 1 argument, got 2/],
    ["process.exit(1)", /./],
    ["x = 1", /./],
    ["`1`", /./],
    ["1".repeat(1001), /at most 1000 characters, got 1001/],
    [`${"(".repeat(499)}1`, /./],
  ])("refuses %s", (text, message) => expect(() => evaluate(text, numbers)).toThrow(message));
});

describe("a glob", () => {
  test.each<[string, string, boolean]>([
    ["*.c_proj.weight", "transformer.h.0.attn.c_proj.weight", true],
    ["*.c_proj.weight", "c_proj.weight", false],
    ["*", "", true],
    ["*", "anything.at.all", true],
    ["h.?.w", "h.1.w", true],
    ["h.?.w", "h.10.w", false],
    ["h.*.w", "h.10.w", true],
    ["a*b*c", "a.b.b.c", true],
    ["a*b*c", "a.b.b", false],
    ["w", "w.x", false],
    ["[ab]", "[ab]", true],
    ["a.b", "axb", false],
  ])("%s matches the name %s: %s", (glob, name, expected) => expect(globs(glob, name)).toBe(expected));

  test("of many stars ends, since it does not try every way to place them", () => {
    expect(globs("*a".repeat(200), `${"a".repeat(5000)}b`)).toBe(false);
  });

  test("the most similar names, one for each kind of layer", () => {
    const names = ["h.0.attn.c_proj.weight", "h.1.attn.c_proj.weight", "h.0.ln_1.weight", "wte.weight"];
    expect(similarNames("*.c_porj.weight", names)).toMatch(/^"h.0.attn.c_proj.weight", "h.0.ln_1.weight"/);
    expect(globOf("^h\\.\\d+\\.(attn|mlp)\\.c_proj$")).toBe("h.*.*attn*mlp*.c_proj");
  });
});

const plan = (...rules: object[]) => ({ rules }) as never;
const std = (model: Model, rules: object[], name: string) =>
  planModel(model, plan(...rules)).tensors.find((tensor) => tensor.name === name)?.scheme;

describe("a rule", () => {
  const rest = { match: "*", scheme: "zeros" };

  test("decides where all its conditions hold and no rule before it decides", () => {
    const rules = [
      { role: "residual", match: "*.mlp.*", scheme: "normal", std: 1 },
      { role: "residual", scheme: "normal", std: 2 },
      { rank: 2, scheme: "normal", std: 3 },
      rest,
    ];
    expect(std(gpt2, rules, "transformer.h.0.mlp.c_proj.weight")).toMatchObject({ std: 1 });
    expect(std(gpt2, rules, "transformer.h.0.attn.c_proj.weight")).toMatchObject({ std: 2 });
    expect(std(gpt2, rules, "transformer.h.0.mlp.c_fc.weight")).toMatchObject({ std: 3 });
    expect(std(gpt2, rules, "transformer.h.0.mlp.c_fc.bias")).toEqual({ scheme: "zeros" });
  });

  test("may compute with what its regular expression catches, such as the layer", () => {
    const rules = [
      { regex: "h\\.(?<layer>\\d+)\\.mlp\\.c_proj\\.weight$", scheme: "normal", std: "0.02 / sqrt(2 * (layer + 1))" },
      rest,
    ];
    expect(std(gpt2, rules, "transformer.h.1.mlp.c_proj.weight")).toEqual({ scheme: "normal", std: 0.01 });
  });

  test("takes fans from the layout of the tensor, and from each part of a packed one", () => {
    const rules = [{ rank: 2, scheme: "xavierUniform" }, rest];
    expect(std(gpt2, rules, "transformer.h.0.mlp.c_fc.weight")).toEqual({ scheme: "xavierUniform", layout: "io" });
    expect(std(gpt2, rules, "transformer.h.0.attn.c_attn.weight")).toEqual({
      ...{ scheme: "split", axis: 1, parts: 3 },
      of: { scheme: "xavierUniform", layout: "io" },
    });
    const own = [{ rank: 2, scheme: "kaimingNormal", axes: { in: 1, out: 0 } }, rest];
    expect(std(gpt2, own, "transformer.h.0.mlp.c_fc.weight")).toMatchObject({ axes: { in: 1, out: 0 } });
    const orthogonal = [{ rank: 2, scheme: "orthogonal" }, rest];
    expect(std(gpt2, orthogonal, "transformer.h.0.attn.c_attn.weight")).toMatchObject({ scheme: "split", parts: 3 });
  });

  test("may compute with the fans of the layer, of a weight and of its bias", () => {
    const rules = [{ match: "*.c_fc.*", scheme: "uniform", low: "-1 / sqrt(fan_in)", high: "fan_out" }, rest];
    const drawn = { scheme: "uniform", low: -1 / Math.sqrt(8), high: 32 };
    expect(std(gpt2, rules, "transformer.h.0.mlp.c_fc.weight")).toEqual(drawn);
    expect(std(gpt2, rules, "transformer.h.0.mlp.c_fc.bias")).toEqual(drawn);
    const listed = modelOfShapes("listed", [
      { name: "weight", shape: [6, 5, 3], layout: "oi" },
      { name: "bias", shape: [6] },
      { name: "norm.weight", shape: [6] },
      { name: "norm.bias", shape: [6] },
      { name: "unknown.weight", shape: [6, 5] },
    ]);
    const own = { scheme: "constant", value: "fan_in" };
    const rest2 = { match: "*", scheme: "zeros" };
    expect(std(listed, [{ match: "bias", ...own }, rest2], "bias")).toEqual({ scheme: "constant", value: 15 });
    for (const match of ["norm.weight", "norm.bias", "unknown.weight"]) {
      const message = `tensor "${match}": "fan_in": expected a tensor of at least two axes`;
      expect(() => std(listed, [{ match, ...own }, rest2], match)).toThrow(message);
    }
    const config = { ...gpt2, variables: { fan_in: 3 } }; // a number of the config comes first
    expect(std(config, [{ match: "*.c_fc.bias", ...own }, rest], "transformer.h.0.mlp.c_fc.bias")).toEqual({
      ...{ scheme: "constant", value: 3 },
    });
  });

  test("gives a tensor the fans that its scheme depends on, of each part; null where it depends on none", () => {
    const { tensors } = planModel(gpt2, plan({ rank: 2, scheme: "xavierUniform" }, rest));
    const fansOf = (name: string) => tensors.find((tensor) => tensor.name === `transformer.h.0.${name}`)?.fans;
    const width = gpt2.variables.n_embd as number;
    const square = { in: width, out: width };
    expect(fansOf("attn.c_attn.weight")).toEqual([square, square, square]);
    expect(fansOf("mlp.c_fc.weight")).toEqual([{ in: width, out: 4 * width }]);
    expect(fansOf("mlp.c_fc.bias")).toEqual([null]);
  });

  test("with skip leaves tensors out", () => {
    const { tensors } = planModel(gpt2, plan({ role: "bias", scheme: "skip" }, rest));
    expect(tensors.some(({ role }) => role === "bias")).toBe(false);
    expect(tensors.length).toBeGreaterThan(0);
  });

  test("may decide nothing where it is optional", () => {
    expect(() => planModel(gpt2, plan({ match: "lm_head*", scheme: "ones", optional: true }, rest))).not.toThrow();
  });

  const unknown = modelOfShapes("m", [
    { name: "a.weight", shape: [4, 3] },
    { name: "a.bias", shape: [4] },
  ]);

  test.each<[string, Model, object[], RegExp]>([
    [
      "a glob that matches no whole name",
      gpt2,
      [{ match: "c_proj.weight", scheme: "normal", std: 1 }, rest],
      /^rules\[0\] \(match "c_proj\.weight"\) decides no tensor: it matches no name; similar names are "transformer\.h\.0\.(attn|mlp)\.c_proj\.weight"/,
    ],
    ["a misspelt one", gpt2, [{ match: "*.c_porj.weight", scheme: "ones" }, rest], /similar names.*c_proj\.weight/],
    [
      "a regular expression that matches nothing",
      gpt2,
      [{ regex: "h\\.\\d+\\.c_proj", scheme: "ones" }, rest],
      /rules\[0\] \(regex .*similar/,
    ],
    [
      "a rule behind one that decides everything",
      gpt2,
      [
        { match: "*", scheme: "ones" },
        { match: "*.c_proj.weight", scheme: "zeros" },
      ],
      /^rules\[1\] .* decides no tensor: rules\[0\] \(match "\*"\) comes first and decides "transformer\.h\.0\.attn\.c_proj\.weight" and 3 more; move it up, or add "optional": true$/,
    ],
    [
      "a role of an unknown model",
      unknown,
      [{ role: "bias", scheme: "ones" }, rest],
      /the roles of this model's tensors are unknown/,
    ],
    [
      "a tensor that nothing decides",
      gpt2,
      [{ match: "*.weight", scheme: "ones" }],
      /^no rule matches "transformer\.h\.0\.attn\.c_attn\.bias" and 12 more; similar patterns are "\*\.weight"; add the model's own rules after yours \(nn-init plan CONFIG --print, or model\.plan\), a rule, or /,
    ],
    [
      "a scheme that cannot take the shape",
      gpt2,
      [{ match: "*", scheme: "xavierNormal" }],
      /rules\[0\].*c_attn\.bias.*two axes/,
    ],
    [
      "an unknown layout",
      unknown,
      [{ rank: 2, scheme: "heNormal" }, rest],
      /a\.weight": layout: expected "io" .* or "oi" .*, got nothing/,
    ],
    [
      "a division by zero",
      gpt2,
      [{ match: "*", scheme: "normal", std: "1 / (n_layer - 2)" }],
      /rules\[0\].*division by zero/,
    ],
    [
      "an expression with an unknown name",
      gpt2,
      [{ match: "*", scheme: "normal", std: "n_leyer" }],
      /perhaps "n_layer"/,
    ],
    [
      "a negative std",
      gpt2,
      [{ match: "*", scheme: "normal", std: "-n_layer" }],
      /rules\[0\].*std: expected a number not below 0/,
    ],
    [
      "parts that do not add up",
      gpt2,
      [{ match: "*c_attn.weight", scheme: "split", axis: 1, parts: ["n_embd", 1], of: { scheme: "ones" } }, rest],
      /add up to 24/,
    ],
  ])("is refused: %s", (_, model, rules, message) => expect(() => planModel(model, plan(...rules))).toThrow(message));

  test("names twice, and names of one stream", () => {
    const twice = { ...unknown, tensors: [unknown.tensors[0], unknown.tensors[0]] } as Model;
    expect(() => planModel(twice, plan(rest))).toThrow(/two tensors are named "a\.weight"/);
  });

  test("no plan at all", () =>
    expect(() => planModel(unknown)).toThrow(/^no scheme for "a\.weight" and 1 more: a plan is required/));
});

test("the default layout of a scheme is the one that it resolves with", () => {
  for (const name of SCHEME_NAMES.filter((name) => optionsOf(name).includes("fans") && name !== "varianceScaling")) {
    const bare = scheme({ scheme: name });
    const said = scheme({ scheme: name, layout: defaultLayout(name) });
    expect(resolve([2, 3, 5], said), name).toEqual(resolve([2, 3, 5], bare));
  }
});

describe("a plan", () => {
  test.each<[string, unknown, RegExp]>([
    ["a list", [{}], /not a plan\nexpected an object, \{ "rules": \[\.\.\.\] \}, got the list alone$/],
    ["no object", [], /not a plan\nexpected an object, \{ "rules": \[\.\.\.\] \}, got \[\]$/],
    ["no rules", { rules: [] }, /rules/],
    ["an unknown key", { rules: [{ match: "*", scheme: "ones" }], rule: [] }, /rule/],
    [
      "a scheme with its options in it",
      { rules: [{ match: "*", scheme: { scheme: "normal", std: 0.02 } }] },
      /\nrules\[0\]\.scheme: expected the name of a scheme, with its options beside it, such as "scheme": "normal", "std": 0\.02/,
    ],
    [
      "no matcher",
      { rules: [{ scheme: "ones" }] },
      /\nrules\[0\]: expected match, regex, role or rank, to choose the tensors, got none of them$/,
    ],
    ["a rule that is a number", { rules: [3] }, /\nrules\[0\]: expected an object, got 3$/],
    [
      "no scheme",
      { rules: [{ match: "*" }] },
      /\nrules\[0\]\.copy: expected the name of a scheme, such as "normal", in "scheme", or of a tensor in "copy", got nothing$/,
    ],
    [
      "an unknown scheme",
      { rules: [{ match: "*", scheme: "heNormall" }] },
      /\nrules\[0\]\.scheme: expected one of .* \(perhaps "heNormal"\), got "heNormall"$/,
    ],
    [
      "an unknown option",
      {
        rules: [
          { match: "*", scheme: "ones" },
          { match: "*", scheme: "normal", sdt: 1 },
        ],
      },
      /\nrules\[1\]: expected keys among match, .*, got "sdt"$/,
    ],
    [
      "a missing option",
      { rules: [{ match: "*", scheme: "normal" }] },
      /\nrules\[0\]\.std: expected a number, or an expression .*, got nothing$/,
    ],
    [
      "a wrong one",
      { rules: [{ match: "*", scheme: "normal", std: [] }] },
      /\nrules\[0\]\.std: expected a number, or an expression .*, got \[\]$/,
    ],
    [
      "an unknown role",
      { rules: [{ role: "wight", scheme: "ones" }] },
      /\nrules\[0\]\.role: expected one of "weight", .* \(perhaps "weight"\), got "wight"$/,
    ],
    [
      "norm for normalization",
      { rules: [{ role: "norm", scheme: "ones" }] },
      /\nrules\[0\]\.role: expected one of .*\(perhaps "normalization"\), got "norm"$/,
    ],
    [
      "a bad regular expression",
      { rules: [{ regex: "(", scheme: "ones" }] },
      /rules\[0\]\.regex: Invalid regular expression/,
    ],
    [
      "a bad scheme in a split",
      { rules: [{ match: "*", scheme: "split", axis: 0, parts: 2, of: { scheme: "x" } }] },
      /\nrules\[0\]\.of\.scheme: expected one of .*, got "x"$/,
    ],
  ])("is refused with %s", (_, json, message) => expect(() => parsePlan(json)).toThrow(message));

  test("takes the options that the schemes take, and no others", () => {
    const known = JSON.stringify(planSchema());
    expect(planSchema().$schema).toMatch(/json-schema\.org/);
    for (const name of SCHEME_NAMES.filter((name) => name !== "split")) {
      const refuse = (): unknown => scheme({ scheme: name, bogus: 1 });
      const message = (() => {
        try {
          refuse();
        } catch (error) {
          return (error as Error).message;
        }
        return "";
      })();
      const listed = /options among (.*), got/.exec(message)?.[1] ?? "";
      const options = listed === "none" ? [] : listed.split(", ");
      for (const option of ["bogus", ...options]) {
        const parse = () => parsePlan({ rules: [{ match: "*", scheme: name, [option]: {} }] });
        const unrecognized = /expected keys among/;
        if (option === "bogus") expect(parse, `${name}.${option}`).toThrow(unrecognized);
        else expect(messageOf(parse), `${name}.${option}`).not.toMatch(unrecognized);
      }
      const allowed = keysOf(name);
      expect(allowed.sort(), name).toEqual(options.sort());
      expect(known).toContain(JSON.stringify(name));
    }
  });

  test("has a JSON Schema, which is in the build", () => {
    const published = readFileSync(new URL("../../dist/plan.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(planSchema())));
  });
});

function messageOf(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** The options of a scheme in the published schema. */
function keysOf(name: SchemeName): string[] {
  const found: string[][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties } = node as { properties?: Record<string, { const?: unknown }> };
    if (properties?.scheme?.const === name && properties.match !== undefined) found.push(Object.keys(properties));
    for (const child of Object.values(node)) walk(child);
  };
  walk(planSchema());
  const matchers = ["match", "regex", "role", "rank", "optional", "comment", "scheme"];
  return (found[0] ?? []).filter((key) => !matchers.includes(key));
}
