/** The vectors catch a wrong family: a name, a size, a condition or a repetition that is changed differs from some model. */
import { expect, test } from "vitest";
import type { ArchitectureFile } from "../../src/architecture/file.js";
import { modelBy } from "../../src/architecture/interpret.js";
import { familyOf } from "../../src/architecture/known.js";
import { parseInfix } from "../../src/model/infix.js";
import { compileRegex } from "../../src/model/regex.js";
import { MODEL_TYPES } from "../../src/model.js";
import { MODELS } from "./vectors.js";

type Json = Record<string, unknown>;
type Path = readonly string[];

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const SIZES = [
  "linear",
  "conv1d",
  "convolution",
  "embedding",
  "parameter",
  "rmsNorm",
  "layerNorm",
  "groupNorm",
  "batchNorm",
];

/** The paths of all layers and groups. */
function entriesOf(entries: Json, path: Path): Path[] {
  return Object.entries(entries).flatMap(([key, entry]) => {
    const own = [...path, key];
    return isObject(entry) && isObject(entry.of) ? [own, ...entriesOf(entry.of, [...own, "of"])] : [own];
  });
}

/** A copy with another value at a path. */
function changed(json: Json, [key = "", ...rest]: Path, change: (entry: Json) => Json): Json {
  const inner = json[key] as Json;
  return { ...json, [key]: rest.length === 0 ? change(inner) : changed(inner, rest, change) };
}

const more = (size: unknown) => `(${size}) + 1`;

/** What each mutation makes of an entry; none if it says nothing of the kind. */
const MUTATIONS: Readonly<Record<string, (entry: Json, key: string) => Json | undefined>> = {
  name: (entry, key) => ({ ...entry, at: `${entry.at ?? key}x` }),
  size(entry) {
    const kind = SIZES.find((kind) => kind in entry);
    const isAlwaysTied = isObject(entry.tied) && !("if" in entry.tied) && !("bias" in entry);
    if (kind === undefined || isAlwaysTied) return undefined; // a tied tensor has no size of its own
    const sizes = entry[kind];
    return { ...entry, [kind]: Array.isArray(sizes) ? [...sizes.slice(0, -1), more(sizes.at(-1))] : more(sizes) };
  },
  condition: (entry) => ("if" in entry ? { ...entry, if: `!(${entry.if})` } : { ...entry, if: 0 }),
  repetition: (entry) =>
    isObject(entry.for)
      ? { ...entry, for: Object.fromEntries(Object.entries(entry.for).map(([name, count]) => [name, more(count)])) }
      : undefined,
};

function outcome(file: ArchitectureFile, config: Json): string {
  try {
    const { tensors, tied } = modelBy(file, config, { familyOf, parse: parseInfix, regexOf: compileRegex });
    const all = tensors.map(({ name, shape }) => `${name} ${shape.join("x")}`);
    return [...all, ...Object.entries(tied).map(([name, target]) => `${name} is ${target}`)].join("\n");
  } catch (error) {
    return (error as Error).message;
  }
}

test.each(MODEL_TYPES)("%s", (name) => {
  const file = familyOf(name);
  const models = MODELS.filter(({ family }) => family === name).map(({ config }) => config as Json);
  const before = models.map((config) => outcome(file, config));
  const survivors: string[] = [];
  let count = 0;
  const groups = Object.entries(file.shared).flatMap(([group, of]) => entriesOf(of as Json, ["shared", group]));
  for (const path of [...entriesOf(file.tensors as Json, ["tensors"]), ...groups]) {
    for (const [mutation, mutate] of Object.entries(MUTATIONS)) {
      const wrong = changed(file as unknown as Json, path, (entry) => mutate(entry, path.at(-1) as string) ?? entry);
      if (JSON.stringify(wrong) === JSON.stringify(file)) continue;
      count += 1;
      const isCaught = models.some((config, i) => outcome(wrong as unknown as ArchitectureFile, config) !== before[i]);
      if (!isCaught) survivors.push(`${path.join(" / ")}: ${mutation}`);
    }
  }
  expect(survivors).toEqual([]);
  expect(count).toBeGreaterThan(7);
});
