/** docs/schemes.md and docs/coming-from.md, row by row, against the code. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Independent, isStructured } from "../../src/distribution.js";
import * as nn from "../../src/index.js";
import { rmsOf, stdOf } from "../../src/moments.js";
import * as recipes from "../../src/recipes.js";
import { ACTIVATIONS } from "../../src/scheme/gain.js";
import * as schemes from "../../src/scheme/scheme.js";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

interface Table {
  readonly heading: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a page, each under its last heading. Cells are split at bars that stand in no code. */
function tables(page: string): Table[] {
  const found: { heading: string; head: string[]; rows: string[][] }[] = [];
  let heading = "";
  let open = false;
  for (const line of page.split("\n")) {
    if (line.startsWith("#")) heading = line.replace(/^#+ /, "");
    if (!line.startsWith("|")) {
      open = false;
      continue;
    }
    const cells = [...line.matchAll(/((?:`[^`]*`|[^|`])*)\|/g)].slice(1).map(([, cell]) => (cell as string).trim());
    if (!open) found.push({ heading, head: cells, rows: [] });
    else if (!line.startsWith("|--")) found.at(-1)?.rows.push(cells);
    open = true;
  }
  return found;
}

const code = (cell: string) => /`([^`]*)`/.exec(cell)?.[1] as string;

/** A JavaScript expression over the library's names and these values. */
function evaluate(expression: string, values: object = {}): unknown {
  const scope = { ...nn, ...recipes, sqrt: Math.sqrt, pow: Math.pow, log: Math.log, ...values };
  return new Function(...Object.keys(scope), `return ${expression}`)(...Object.values(scope));
}

const near = (a: number, b: number) =>
  expect(Math.abs(a - b), `${a} and ${b}`).toBeLessThanOrEqual(1e-12 * Math.abs(b));
const PAGE = tables(read("schemes.md"));
const {
  scheme: _scheme,
  resolve: _resolve,
  derive: _derive,
  SCHEME_NAMES: _names,
  defaultLayout: _layout,
  optionsOf: _options,
  ...makers
} = schemes;

describe("the schemes", () => {
  const [laws] = PAGE.filter(({ head }) => head.join() === "nn-init,distribution,std") as [Table];
  const values = {
    low: -0.1,
    high: 0.3,
    mean: 0.1,
    std: 0.02,
    value: 0.3,
    scale: 3,
    gain: 1.7,
    fan_in: 64,
    fan_out: 48,
    rows: 64,
    columns: 48,
    max: Math.max,
    sparsity: 0.25,
  };
  const options: Record<string, object> = {
    constant: { value: 0.3 },
    uniform: { low: -0.1, high: 0.3 },
    normal: { mean: 0.1, std: 0.02 },
    truncatedNormal: { mean: 0.1, std: 0.02 },
    varianceScaling: { scale: 3, mode: "fan_in", distribution: "normal", layout: "io" },
    xavierNormal: { gain: 1.7 },
    xavierUniform: { gain: 1.7 },
    kaimingNormal: { gain: 1.7 },
    kaimingUniform: { gain: 1.7 },
    orthogonal: { gain: 1.7 },
    deltaOrthogonal: { gain: 1.7, layout: "oi" },
    identity: { gain: 1.7 },
    sparse: { sparsity: 0.25, std: 0.02 },
  };

  test("all have a row, and one among the names of others", () => {
    expect(laws.rows.map(([name]) => code(name as string))).toEqual(expect.arrayContaining(Object.keys(makers)));
    expect(laws.rows).toHaveLength(Object.keys(makers).length);
    const names = PAGE.find(({ head }) => head.includes("MLX")) as Table;
    const others = names.rows.map(([name]) => code(name as string));
    expect([...others, "split"].sort()).toEqual(Object.keys(makers).sort());
  });

  test.each(laws.rows.filter(([name]) => name !== "`split`"))("%s: %s, std %s", (name, text, formula) => {
    const own = code(name as string);
    const scheme = nn.scheme({ scheme: own, ...options[own] });
    const shape = /^(xavier|kaiming)/.test(own) ? [48, 64] : /^(delta|dirac)/.test(own) ? [64, 48, 1] : [64, 48];
    const law = nn.resolve(shape, scheme) as nn.Unsplit;
    near(rmsOf(law), evaluate(code(formula as string), values) as number);
    const words = { constant: /constant/, uniform: /^U/, normal: /^(normal$|N\(|of)/, truncated: /truncated/ };
    expect(text).toMatch(
      { ...words, orthogonal: /./, diagonal: /0 elsewhere/, sparse: /0$/, hadamard: /Hadamard/ }[law.kind],
    );
  });
});

describe("fans", () => {
  const rows = (PAGE.find(({ head }) => head.includes("fan in, fan out")) as Table).rows;
  test.each(rows)("%s with %s: %s", (layer, placement, both) => {
    const shape = JSON.parse(/\[[\d, ]+\]/.exec(layer as string)?.[0] as string) as number[];
    const [fanIn, fanOut] = (both as string).split(", ").map(Number);
    expect(nn.fans(shape, evaluate(`(${code(placement as string)})`) as nn.Placement)).toEqual({
      in: fanIn,
      out: fanOut,
    });
  });
});

describe("gains", () => {
  const rows = (PAGE.find(({ heading }) => heading === "Gains") as Table).rows;
  test("every activation", () => expect(rows.map(([name]) => code(name as string))).toEqual(ACTIVATIONS));
  test.each(rows)("%s: %s, %s, %s", (name, ...values) => {
    const directions = ["forward", "variance", "backward"] as const;
    const own = directions.map((direction) => nn.gain(code(name as string) as nn.Activation, { direction }));
    expect(own.map(String)).toEqual(values);
  });
});

describe("recipes", () => {
  const [transformers, rest] = PAGE.filter(({ heading }) => heading === "Recipes") as [Table, Table];

  test.each(transformers.rows)("%s: %s", (call, stds) => {
    const { weights } = evaluate(code(call as string)) as recipes.TransformerRecipe;
    for (const part of (stds as string).split(";")) {
      const codes = [...part.matchAll(/`([^`]*)`/g)].map(([, text]) => text as string);
      const names = part.trim().startsWith("others") ? ["query", "key"] : codes.slice(0, -1);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const law = nn.resolve([512, 512], weights[name as recipes.TransformerWeight]) as Independent;
        near(stdOf(law), evaluate(codes.at(-1) as string) as number);
      }
    }
  });

  test("every recipe has a row", () => {
    const text = [...transformers.rows, ...rest.rows].map((row) => row.join()).join();
    for (const name of Object.keys(recipes)) {
      if (name !== "recommend" && name !== "defaults") expect(text).toMatch(new RegExp(`\`${name}[(\`]`));
    }
  });
});

