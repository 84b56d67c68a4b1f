/** published.json and published.txt, read: configs that were published, and how many parameters transformers counts for them. */
import { readFileSync } from "node:fs";

interface Published {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What the index of the published checkpoint says of it. */
  readonly index?: { readonly total_size: number; readonly names: number; readonly sha256: string };
}

const read = (file: string) => readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8");
const counted = read("published.txt").trim().split("\n").slice(1);

/** In the order of the file. */
export const PUBLISHED = (JSON.parse(read("published.json")) as Published[]).map((model, i) => {
  const [, parameters, name] = /^(\d+) (.*)$/.exec(counted[i] ?? "") ?? [];
  if (name !== model.name) throw new Error(`published.txt, line ${i + 2}: expected ${model.name}, got ${counted[i]}`);
  return { ...model, parameters: Number(parameters) };
});

/** Mixtures of so many experts that their tensors are counted in the slow tests. */
const MANY = ["DeepSeek-V3", "GLM-4.5 Air", "Qwen3 30B-A3B", "Qwen1.5-MoE A2.7B", "DeepSeek-V2 Lite", "Mixtral 8x22B"];

export const isLarge = ({ name }: Published): boolean => MANY.includes(name);
