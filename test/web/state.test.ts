/** The page's state in its address: round trips, hostile texts, and what the command writes for its flags. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { labAddress } from "../../src/cli/lab.address.js";
import type { LabFlags } from "../../src/cli/lab.flags.js";
import { weightsOf, weightVariance } from "../../src/lab/layer.js";
import { lab } from "../../src/lab.js";
import { commandOf } from "../../web/command.js";
import { weightVarianceOf } from "../../web/lab/scale.js";
import {
  fanInOf,
  faultOf,
  initialScheme,
  LAB,
  type LabState,
  labOptions,
  NUMBER,
  type PageScheme,
  pageScheme,
  parseScheme,
  SCHEMES,
  schemeText,
  sentOptions,
} from "../../web/network.js";
import { numberIn, parseAddress, readState, writeAddress } from "../../web/state.js";

const read = (hash: string) => readState(LAB, parseAddress(hash));
const INITIAL = read("#lab").state;

test("the defaults are an empty address, and the other way round", () => {
  expect(writeAddress("lab", LAB, INITIAL)).toBe("#lab");
  expect(read("").state).toEqual(INITIAL);
  expect(read("#lab").complaints).toEqual([]);
  expect(new Set(Object.values(LAB).map(({ key }) => key)).size).toBe(Object.keys(LAB).length);
  for (const { key } of Object.values(LAB)) expect(key).toMatch(/^[a-z]{1,8}$/);
});

test("an address is short and readable", () => {
  const state: LabState = { ...INITIAL, activation: "tanh", depth: 40, scheme: { scheme: "orthogonal", gain: 1.2 } };
  expect(writeAddress("lab", LAB, state)).toBe("#lab&d=40&a=tanh&s=orthogonal,gain=1.2");
});

const schemes: fc.Arbitrary<LabState["scheme"]> = fc
  .constantFrom(...(Object.keys(SCHEMES) as PageScheme[]), "recommended" as const)
  .chain((name): fc.Arbitrary<LabState["scheme"]> => {
    if (name === "recommended") return fc.constant(name);
    const entry = SCHEMES[name] as { numbers?: Record<string, number>; choices?: Record<string, readonly string[]> };
    const numbers = Object.keys(entry.numbers ?? {}).map((key) => {
      const { low, high } = NUMBER[key] as { low: number; high: number };
      return [key, fc.double({ min: low, max: high, noNaN: true }).map((x) => Number(x.toPrecision(6)) + 0)] as const;
    });
    const words = Object.entries(entry.choices ?? {}).map(([key, all]) => [key, fc.constantFrom(...all)] as const);
    return fc.record(Object.fromEntries([...numbers, ...words])).map((options) => {
      const scheme = { ...initialScheme(name), ...options } as Exclude<LabState["scheme"], string>;
      if (scheme.scheme !== "uniform") return scheme;
      return { ...scheme, low: Math.min(scheme.low, scheme.high), high: Math.max(scheme.low, scheme.high) };
    });
  });

test("every state survives its address", () => {
  const number = (low: number, high: number) =>
    fc.double({ min: low, max: high, noNaN: true }).map((x) => Number(x.toPrecision(6)) + 0);
  const states = fc.record({
    ...{ scheme: schemes, beside: schemes, residual: fc.boolean() },
    formula: fc.string({ maxLength: 200, unit: "grapheme" }).filter(({ length }) => length <= 200),
    ...{ depth: fc.integer({ min: 1, max: 500 }), seed: fc.integer({ min: 0, max: 999_999 }) },
    ...{ biasVariance: number(0, 100), slope: number(-10, 10) },
    activation: fc.constantFrom("relu", "own", "gelu") as fc.Arbitrary<LabState["activation"]>,
  });
  fc.assert(
    fc.property(states, (change) => {
      const state = { ...INITIAL, ...change } as LabState;
      const address = writeAddress("lab", LAB, state);
      const back = read(address);
      if (address.length <= 2000) expect(back).toEqual({ state, complaints: [] });
      else expect(back.complaints).toHaveLength(1);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test.each<[string, string, RegExp]>([
  ["a word", "#lab&a=relus", /^a="relus" in the link is not one of relu/],
  ["a count beyond its bounds", "#lab&d=501", /^d="501" .* a whole number from 1 to 500; it is "50" here/],
  ["a count of none", "#lab&d=0", /^d="0"/],
  ["no number", "#lab&bv=NaN", /^bv="NaN"/],
  ["infinity", "#lab&bv=1e999", /^bv="1e999"/],
  ["hexadecimal", "#lab&d=0x10", /^d="0x10"/],
  ["spaces", "#lab&d=%2010", /^d=/],
  ["a scheme of no name", "#lab&s=constructor", /^s="constructor" in the link is not a scheme/],
  ["an option of another scheme", "#lab&s=orthogonal,std=1", /^s=/],
  ["an option of objects", "#lab&s=orthogonal,__proto__=1", /^s=/],
  ["a split", "#lab&s=split", /^s=/],
  ["bounds in the wrong order", "#lab&s=uniform,low=1,high=0", /^s=/],
  ["a gain beyond its bounds", "#lab&s=orthogonal,gain=1e9", /^s=/],
  ["a broken escape", "#lab&f=%E0%A4%A", /cannot be read/],
  ["a key of objects", "#lab&__proto__=1", /"__proto__=1" in the link cannot be read/],
  ["no key", "#lab&=1", /cannot be read/],
  ["markup", "#lab&a=<script>alert(1)</script>", /^a="<script>/],
  ["a long formula", `#lab&a=own&f=${"x".repeat(300)}`, /^f=".{40}\.\.\." .*at most 200 characters/],
])("%s falls back to the default, and a sentence says so", (_, hash, message) => {
  const { state, complaints } = read(hash);
  expect(complaints.join("\n")).toMatch(message);
  expect({ ...state, activation: "relu" }).toEqual(INITIAL);
});

test("an address of any length and any bytes is read within bounds", () => {
  expect(read(`#lab&${"d=1&".repeat(10_000)}`).complaints).toEqual([
    "The link is longer than 2000 characters; the page shows its defaults.",
  ]);
  expect(parseAddress(`#${"&".repeat(1500)}`).values.size).toBe(0);
  fc.assert(
    fc.property(fc.string({ maxLength: 60, unit: "binary" }), (text) => {
      const { state, complaints } = read(text);
      const again = read(writeAddress("lab", LAB, state));
      expect(again).toEqual({ state, complaints: [] });
      expect(complaints.every((line) => line.length < 700)).toBe(true);
    }),
    { numRuns: 50, seed: 2 },
  );
  expect(numberIn("9".repeat(400), 0, 1e300)).toBeUndefined();
  expect(parseAddress("#../../x").panel).toBe("");
});

const FLAGS = {
  ...{ network: "dense", depth: 50, width: 256, activation: "relu", normalization: "none", normalizationAt: "pre" },
  ...{ biasVariance: 0, branchScale: 1, seeds: 3, seed: 0, recommendation: true, engine: "auto" },
} as const satisfies LabFlags;

test.each<[Partial<LabFlags>, Partial<LabState>]>([
  [{}, {}],
  [
    { activation: "tanh", scheme: { scheme: "normal", std: 0.05 } },
    { activation: "tanh", scheme: { scheme: "normal", std: 0.05 } },
  ],
  [
    { network: "convolution", depth: 12, width: 64, residual: true, branchScale: 0.5, samples: 8, seeds: 1, seed: 7 },
    { network: "convolution", depth: 12, width: 64, residual: true, branchScale: 0.5, samples: 8, seeds: 1, seed: 7 },
  ],
  [{ formula: "x * sigmoid(1.5 * x) & 1 = #" }, { activation: "own", formula: "x * sigmoid(1.5 * x) & 1 = #" }],
  [
    { normalization: "layer", normalizationAt: "post", biasVariance: 0.25, recommendation: false },
    { normalization: "layer", place: "post", biasVariance: 0.25, beside: "none" },
  ],
  [
    { activation: "leakyRelu", slope: 0.2 },
    { activation: "leakyRelu", slope: 0.2 },
  ],
])("nn-init lab --open %j opens that state", (flags, state) => {
  expect(read(labAddress({ ...FLAGS, ...flags }))).toEqual({ state: { ...INITIAL, ...state }, complaints: [] });
});

test("every scheme of the page is one that the lab runs, by its text and in the page's own form", () => {
  for (const name of Object.keys(SCHEMES) as PageScheme[]) {
    const scheme = initialScheme(name);
    expect(parseScheme(schemeText(scheme))).toEqual(scheme);
    expect(pageScheme(scheme)).toEqual(scheme);
    const network = name === "dirac" || name === "deltaOrthogonal" ? "convolution" : "dense";
    const state: LabState = { ...INITIAL, scheme, network, depth: 2, width: 8 };
    const options = labOptions(sentOptions(state));
    const small = { samples: 4, seeds: 1, jacobian: false, meanField: false, recommendation: false } as const;
    expect(lab({ ...options, ...small }).scheme.scheme).toBe(name);
  }
  expect(pageScheme({ scheme: "kaimingNormal", activation: "gelu", layout: "io" })).toEqual({
    ...{ scheme: "kaimingNormal", mode: "fan_in" },
    gain: 1.5335304411955353,
  });
  expect(pageScheme({ scheme: "split", axis: 0, parts: 2, of: { scheme: "zeros" } })).toBeUndefined();
});

test("a formula is checked before it is sent", () => {
  const fault = (formula: string) => faultOf({ activation: "own", formula });
  expect(fault("x * sigmoid(x)")).toBeUndefined();
  expect(fault("log(x)")).toMatch(/no finite value at x = -3/);
  expect(fault("alert(1)")).toMatch(/expected one of the functions/);
  expect(faultOf({ activation: "relu", formula: "(" })).toBeUndefined();
});

test("the command has the flags of the state, as words of a shell", () => {
  expect(commandOf(INITIAL)).toBe("npx nn-init lab");
  const state: LabState = {
    ...INITIAL,
    ...{
      activation: "own",
      formula: "x > 0 ? x : 'a'",
      scheme: { scheme: "normal", std: 0.05 },
      beside: "none",
      seed: 3,
    },
  };
  expect(commandOf(state)).toBe(
    String.raw`npx nn-init lab --formula 'x > 0 ? x : '\''a'\''' --scheme normal --std 0.05 --seed 3 --no-recommendation`,
  );
  const residual: LabState = { ...INITIAL, residual: true, normalization: "layer", place: "post", branchScale: 0.5 };
  expect(commandOf(residual)).toBe(
    "npx nn-init lab --residual --branch-scale 0.5 --normalization layer --normalization-at post",
  );
});

const DRAWN = [
  "glorotUniform",
  "heNormal",
  "kaimingUniform",
  "normal",
  "truncatedNormal",
  "uniform",
  "orthogonal",
] as const;
test.each(["dense", "convolution"] as const)(
  "the variance of a weight times its fan in is the lab's: %s",
  (network) => {
    for (const name of DRAWN) {
      const scheme = initialScheme(name);
      const exact = weightVariance(weightsOf(scheme, { kind: network, width: 64 }), { kind: network, width: 64 });
      expect(weightVarianceOf(scheme, fanInOf({ network, width: 64 })), name).toBeCloseTo(exact as number, 4);
    }
  },
);