const COMING = tables(read("coming-from.md")).filter(({ head }) => head.includes("nn-init"));

/** "a weight of [512, 784]", in the section's heading line. */
const SHAPES = Object.fromEntries(
  read("coming-from.md")
    .split(/^## /m)
    .slice(1)
    .map((section) => [
      section.split("\n")[0],
      JSON.parse(/of (\[[\d, ]+\])/.exec(section)?.[1] as string) as number[],
    ]),
);

const ROWS = COMING.flatMap(({ heading, rows }) =>
  rows.map(([theirs, ours, drawn]) => ({ heading, theirs, ours, drawn })),
);

test("coming from: a table each", () => {
  expect(COMING.map(({ heading }) => heading)).toEqual(["PyTorch", "Keras", "JAX and Flax", "TensorFlow.js", "MLX"]);
});

describe.each(ROWS)("coming from $heading: $theirs is $ours", ({ heading, ours, drawn }) => {
  test("draws what it says", () => {
    const scheme = evaluate(code(ours as string)) as nn.Scheme;
    const sentence = nn.explain(SHAPES[heading] as number[], scheme);
    expect(sentence.replace(/^[^:]*: /, "").split(";")[0]).toBe(drawn);
  });
});

// PyTorch's own laws for the lines of its table, where it is there (Debian: python3-torch).
const TORCH = `
import json, math, sys, torch
from torch import nn
from torch.nn import init
call = []
def record(law): return lambda self, *given: call.append([law, *map(float, given)]) or self
T = torch.Tensor
T.uniform_, T.normal_, T.fill_, T.zero_ = record("uniform"), record("normal"), record("constant"), (lambda self: call.append(["constant", 0.0]) or self)
if hasattr(init, "trunc_normal_"): init.trunc_normal_ = lambda w, mean=0., std=1., a=-2., b=2.: call.append(["truncated", mean, std, a, b])
out = []
for line in json.load(sys.stdin):
    call.clear()
    w = torch.empty(512, 784)
    exec(line)
    out.append(call[-1])
print(json.dumps(out))
`;
const python = ["python3", "/usr/bin/python3"].find((name) => spawnSync(name, ["-c", "import torch"]).status === 0);

test.skipIf(python === undefined)("PyTorch draws so too (skipped without python3-torch)", () => {
  const lawOf = (ours: unknown) => nn.resolve([512, 784], evaluate(code(ours as string)) as nn.Scheme) as nn.Unsplit;
  const rows = ROWS.filter(({ heading, ours }) => heading === "PyTorch" && !isStructured(lawOf(ours)));
  const input = JSON.stringify(rows.map(({ theirs }) => code(theirs as string)));
  const run = spawnSync(python as string, ["-c", TORCH], { input, encoding: "utf8" });
  expect(run.stderr).toBe("");
  const laws = JSON.parse(run.stdout) as [string, ...number[]][];
  rows.forEach(({ ours, theirs }, i) => {
    const law = lawOf(ours) as Independent;
    const [name, ...values] = laws[i] as [string, ...number[]];
    expect(law.kind, theirs).toBe(name);
    const numbers = {
      constant: () => [(law as { value: number }).value],
      uniform: () => [(law as { low: number }).low, (law as { high: number }).high],
      normal: () => [(law as { mean: number }).mean, (law as { std: number }).std],
      truncated: () => {
        const { mean, std, low, high } = law as Extract<Independent, { kind: "truncated" }>;
        return [mean, std, mean + std * low, mean + std * high];
      },
    }[law.kind]();
    numbers.forEach((number, k) => {
      expect(Math.abs(number - (values[k] as number)), theirs).toBeLessThanOrEqual(1e-6 * Math.abs(number));
    });
  });
});
