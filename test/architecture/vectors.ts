/**
 * transformers.txt and diffusers.txt, read: configs, and the tensors that transformers, diffusers and torchvision save for them.
 * By transformers.py and diffusers.py.
 */
import { readFileSync } from "node:fs";

/** Shape and start by name: `5x4 n0.25`. */
type Tensors = Readonly<Record<string, string>>;

/** Names by shape and start. */
type Listed = Readonly<Record<string, string>>;

/** The smallest model of a family, with every field of its config class. */
interface Family {
  readonly family: string;
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: Listed;
  readonly tied?: Tensors;
}

/** Another model: how it differs from its family's. */
interface Difference {
  readonly family: string;
  readonly class: string;
  readonly fields?: object;
  readonly prefix?: string;
  readonly without?: string;
  readonly with?: Listed;
  readonly tied?: Readonly<Record<string, string>>;
}

/** The library's default config, or a published one, by how it differs, and how many parameters the model has. */
interface Size {
  readonly family: string;
  readonly class: string;
  readonly fields: object;
  readonly parameters: number;
  /** The published model, and the SHA-256 of the names and shapes of all its tensors. */
  readonly published?: string;
  readonly names?: string;
}

const linesOf = (file: string) =>
  readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .slice(1);
const lines = ["transformers.txt", "diffusers.txt"].flatMap(linesOf);
const all: readonly (Family | Difference | Size)[] = lines.map((line) => JSON.parse(line));
const parsed = all.filter((line): line is Family | Difference => !("parameters" in line));

export const FAMILIES = parsed.filter((line): line is Family => "config" in line);

const familyOf = (name: string) => FAMILIES.find(({ family }) => family === name) as Family;

/** Its class, which two families can have: then that of the second is named with its family. */
function modelName({ family, class: kind }: { readonly family: string; readonly class: string }): string {
  return parsed.find((line) => line.class === kind)?.family === family ? kind : `${family}: ${kind}`;
}

const byName = (listed: Listed = {}): Tensors =>
  Object.fromEntries(Object.entries(listed).flatMap(([value, names]) => names.split(" ").map((name) => [name, value])));

/** A config of diffusers has the name of the class itself. */
const architecturesOf = (line: { family: string; class: string }): Readonly<Record<string, unknown>> =>
  "_class_name" in familyOf(line.family).config ? {} : { architectures: [line.class] };

function whole(line: Family | Difference) {
  const { family, config, tensors } = familyOf(line.family);
  const full = { ...config, ...architecturesOf(line) };
  const { tied = {} } = line;
  if ("config" in line) return { family, name: modelName(line), config: full, tensors: byName(tensors), tied };
  const { fields = {}, prefix = "", without = "" } = line;
  const left = new Set(without.split(" "));
  const kept = Object.entries(byName(tensors)).map(([name, value]) => [prefix + name, value] as const);
  return {
    family,
    name: `${modelName(line)} ${JSON.stringify(fields)}`,
    config: { ...full, ...fields } as Record<string, unknown>,
    tensors: {
      ...Object.fromEntries(kept.filter(([name]) => without !== "*" && !left.has(name))),
      ...byName(line.with),
    },
    tied,
  };
}

export const MODELS = parsed.map(whole);

export const SIZES = all
  .filter((line) => "parameters" in line)
  .map(({ fields, published = "the default config", ...line }) => {
    return { ...line, published, config: { ...familyOf(line.family).config, ...fields, ...architecturesOf(line) } };
  });

/** A line of memory.txt: as those of transformers.txt, without configs. The first of a family has its tensors. */
interface Held extends Difference {
  readonly tensors?: Listed;
  /** The saved tensors, or halves (`name/1`), that one in memory consists of; if not as in the first line, with the prefix. */
  readonly from?: Readonly<Record<string, string>>;
}

const memoryPath = new URL("../vectors/memory.txt", import.meta.url);
const held: readonly Held[] = readFileSync(memoryPath, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => JSON.parse(line));

interface InMemory {
  readonly tensors: Tensors;
  /** The saved tensors, or halves of one, that a tensor with another name consists of. */
  readonly from: Readonly<Record<string, string>>;
}

function wholeInMemory(line: Held): [string, InMemory] {
  const { fields, prefix = "", without = "", from = {} } = line;
  if (line.tensors !== undefined) return [modelName(line), { tensors: byName(line.tensors), from }];
  const first = held.find(({ family, tensors }) => family === line.family && tensors !== undefined);
  const left = new Set(without.split(" "));
  const kept = Object.entries(byName(first?.tensors)).map(([name, value]) => [prefix + name, value] as const);
  const tensors = { ...Object.fromEntries(kept.filter(([name]) => !left.has(name))), ...byName(line.with) };
  const known = Object.entries(first?.from ?? {}).map(([name, names]) => {
    return [prefix + name, names.replaceAll(/(^| )/g, `$1${prefix}`)] as const;
  });
  const origins = { ...Object.fromEntries(known.filter(([name]) => name in tensors)), ...from };
  return [`${modelName(line)} ${JSON.stringify(fields ?? {})}`, { tensors, from: origins }];
}

/** What a model has in memory, by name as in `MODELS`, where that is not what it saves. By memory.py. */
export const IN_MEMORY: ReadonlyMap<string, InMemory> = new Map(held.map(wholeInMemory));
