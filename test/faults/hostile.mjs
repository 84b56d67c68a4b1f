// Files as an enemy would write them, generated from a seed. Whatever they hold, the command answers or refuses, and soon.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultOf, folder, random, run, times } from "./command.mjs";

const NAMES = [
  "w",
  "",
  "__proto__",
  "constructor",
  "\u001b[2J",
  "\u009b31m",
  "\u202ex",
  "\ud800",
  "a/b",
  "../x",
  "n".repeat(1e5),
  "\u0000",
  "x\ny",
];
const NUMBERS = [0, -0, -1, 0.5, 1, 3, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 60, 1e308, -1e308];
const VALUES = [
  null,
  true,
  "",
  "x",
  [],
  {},
  [[]],
  "1 / 0",
  "9**9**9**9",
  "sqrt(",
  "(".repeat(900),
  "(a+)+$",
  ...NAMES,
  ...NUMBERS,
];
const nested = (open, close, depth) => `${open.repeat(depth)}${close.repeat(depth)}`;

const entry = (shape, offsets, dtype = "F32") => ({ dtype, shape, data_offsets: offsets });

/** A safetensors file. */
function file(header, bytes, length) {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([size, json, Buffer.alloc(bytes, 1)]);
}

const KINDS = {
  header: ({ pick, int }) => {
    const whole = { a: entry([2, 3], [0, 24]), b: entry([4], [24, 32], "BF16"), c: entry([], [32, 40], "I64") };
    return pick([
      () =>
        file(
          { ...whole, [pick(NAMES)]: pick([pick(VALUES), entry(pick(VALUES), [40, 44]), entry([1], pick(VALUES))]) },
          44,
        ),
      () => file({ ...whole, d: entry([pick(NUMBERS), pick(NUMBERS)], [40, pick(NUMBERS)]) }, 40 + int(9)),
      () => file(whole, int(60), pick([0, 1, 8, 60, 2 ** 31, 99_999_999, 100_000_001, 2n ** 63n])),
      () => file(`{"a":${nested("[", "]", int(2e5))}}`, 0),
      () => file(JSON.stringify(whole).slice(0, int(150)), 40),
      () => Buffer.from(JSON.stringify(whole)).subarray(0, int(20)),
      () => Buffer.from(Array.from({ length: int(64) }, () => int(256))),
      () =>
        Buffer.from(
          pick([
            "version https://git-lfs.github.com/spec/v1\n",
            "<!DOCTYPE html>\n",
            "PK\u0003\u0004\0\0\b\b\0\0",
            "GGUF\u0003\0\0\0",
          ]),
        ),
      () =>
        file(
          {
            __metadata__: pick([
              pick(VALUES),
              { "nn-init.schemes": pick(NAMES), "nn-init.seed": "1", "nn-init.stream": "1" },
            ]),
            ...whole,
          },
          40,
        ),
      () => {
        const scheme = pick([
          { scheme: "split", axis: 0, parts: pick(NUMBERS), of: { scheme: "zeros" } },
          { scheme: "normal", std: pick(VALUES) },
          pick(VALUES),
        ]);
        return file(
          {
            __metadata__: {
              "nn-init.schemes": JSON.stringify({ a: scheme }),
              "nn-init.seed": pick(["1", "-1", "x", "1".repeat(1e4)]),
              "nn-init.stream": "1",
            },
            ...whole,
          },
          40,
        );
      },
    ])();
  },
  index: ({ pick, int }) =>
    JSON.stringify(
      pick([
        () => ({ weight_map: pick(VALUES) }),
        () => ({
          weight_map: Object.fromEntries(
            Array.from({ length: int(4) }, () => [
              pick(NAMES),
              pick([...VALUES, "s.safetensors", "/dev/zero", "pipe.safetensors"]),
            ]),
          ),
        }),
        () => ({ weight_map: { a: `${pick(NAMES)}.safetensors` } }),
        () => JSON.parse(`{"weight_map":{"__proto__":"s.safetensors"}}`),
        () => pick(VALUES),
      ])(),
    ),
  plan: ({ pick, int }) => {
    const rule = () => ({
      [pick(["match", "regex", "role", "rank"])]: pick(VALUES),
      scheme: pick(["normal", "ones", "split", "orthogonal", "skip", ...VALUES]),
      ...(int(2) ? { std: pick(VALUES) } : {}),
    });
    return pick([
      () => JSON.stringify({ rules: Array.from({ length: 1 + int(4) }, rule) }),
      () =>
        JSON.stringify({
          rules: [
            {
              regex: pick(["(a+)+$", "(a|aa)+$", "(.*)*x", "(a{1000}){1000}", "(?=a)", "\\1", "(".repeat(int(1500))]),
              scheme: "ones",
            },
            { match: "*", scheme: "zeros" },
          ],
        }),
      () =>
        JSON.stringify({
          rules: [
            {
              match: "*".repeat(int(900)),
              scheme: "split",
              axis: pick(NUMBERS),
              parts: pick(NUMBERS),
              of: { scheme: "zeros" },
            },
          ],
        }),
      () => JSON.stringify({ rules: Array(1 + int(30_000)).fill({ match: "zz*", scheme: "ones" }) }),
      () => `{"rules":${nested("[", "]", int(2e5))}}`,
      () => JSON.stringify(pick(VALUES)),
    ])();
  },
  shapes: ({ pick, int }) => {
    const tensor = () => ({
      name: pick(NAMES),
      shape: pick([[2, 3], [pick(NUMBERS)], [1e4, 1e4, 1e4], pick(VALUES)]),
      scheme: pick(["zeros", "heNormal", "orthogonal", ...VALUES]),
    });
    return JSON.stringify(
      pick([
        () => Array.from({ length: 1 + int(3) }, tensor),
        () => [
          {
            name: "a",
            shape: [pick([4, 1e9, 2 ** 40])],
            scheme: "split",
            axis: 0,
            parts: pick([...NUMBERS, 1e9, Array(int(5000)).fill(1)]),
            of: { scheme: "zeros" },
          },
        ],
        () => Array(1 + int(5000)).fill({ name: "a", shape: [1], scheme: "ones" }),
        () => pick(VALUES),
      ])(),
    );
  },
  config: ({ pick, int }) => {
    const config = { model_type: "gpt2", n_layer: 2, n_embd: 8, n_positions: 4, vocab_size: 10, n_head: 2 };
    const keys = [...Object.keys(config), "torch_dtype", "architectures", "tie_word_embeddings", "initializer_range"];
    for (let i = 0; i <= int(2); ++i) config[pick(keys)] = pick(VALUES);
    return JSON.stringify(config);
  },
  json: ({ pick, int }) => {
    const alphabet = [...'{}[]",:\\u0a1-+.eE \n', "true", "nul", '"a"', "\u001b", "\u009b", "\ufeff", "\ud800"];
    return pick([
      () => Array.from({ length: int(80) }, () => pick(alphabet)).join(""),
      () => nested(pick(["[", '{"a":']), pick(["]", "}"]), int(2e5)),
      () => `${" ".repeat(int(2e6))}[]`,
      () => Buffer.from(Array.from({ length: int(200) }, () => int(256))),
    ])();
  },
};

