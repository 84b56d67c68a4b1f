/** Regular expressions of plans: what JavaScript's own engine matches (ECMA-262, flag u), in linear time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex } from "../../src/model/regex.js";
import { modelOfShapes, parsePlan, planModel } from "../../src/model.js";

const NAMES = [
  "transformer.h.0.attn.c_attn.weight",
  "transformer.h.11.mlp.c_proj.bias",
  "model.layers.3.self_attn.q_proj.weight",
  "model.layers.3.block_sparse_moe.experts.7.w2.weight",
  "encoder/layer_0/attention/self/query/kernel:0",
  "bn1.running_mean",
  "Gewicht.\u00fc\u00df.\u4e2d\u6587.\ud83d\ude00",
  "a\nb\rc\u2028d\u00a0e\u000bf\ufeffg\u0085h",
  "a-b]c[d^e\\f/g{h}i|j$k",
  "",
  "\u0000\u0008\u0001",
];

/** Patterns as people write them, and every form of the grammar. */
const PATTERNS = [
  ...[
    "(^|[._/])(bias|beta|b)$",
    "h\\.(?<layer>\\d+)\\..*c_proj",
    "\\.weight$",
    "^model\\.layers\\.[0-9]+\\.",
    "w[123]",
  ],
  ...[
    "(q|k|v)_proj",
    "layer_?\\d{1,2}",
    "experts\\.(?<expert>\\d+)\\.w(?<part>\\d)",
    "attn|mlp",
    "kernel:0",
    ".",
    "^.*$",
  ],
  ...[
    "a.b",
    "^$",
    "\\s",
    "\\S+",
    "[\\s]",
    "[^\\s]+",
    "[\\S]",
    "[^\\S]",
    "\\w+",
    "[^\\w]",
    "[\\d.-]+",
    "\\bbias\\b",
    "\\B.",
  ],
  ...[
    "[a-c-e]",
    "[-a]",
    "[a-]",
    "[\\]]",
    "[\\^a]",
    "[[a]",
    "[\\-]",
    "[]",
    "[^]",
    "a[]|b",
    "[\\b]",
    "\\u{1f600}",
    "\\ud83d\\ude00",
  ],
  ...[
    "[\\u{1f600}-\\u{1f64f}]",
    "\\u00fc",
    "\\xfc",
    "\\cA",
    "[\\cA]",
    "\\0",
    "\\t|\\n|\\v|\\f|\\r",
    "\\/",
    "\\{h\\}",
    "\\p{L}+",
  ],
  ...[
    "\\P{L}",
    "[\\p{Lu}\\p{Nd}]",
    "\\p{Script=Han}",
    "\\p{gc=Lu}",
    "a{2}",
    "l{1,}",
    "e{0,2}?r",
    "(?:ab)*?c",
    "x*",
    "(a|ab)(c|bcd)(d*)",
  ],
  ...[
    "\ud83d\ude00",
    "[\ud83d\ude00]",
    "\u4e2d.",
    "(?<$a>.)(?<b_1>.)",
    "a||b",
    "(|a)+",
    "(?:)",
    "\\.\\*\\+\\?\\(\\)\\[\\]\\|\\^\\$\\\\",
  ],
];

test.each(PATTERNS)("%s", (pattern) => {
  const theirs = new RegExp(pattern, "u");
  const ours = compileRegex(pattern);
  for (const name of NAMES) {
    expect(ours.test(name), name).toBe(theirs.test(name));
    expect({ ...ours.groups(name) }, name).toEqual({ ...theirs.exec(name)?.groups });
  }
});

test("random patterns match what JavaScript matches", () => {
  const atom = fc.constantFrom(
    ..."abc.01",
    "\\d",
    "\\w",
    "\\s",
    "[ab]",
    "[^a]",
    "[0-9]",
    "^",
    "$",
    "\\.",
    "(a|b)",
    "(?:ab|c)",
    "|",
  );
  const times = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,3}", "*?", "+?");
  const pattern = fc
    .array(fc.tuple(atom, times), { maxLength: 6 })
    .map((parts) => parts.map(([atom, times]) => atom + (/^[\^$|]$/.test(atom) ? "" : times)).join(""));
  const name = fc.string({ unit: fc.constantFrom(..."abc01. \n"), maxLength: 12 });
  fc.assert(
    fc.property(pattern, name, (pattern, name) => {
      expect(compileRegex(pattern).test(name)).toBe(new RegExp(pattern, "u").test(name));
    }),
    { seed: 14, numRuns: 1000 },
  );
});

describe("refused, by name", () => {
  test.each([
    ["(?=a)", /without look-ahead.*got "\(\?="/],
    ["a(?!b)", /without look-ahead/],
    ["(?<=a)b", /without look-behind/],
    ["(?<!a)b", /without look-behind/],
    ["(a)\\1", /without back-references.*got "\\\\1"/],
    ["(?<n>a)\\k<n>", /without back-references.*got "\\\\k<n>"/],
    ["(", /Invalid regular expression/],
    ["\\Qa\\E", /Invalid regular expression/],
    ["(?P<n>a)", /Invalid regular expression/],
    ["a{1001}", /invalid repeat count/],
    ["(?:a{100}){100}", /repe/],
    ["(?:a{31}){32}".repeat(12), /repetitions of at most 10000 states, got 1\d{4}/],
    ["(".repeat(600), /./],
    [`${"(".repeat(400)}a${")".repeat(400)}`, undefined],
    ["a".repeat(1001), /at most 1000 characters, got 1001/],
  ])("%s", (pattern, message) => {
    if (message === undefined) compileRegex(pattern);
    else expect(() => compileRegex(pattern)).toThrow(message);
  });

  test("with the place of the rule in the plan", () => {
    expect(() =>
      parsePlan({
        rules: [
          { match: "*", scheme: "ones" },
          { regex: "(?=a)", scheme: "ones" },
        ],
      }),
    ).toThrow(/^not a plan\nrules\[1\]\.regex: expected a pattern without look-ahead/);
    expect(() => parsePlan({ rules: [{ regex: "a".repeat(1001), scheme: "ones" }] })).toThrow(
      /rules\[0\]\.regex: expected at most 1000 characters/,
    );
    expect(() => parsePlan({ rules: Array(10_001).fill({ match: "*", scheme: "ones" }) })).toThrow(
      /rules: expected at most 10000 items/,
    );
  });
});

test.each(["(a+)+$", "(a*)*$", "(a|aa)+$", "(a|a?)+$", "(?:.*a){20}$", "^(?:a?){60}a{60}$", "(\\w*\\d?)*!"])(
  "%s takes no exponential time",
  (regex) => {
    const model = modelOfShapes("m", [
      { name: `${"a".repeat(2000)}b`, shape: [2] },
      { name: "b", shape: [2] },
    ]);
    const begun = performance.now();
    planModel(model, {
      rules: [
        { regex, scheme: "zeros", optional: true },
        { match: "*", scheme: "ones", optional: true },
      ],
    } as never);
    expect(performance.now() - begun).toBeLessThan(2000);
  },
);
