// Calls of the library that must be refused, and a soak: random valid calls, by both engines, between invalid ones.
import { init, normal, orthogonal, resolve, split, truncatedNormal, uniform, zeros } from "../../dist/index.js";
import { modelOf, modelOfShapes, parsePlan, planModel } from "../../dist/model.js";
import { random } from "./command.mjs";

const cyclic = [];
cyclic.push(cyclic);
let deep = [];
for (let i = 0; i < 100_000; ++i) deep = [deep];
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const ODD = [
  null,
  true,
  "",
  "x",
  NaN,
  Infinity,
  -1,
  0.5,
  2 ** 53,
  10n,
  Symbol("s"),
  cyclic,
  deep,
  new Map(),
  () => 1,
  new Date(),
];

const CALLS = {
  shape: (odd) => init(odd, normal({ std: 1 })),
  length: (odd) => init([odd, 2], normal({ std: 1 })),
  scheme: (odd) => init([2, 2], odd),
  std: (odd) => init([2, 2], normal({ std: odd })),
  bounds: (odd) => init([2, 2], truncatedNormal({ std: 1, low: odd })),
  seed: (odd) => init([2, 2], normal({ std: 1 }), { seed: odd }),
  dtype: (odd) => init([2, 2], normal({ std: 1 }), { dtype: odd }),
  options: (odd) => init([2, 2], normal({ std: 1 }), odd),
  parts: (odd) => init([4, 4], split({ axis: 0, parts: odd, of: zeros() })),
  of: (odd) => resolve([4], { scheme: "split", axis: 0, parts: 2, of: odd }),
  plan: (odd) => parsePlan(odd),
  rules: (odd) => parsePlan({ rules: [odd] }),
  regex: (odd) => parsePlan({ rules: [{ regex: odd, scheme: "ones" }] }),
  config: (odd) => modelOf(odd),
  layers: (odd) => modelOf({ model_type: "gpt2", n_layer: odd, n_embd: 8, n_positions: 4, vocab_size: 10 }),
  shapes: (odd) => modelOfShapes("m", odd),
  name: (odd) => planModel(modelOfShapes("m", [{ name: odd, shape: [odd], scheme: "ones" }])),
};

const BUG =
  /call stack|is not a function|Cannot (read|convert|set)|Invalid (array|typed)|is not iterable|out of memory/;

/** Every odd value in every place: a value or a TypeError or RangeError of ours, never a bug's message. */
export function abuses() {
  const counts = { refused: 0, accepted: 0 };
  const wrong = [];
  for (const [name, call] of Object.entries(CALLS)) {
    for (const [i, odd] of [...ODD, revoked.proxy].entries()) {
      if (i === ODD.length && !["scheme", "options", "plan", "config"].includes(name)) continue;
      try {
        call(odd);
        counts.accepted += 1;
      } catch (error) {
        const isOurs = (error instanceof TypeError || error instanceof RangeError) && !BUG.test(error.message);
        const isRevoked = i === ODD.length && /revoked/.test(error.message);
        if (isOurs || isRevoked) counts.refused += 1;
        else wrong.push(`${name} ${i}: ${error?.constructor?.name}: ${String(error?.message).slice(0, 200)}`);
      }
    }
  }
  return { counts, wrong };
}

const SCHEMES = [
  (next) => normal({ std: next() + 0.01 }),
  (next) => uniform({ low: -next(), high: next() + 0.1 }),
  (next) => truncatedNormal({ std: next() + 0.01 }),
  () => orthogonal(),
  () => ({ scheme: "heNormal" }),
];
const DTYPES = ["f32", "f64", "f16", "bf16"];

/** Random calls for so many seconds. */
export function soak({ seconds, seed = 4 }) {
  const next = random(seed);
  const counts = { calls: 0, elements: 0, refused: 0, "most megabytes": 0 };
  const wrong = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end && wrong.length < 10) {
    const shape = [1 + Math.floor(next() * 60), 1 + Math.floor(next() * 60)];
    const scheme = SCHEMES[Math.floor(next() * SCHEMES.length)](next);
    const options = {
      seed: Math.floor(next() * 2 ** 32),
      name: `n${counts.calls}`,
      dtype: DTYPES[Math.floor(next() * 4)],
    };
    const [a, b] = ["simd", "scalar"].map((engine) => init(shape, scheme, { ...options, engine }));
    const bytes = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);
    if (Buffer.compare(bytes(a), bytes(b)) !== 0) wrong.push(`soak: ${JSON.stringify([shape, scheme, options])}`);
    counts.calls += 1;
    counts.elements += a.length;
    try {
      init([-1, Math.floor(next() * 9)], scheme, options);
      wrong.push("soak: an invalid shape was taken");
    } catch {
      counts.refused += 1;
    }
    if (counts.calls % 100 === 0)
      counts["most megabytes"] = Math.max(counts["most megabytes"], Math.round(process.memoryUsage.rss() / 1e6));
  }
  return { counts, wrong };
}