const ALL = "a plan for all tensors"; // replaced by its path

const COMMANDS = {
  header: [["audit"], ["plan"], ["plan", "--plan", ALL], ["audit", "--reproduce"]],
  index: [["audit"], ["plan", "--plan", ALL]],
  plan: [["plan"]],
  shapes: [["plan"]],
  config: [["plan"]],
  json: [["plan"]],
};

export async function hostile({ count, seed = 3 }) {
  const place = folder();
  const config = join(place, "config.json");
  writeFileSync(config, JSON.stringify({ model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10 }));
  const all = join(place, "all.json");
  writeFileSync(all, JSON.stringify({ rules: [{ match: "*", scheme: "ones" }] }));
  const counts = { accepted: 0, refused: 0 };
  const wrong = [];
  const kinds = Object.keys(KINDS);
  await times(count, async (i) => {
    const kind = kinds[i % kinds.length];
    const next = random(seed * 1e6 + i);
    const int = (n) => Math.floor(next() * n);
    const pick = (list) => list[int(list.length)];
    const here = join(place, String(i));
    mkdirSync(here);
    const name = { header: "x.safetensors", index: "x.safetensors.index.json" }[kind] ?? "x.json";
    writeFileSync(join(here, name), KINDS[kind]({ pick, int }));
    if (kind === "index") {
      writeFileSync(join(here, "s.safetensors"), file({ a: entry([1], [0, 4]) }, 4));
      spawnSync("mkfifo", [join(here, "pipe.safetensors")]);
    }
    const [command, ...flags] = pick(COMMANDS[kind]).map((arg) => (arg === ALL ? all : arg));
    const given = kind === "plan" ? [config, "--plan", join(here, name)] : [join(here, name)];
    const end = await run([command, ...given, ...flags], { node: ["--max-old-space-size=1024"] });
    const fault = faultOf(end);
    if (fault === undefined) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      counts[end.code === 0 ? "accepted" : "refused"] += 1;
      rmSync(here, { recursive: true });
    } else wrong.push(`${kind} ${i} (${here}/${name}): ${fault.slice(0, 500)}`);
  });
  if (wrong.length === 0) rmSync(place, { recursive: true });
  return { counts, wrong };
}
