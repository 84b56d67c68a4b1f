/** Names in memory, of every class and option, against what transformers holds there. By memory.py. */
import { expect, test } from "vitest";
import { familyOf } from "../../src/architecture/known.js";
import { inMemory } from "../../src/model/memory.js";
import {
  type MemoryNames,
  MODEL_TYPES,
  type Model,
  type ModelTensor,
  modelOf,
  parametersOf,
  planModel,
} from "../../src/model.js";
import { agreed, textOf, uncut } from "./starts.js";
import { IN_MEMORY, MODELS } from "./vectors.js";

/** Of Marian's class with a head for translation: computed positions, which are in memory and not saved. */
const isNotSaved = (name: string) => /^model\.(en|de)coder\.embed_positions\.weight$/.test(name);

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The saved tensors, or halves, as memory.py writes them. */
function originsOf({ slices = [] }: ModelTensor, saved: Model): string {
  const origins = slices.map(({ name, begin, end }) => {
    const size = sizeOf(saved.tensors.find((tensor) => tensor.name === name)?.shape ?? []);
    return begin === 0 && end === size ? name : `${name}/${(2 * begin) / size}`;
  });
  return origins.join(" ");
}

const others = MODELS.filter(({ name }) => IN_MEMORY.has(name));

test("every line belongs to a model", () => {
  expect(others.length).toBe(IN_MEMORY.size);
  expect(others.length).toBeGreaterThan(60);
});

test.each(others)("$name", ({ name, config }) => {
  const saved = modelOf(config);
  const model = modelOf(config, { names: "memory" });
  const names = new Set(saved.tensors.map(({ name }) => name));
  const held = Object.entries(IN_MEMORY.get(name)?.tensors ?? {}).map(([name, text]) => [name, uncut(text)]);
  const expected: Record<string, string> = Object.fromEntries(
    held.filter(([name = ""]) => config.model_type !== "marian" || names.has(name) || !isNotSaved(name)),
  );
  const { tensors } = planModel(model);
  const ours = tensors.map((tensor) => [tensor.name, agreed(textOf(tensor), expected[tensor.name])]);
  expect(Object.fromEntries(ours)).toEqual(expected);
  const consists = model.tensors
    .filter(({ slices }) => slices)
    .map((tensor) => [tensor.name, originsOf(tensor, saved)]);
  expect(Object.fromEntries(consists)).toEqual(IN_MEMORY.get(name)?.from);
  expect(parametersOf(model)).toBe(parametersOf(saved));
  const drawn = new Set(tensors.map(({ name }) => name));
  expect(Object.values(model.tied).filter((target) => !drawn.has(target))).toEqual([]);
});

test("all other families have one name for each tensor", () => {
  const without = MODEL_TYPES.filter((name) => Object.keys(familyOf(name).memory).length === 0);
  const wrong = others.filter(({ family }) => without.includes(family) && family !== "marian");
  expect(wrong.map(({ name }) => name)).toEqual([]);
  expect(without.length).toBeGreaterThan(50);
  for (const { name, config } of MODELS.filter(
    ({ name, family }) => !without.includes(family) && !IN_MEMORY.has(name),
  )) {
    const saved = modelOf(config);
    const names = modelOf(config, { names: "memory" }).tensors.map(({ name }) => name);
    expect(names, name).toEqual(saved.tensors.map(({ name }) => name));
  }
});

type Rule = MemoryNames[string];

function wrongRules(rule: Rule): Rule[] {
  if (typeof rule === "string") return [`${rule}x`];
  if ("of" in rule) return [{ ...rule, part: 1 - rule.part }];
  return rule.length > 1 ? [[...rule].reverse(), rule.slice(1)] : [[`${rule[0]}x`]];
}

/** Wrong conversions: each entry is left out, renamed, or says something else. */
function mutantsOf(names: MemoryNames): MemoryNames[] {
  const entries = Object.entries(names);
  return entries.flatMap(([key, rule], i) => {
    const others: [string, Rule][][] = [
      [],
      [[`${key}x`, rule]],
      ...wrongRules(rule).map((wrong): [string, Rule][] => [[key, wrong]]),
    ];
    return others.map((other) => Object.fromEntries([...entries.slice(0, i), ...other, ...entries.slice(i + 1)]));
  });
}

const outcome = (model: Model): string => {
  try {
    return JSON.stringify(inMemory(model).tensors.map(({ name, slices }) => [name, slices]));
  } catch (error) {
    return String(error);
  }
};

test("the vectors catch wrong conversions", () => {
  const models = others.map(({ name, config }) => ({ name, model: modelOf(config) }));
  let count = 0;
  for (const family of new Set(others.map(({ family }) => family))) {
    const own = models.filter(({ model }) => model.name === family).map(({ model }) => model);
    for (const memory of mutantsOf(familyOf(family).memory)) {
      const isCaught = own.some((model) => outcome({ ...model, memory }) !== outcome(model));
      expect(isCaught, `${family} ${JSON.stringify(memory)}`).toBe(true);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(100);
});
