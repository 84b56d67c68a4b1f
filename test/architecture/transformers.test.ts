/** Every class and option, against the tensors that transformers, diffusers and torchvision save and what they start from. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { modelOf, parametersOf, planModel } from "../../src/model.js";
import { agreed, textOf, uncut } from "./starts.js";
import { FAMILIES, MODELS, SIZES } from "./vectors.js";

/** Families whose configs name classes of another one. Their vectors name no class. */
const BORROWED: Readonly<Record<string, readonly string[]>> = {
  kimi_k2: ["Model", "ForCausalLM", "ForSequenceClassification", "ForTokenClassification"].map(
    (end) => `DeepseekV3${end}`,
  ),
};

describe.each(FAMILIES)("$family, as its library saves it", ({ family }) => {
  const models = MODELS.filter((model) => model.family === family);
  test.each(models)("$name", ({ config, tensors, tied }) => {
    const model = modelOf(config);
    const { tensors: planned, tied: mine } = planModel(model);
    const expected = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, uncut(tensor)]));
    const ours = planned.map((tensor) => [tensor.name, agreed(textOf(tensor), expected[tensor.name])]);
    expect(Object.fromEntries(ours)).toEqual(expected);
    expect(mine).toEqual(tied);
  });

  test("has no other classes", () => {
    const odd = { ...models[0]?.config, architectures: ["Odd"] };
    const known = new Set(
      models.map(({ name }) => JSON.stringify(name.split(" ")[0])).filter((name) => !name.endsWith(':"')),
    );
    const message = (() => {
      try {
        return String(modelOf(odd));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    const [, list = ""] = /architectures\[0\]: expected one of (.*), got/.exec(message) ?? [];
    const published = /^"PhiMoE/; // class names of configs that are older than the library's class
    if (known.size === 0) for (const name of BORROWED[family] ?? []) known.add(JSON.stringify(name));
    expect(new Set(list.split(", ").filter((name) => !published.test(name)))).toEqual(known);
  });
});

// Whisper's and Marian's positions are parameters of the library, although they are not trained.
const COMPUTED = ["whisper", "marian"];

/** torch/nn/init.py, kaiming_uniform_(a = sqrt(5)): gain = sqrt(2 / (1 + a^2)), bound = sqrt(3) * gain / sqrt(fan_in). */
const torchBound = (fan: number) =>
  Math.fround(Math.sqrt(3) * (Math.sqrt(2 / (1 + Math.sqrt(5) ** 2)) / Math.sqrt(fan)));

test.each(SIZES)("$family, $published: $parameters parameters", ({ family, config, parameters, names }) => {
  const { tensors } = modelOf(config);
  const lines = tensors.map(({ name, shape }) => `${name} ${shape.join("x")}\n`);
  if (names !== undefined) {
    expect(createHash("sha256").update(lines.join("")).digest("hex")).toBe(names);
    const fans = tensors.flatMap(({ shape }) => (shape.length < 2 ? [] : shape.slice(1).reduce((a, b) => a * b)));
    expect([...new Set(fans)].filter((fan) => Math.fround(1 / Math.sqrt(fan)) !== torchBound(fan))).toEqual([]);
  }
  expect(
    parametersOf({ tensors: COMPUTED.includes(family) ? tensors.map(({ role: _, ...rest }) => rest) : tensors }),
  ).toBe(parameters);
});
