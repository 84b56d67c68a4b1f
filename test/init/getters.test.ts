/** Options that answer otherwise each time they are read. A check of one answer must not be followed by the use of another. */
import { expect, test } from "vitest";
import { Arena, explain, fans, fill, gain, init, normal, orthogonal, resolve, type Scheme } from "../../src/index.js";
import { lab, meanField } from "../../src/lab.js";
import { initModel, iterateModel, modelOf, modelOfShapes, planModel } from "../../src/model.js";
import { recommend } from "../../src/recipes.js";

/** An object whose property is another value from the second read on. */
function changing(given: object, key: string, later: unknown): object {
  const first = (given as Record<string, unknown>)[key];
  let reads = 0;
  return Object.defineProperty({ ...given }, key, { enumerable: true, get: () => (reads++ === 0 ? first : later) });
}

/** What no call takes, and what some calls take in other places. */
const LATER = [Number.NaN, -1, 1e300, "f64", "zzz", null, undefined, {}, [], () => 0, 2 ** 60, true];

/** What a call returns, as text; and the tensors of a model. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return `${item}n`;
    if (item instanceof Map) return [...item];
    if (item instanceof Arena) return item.capacity;
    return ArrayBuffer.isView(item) ? [item.constructor.name, ...new Uint8Array(item.buffer.slice(0, 64))] : item;
  });
}

const TINY = { model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10, n_head: 2 };
const ENTRY = { name: "w", shape: [4, 4], scheme: "kaimingNormal", layout: "oi", mode: "fan_in", gain: 2 };
const RULE = { match: "*", rank: 2, optional: false, scheme: "normal", std: 0.02 };
const model = () => modelOfShapes("m", [ENTRY]);
const KAIMING = {
  scheme: "kaimingNormal",
  activation: "relu",
  mode: "fan_in",
  layout: "oi",
  groups: 1,
} as const;
const SPLIT = { scheme: "split", axis: 0, parts: [2, 2], of: { scheme: "normal", std: 1 } } as const;
const DRAW = { seed: 1, name: "w", dtype: "f16", engine: "scalar" } as const;
const DISTRIBUTION = { kind: "truncated", mean: 0, std: 1, low: -2, high: 2 } as const;

const CALLS: readonly (readonly [string, object, (given: never) => unknown])[] = [
  ["init, options", DRAW, (options) => init([4, 4], normal({ std: 1 }), options)],
  ["init, scheme", KAIMING, (scheme: Scheme) => init([4, 4], scheme, DRAW)],
  ["init, split", SPLIT, (scheme: Scheme) => init([4, 4], scheme, DRAW)],
  ["init, distribution", DISTRIBUTION, (distribution) => init([4, 4], distribution, DRAW)],
  [
    "fill, options",
    { ...DRAW, start: 4 },
    (options) => fill(new Uint16Array(8) as never, [4, 4], normal({ std: 1 }), options),
  ],
  [
    "fill, scheme",
    { scheme: "orthogonal", gain: 2, layout: "oi" },
    (scheme) => fill(new Float32Array(16), [4, 4], scheme, { seed: 1, name: "w" }),
  ],
  ["resolve", KAIMING, (scheme: Scheme) => resolve([4, 4], scheme)],
  ["explain", KAIMING, (scheme: Scheme) => explain([4, 4], scheme)],
  ["fans", { layout: "oi", groups: 2, stride: 2, transposed: true }, (options) => fans([4, 4, 3], options)],
  ["gain", { direction: "forward" }, (options) => gain("tanh", options)],
  ["orthogonal", { gain: 2, layout: "oi" }, (options) => orthogonal(options)],
  ["modelOf", TINY, (config) => modelOf(config)],
  ["modelOfShapes", ENTRY, (entry) => modelOfShapes("m", [entry])],
  ["planModel", RULE, (rule) => planModel(model(), { rules: [rule] }).tensors],
  ["initModel", { seed: 1, dtype: "f16", engine: "scalar" }, (options) => initModel(model(), options).tensors],
  ["initModel, arena", { seed: 1, arena: new Arena(2 ** 16) }, (options) => initModel(model(), options).tensors.size],
  ["iterateModel", { seed: 1, dtype: "f16" }, (options) => [...iterateModel(model(), options).tensors]],
  ["recommend", { activation: "relu", layer: "dense" }, (options) => recommend(options)],
  ["meanField", { activation: "tanh", weightVariance: 1.5, biasVariance: 0.1 }, (options) => meanField(options)],
  [
    "lab",
    { activation: "relu", depth: 2, width: 4, seeds: 1, samples: 2, recommendation: false },
    (options) => lab(options),
  ],
];

test.each(CALLS)("%s: what is read once is used as it was read, or refused", (_, given, call) => {
  const right = shown(call(given as never));
  for (const key of Object.keys(given)) {
    for (const later of LATER) {
      let got: string;
      try {
        got = shown(call(changing(given, key, later) as never));
      } catch (error) {
        expect(String(error), key).toMatch(/^(TypeError|RangeError|Error): /);
        expect((error as Error).message, `${key}, then ${String(later)}`).not.toMatch(
          /undefined \(|is not a function|Cannot read/,
        );
        continue;
      }
      expect(got, `${key}, then ${String(later)}`).toBe(right);
    }
  }
});
