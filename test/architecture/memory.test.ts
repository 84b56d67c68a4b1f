/** Names in memory, of every class and option, against what transformers holds there. By memory.py. */
import { expect, test } from "vitest";
import { modelOf, type Plan, parametersOf, planModel } from "../../src/model.js";
import { textOf, uncut } from "./starts.js";
import { IN_MEMORY, MODELS } from "./vectors.js";

const OWN_NAMES = "resnet"; // torchvision's, of which transformers knows nothing

/** Of Marian's classes with a head: computed positions, which are in memory and not saved. */
const isNotSaved = (name: string) => /^model\.(en|de)coder\.embed_positions\.weight$/.test(name);

const others = MODELS.filter(({ name }) => IN_MEMORY.has(name));

test("every line belongs to a model", () => {
  expect(others.length).toBe(IN_MEMORY.size);
  expect(others.length).toBeGreaterThan(60);
});

test.each(others)("$name", ({ name, config }) => {
  const saved = modelOf(config);
  const model = modelOf(config, { names: "memory" });
  const held = Object.entries(IN_MEMORY.get(name) ?? {});
  const computed = held.filter(([, text]) => text.endsWith(" ?")).map(([name]) => name);
  const rules = [
    ...computed.map((match) => ({ match, scheme: "zeros", optional: true })),
    ...(saved.plan as Plan).rules,
  ];
  const { tensors } = planModel(model, { rules });
  const expected = held.filter(
    ([name]) => !computed.includes(name) && !(config.model_type === "marian" && isNotSaved(name)),
  );
  const ours = tensors.filter(({ name }) => !computed.includes(name)).map((tensor) => [tensor.name, textOf(tensor)]);
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(expected.map(([name, text]) => [name, uncut(text)])));
  expect(parametersOf(model)).toBe(parametersOf(saved));
  const names = new Set(tensors.map(({ name }) => name));
  expect(Object.values(model.tied).filter((target) => !names.has(target))).toEqual([]);
});

test("all other families have one name for each tensor", () => {
  for (const { name, config } of MODELS.filter(({ name, family }) => !IN_MEMORY.has(name) && family !== OWN_NAMES)) {
    const saved = modelOf(config);
    const names = modelOf(config, { names: "memory" }).tensors.map(({ name }) => name);
    expect(names, name).toEqual(saved.tensors.map(({ name }) => name));
  }
});
