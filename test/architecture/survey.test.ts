/**
 * `@transformers` against what the library draws for a sample of the model types without a family's file: right, or refused.
 * survey.txt is by scripts/coverage.mjs --sample, from survey.py; all types are compared by npm run coverage.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ModelDistribution } from "../../src/model.js";
import { modelOfShapes, namedPlan, type Plan, planModel } from "../../src/model.js";

interface Line {
  readonly type: string;
  readonly config: object;
  readonly tensors: Readonly<Record<string, string>>;
}

const [, ...LINES]: readonly Line[] = readFileSync(new URL("../vectors/survey.txt", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const text = (x: number) => String(Number(x.toPrecision(7)));

function startOf(distribution: ModelDistribution): string {
  if (distribution.kind === "constant") return `=${text(distribution.value)}`;
  if (distribution.kind === "normal") return `n${text(distribution.std)}`;
  if (distribution.kind === "uniform") return `u${text(distribution.low)},${text(distribution.high)}`;
  if (distribution.kind !== "split") return distribution.kind;
  const [first, row] = distribution.parts;
  if (first === undefined || row === undefined) return distribution.kind;
  return `${startOf(first.distribution)};${startOf(row.distribution)}@${first.length}+${row.length}`;
}

/** What is decided, by name; -1 is nothing that the library starts a tensor from. */
function decidedBy({ type, config, tensors }: Line): ReadonlyMap<string, string> {
  const shapes = Object.entries(tensors).map(([name, text]) => {
    const [shape = ""] = text.split(" ");
    return { name, shape: shape === "" ? [] : shape.split("x").map(Number) };
  });
  const model = modelOfShapes(type, shapes, { config });
  const rules = namedPlan("transformers", model).rules.map((rule) =>
    rule.scheme === "refuse" ? { ...rule, scheme: "constant", value: -1, optional: true } : rule,
  );
  const plan: Plan = { rules: [...rules, { match: "*", scheme: "constant", value: -1, optional: true }] };
  const starts = planModel(model, plan).tensors.map(({ name, distribution }) => [name, startOf(distribution)] as const);
  return new Map(starts.filter(([, start]) => start !== "=-1"));
}

let decided = 0;
test.each(LINES.map((line) => [line.type, line] as const))("%s", (_, line) => {
  const ours = decidedBy(line);
  decided += ours.size;
  const theirs = Object.entries(line.tensors).map(([name, text]) => [name, text.slice(text.indexOf(" ") + 1)] as const);
  const kept = theirs.filter(([name]) => ours.has(name));
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(kept));
});

test("most tensors are decided", () => {
  const all = LINES.reduce((sum, { tensors }) => sum + Object.keys(tensors).length, 0);
  expect(LINES.length).toBeGreaterThanOrEqual(30);
  expect(decided / all).toBeGreaterThan(0.6);
});
