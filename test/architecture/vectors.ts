/** transformers.txt, read: configs, and the tensors that transformers saves for them. By transformers.py. */
import { readFileSync } from "node:fs";

/** Shape, and what it starts from: a number, or one for each row. */
type Tensor = readonly [shape: readonly number[], start: number | readonly number[]];
type Tensors = Readonly<Record<string, Tensor>>;

/** The smallest model of a family, with every field of its config class. */
export interface Family {
  readonly family: string;
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: Tensors;
}

/** Another model: how it differs from its family's. */
interface Difference {
  readonly family: string;
  readonly class: string;
  readonly fields: object;
  readonly prefix: string;
  readonly without: readonly string[];
  readonly with: Tensors;
}

const path = new URL("../vectors/transformers.txt", import.meta.url);
const lines = readFileSync(path, "utf8").trim().split("\n").slice(1);
const parsed: readonly (Family | Difference)[] = lines.map((line) => JSON.parse(line));

export const FAMILIES = parsed.filter((line): line is Family => "config" in line);

const familyOf = (name: string) => FAMILIES.find(({ family }) => family === name) as Family;

function whole(line: Family | Difference) {
  const { config, tensors } = familyOf(line.family);
  const full: Record<string, unknown> = { ...config, architectures: [line.class] };
  if ("config" in line) return { name: line.class, config: full, tensors };
  const kept = Object.entries(tensors).map(([name, tensor]) => [line.prefix + name, tensor] as const);
  return {
    name: `${line.class} ${JSON.stringify(line.fields)}`,
    config: { ...full, ...line.fields } as Record<string, unknown>,
    tensors: { ...Object.fromEntries(kept.filter(([name]) => !line.without.includes(name))), ...line.with },
  };
}

export const MODELS = parsed.map(whole);
