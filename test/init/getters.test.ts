/** Options that answer otherwise each time they are read. A check of one answer must not be followed by the use of another. */
import { afterAll, expect, test } from "vitest";
import { Arena, explain, fans, fill, gain, init, normal, orthogonal, resolve, type Scheme } from "../../src/index.js";
import { lab, meanField, phasePlane } from "../../src/lab.js";
import { initModel, iterateModel, modelOf, modelOfShapes, planModel } from "../../src/model.js";
import {
  chronoBias,
  deepNorm,
  depthScaled,
  fixup,
  forgetBias,
  gpt2,
  lsuv,
  mitchell,
  muP,
  recommend,
  siren,
  smallInit,
  spectral,
  tFixup,
} from "../../src/recipes.js";
import { openPool, type ThreadPool } from "../../src/threads.js";

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

/** A pool of one thread, which starts no worker. */
const pool = openPool({ threads: 1 });
afterAll(() => pool.close());

const opened = (options: object): number[] => {
  const pool: ThreadPool = openPool(options);
  pool.close();
  return [pool.threads];
};

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
  ["openPool", { threads: 1, patience: 5000 }, opened],
  ["a pool's init", { seed: 1, name: "w", dtype: "f16" }, (options) => pool.init([4, 4], "heNormal", options)],
  [
    "a pool's fill",
    { seed: 1, name: "w", dtype: "f16", start: 4 },
    (options) => pool.fill(new Uint16Array(8) as never, [4, 4], "heNormal", options),
  ],
  [
    "phasePlane",
    { activation: "leakyRelu", slope: 0.2, weight: 2, bias: 0.5, points: 3 },
    (options) => phasePlane(options),
  ],
  ["gpt2", { layers: 4, std: 0.1 }, (options) => gpt2(options)],
  ["depthScaled", { layer: 1, std: 0.1 }, (options) => depthScaled(options)],
  ["smallInit", { width: 64, layers: 4 }, (options) => smallInit(options)],
  ["mitchell", { width: 64, hidden: 128, layer: 3 }, (options) => mitchell(options)],
  ["deepNorm", { encoder: 4, decoder: 6 }, (options) => deepNorm(options)],
  ["tFixup", { encoder: 4, decoder: 6, width: 64 }, (options) => tFixup(options)],
  ["fixup", { branches: 4, layers: 3 }, (options) => fixup(options)],
  ["siren", { inputs: 3, omega: 20, layout: "io" }, (options) => siren(options)],
  ["muP", { width: 64, base: 32, std: 0.1, zeroOutput: false }, (options) => muP(options)],
  ["spectral", { in: 4, out: 6 }, (fans) => spectral({ fans })],
  ["spectral, options", { fans: { in: 4, out: 6 } }, (options) => spectral(options)],
  ["forgetBias", { order: "keras", value: 2 }, (options) => forgetBias(options)],
  ["chronoBias", { hidden: 4, longest: 9, order: "keras", seed: 1, name: "b" }, (options) => chronoBias(options)],
  [
    "lsuv",
    { variance: 2, tolerance: 0.2, iterations: 3 },
    (options) => {
      const weights = new Float32Array([1, 2]);
      return [lsuv(weights, () => weights, options), weights];
    },
  ],
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
