/** docs/schemes.md and docs/coming-from.md, row by row, against the code. documents.slow.ts holds one table to PyTorch. */
import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import * as nn from "../../src/index.js";
import { rmsOf, stdOf } from "../../src/moments.js";
import * as recipes from "../../src/recipes.js";
import { ACTIVATIONS } from "../../src/scheme/gain.js";
import * as makers from "../../src/scheme/named.js";
import { COMING_FROM, COMING_FROM_ROWS, code, evaluate, read, type Table, tables } from "./documents.js";

/** Equal to 12 digits. */
const near = (a: number, b: number) =>
  expect(Math.abs(a - b), `${a} and ${b}`).toBeLessThanOrEqual(1e-12 * Math.abs(b));

const PAGE = tables(read("schemes.md"));
describe("the table of schemes", () => {
  const table = PAGE.find(({ head }) => head[0] === "nn-init" && head[2] === "std") as Table;
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

  test("has a row for each, and so has the table of their names in other libraries", () => {
    expect(table.rows.map(([name]) => code(name as string))).toEqual(expect.arrayContaining(Object.keys(makers)));
    expect(table.rows).toHaveLength(Object.keys(makers).length);
    const names = PAGE.find(({ head }) => head.includes("MLX")) as Table;
    const others = names.rows.map(([name]) => code(name as string));
    expect([...others, "split"].sort()).toEqual(Object.keys(makers).sort());
  });

  test.each(table.rows.filter(([name]) => name !== "`split`"))(
    "says of %s that it draws %s, of std %s",
    (name, text, formula) => {
      const own = code(name as string);
      const scheme = nn.scheme({ scheme: own, ...options[own] });
      const shape = /^(xavier|kaiming)/.test(own) ? [48, 64] : /^(delta|dirac)/.test(own) ? [64, 48, 1] : [64, 48];
      const distribution = nn.resolve(shape, scheme) as nn.Unsplit;
      near(rmsOf(distribution), evaluate(code(formula as string), values) as number);
      const words = { constant: /constant/, uniform: /^U/, normal: /^(normal$|N\(|of)/, truncated: /truncated/ };
      expect(text).toMatch(
        { ...words, orthogonal: /./, diagonal: /0 elsewhere/, sparse: /0$/, hadamard: /Hadamard/ }[distribution.kind],
      );
    },
  );
});

describe("the table of fans", () => {
  const rows = (PAGE.find(({ head }) => head.includes("fan in, fan out")) as Table).rows;
  test.each(rows)("says of %s with %s that its fans are %s", (layer, placement, both) => {
    const shape = JSON.parse(/\[[\d, ]+\]/.exec(layer as string)?.[0] as string) as number[];
    const [fanIn, fanOut] = (both as string).split(", ").map(Number);
    expect(nn.fans(shape, evaluate(`(${code(placement as string)})`) as nn.Placement)).toEqual({
      in: fanIn,
      out: fanOut,
    });
  });
});

describe("the table of gains", () => {
  const rows = (PAGE.find(({ heading }) => heading === "Gains") as Table).rows;
  test("has a row for every activation", () => expect(rows.map(([name]) => code(name as string))).toEqual(ACTIVATIONS));
  test.each(rows)("says of %s that its gains are %s, %s and %s", (name, ...values) => {
    const directions = ["forward", "variance", "backward"] as const;
    const own = directions.map((direction) => nn.gain(code(name as string) as nn.Activation, { direction }));
    expect(own.map(String)).toEqual(values);
  });
});

describe("the tables of recipes", () => {
  const [transformers, rest] = PAGE.filter(({ heading }) => heading === "Recipes") as [Table, Table];

  test.each(transformers.rows)("say of %s that its stds are %s", (call, stds) => {
    const { weights } = evaluate(code(call as string)) as recipes.TransformerRecipe;
    for (const part of (stds as string).split(";")) {
      const codes = [...part.matchAll(/`([^`]*)`/g)].map(([, text]) => text as string);
      const names = part.trim().startsWith("others") ? ["query", "key"] : codes.slice(0, -1);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const distribution = nn.resolve([512, 512], weights[name as recipes.TransformerWeight]) as Independent;
        near(stdOf(distribution), evaluate(codes.at(-1) as string) as number);
      }
    }
  });

  test("have a row for every recipe", () => {
    const text = [...transformers.rows, ...rest.rows].map((row) => row.join()).join();
    for (const name of Object.keys(recipes)) {
      if (name !== "recommend" && name !== "defaults") expect(text).toMatch(new RegExp(`\`${name}[(\`]`));
    }
  });
});

/** The shape of the weight that each section is about: it names one as "a weight of [512, 784]". */
const SHAPES = Object.fromEntries(
  read("coming-from.md")
    .split(/^## /m)
    .slice(1)
    .map((section) => [
      section.split("\n")[0],
      JSON.parse(/of (\[[\d, ]+\])/.exec(section)?.[1] as string) as number[],
    ]),
);

test("docs/coming-from.md has a table for each framework", () => {
  expect(COMING_FROM.map(({ heading }) => heading)).toEqual([
    "PyTorch",
    "Keras",
    "JAX and Flax",
    "TensorFlow.js",
    "MLX",
  ]);
});

test.each(COMING_FROM_ROWS.map((row) => [row.heading, row.theirs, row.ours, row] as const))(
  "coming from %s, %s is %s, which draws what the table says",
  (...[, , , { heading, ours, drawn }]) => {
    const scheme = evaluate(code(ours)) as nn.Scheme;
    const sentence = nn.explain(SHAPES[heading] as number[], scheme);
    expect(sentence.replace(/^[^:]*: /, "").split(";")[0]).toBe(drawn);
  },
);
