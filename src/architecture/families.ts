/** Families of models by name: those that are built in, and those of a user. Nothing here needs zod. */
import { isObject, show, wrongValue } from "../check.js";
import type { Parse } from "../model/expression.js";
import { type PartialFile, whole } from "./extend.js";
import type { ArchitectureFile } from "./file.js";

/** A family that is built in, with those that it needs, of which it extends the first or has their configs in its own. */
export type Family = readonly [name: string, file: unknown, ...needs: Family[]];

/**
 * Defined by the build (scripts/words.mjs), which has each file as text without its name, since objects of so many files would be made at each
 * start and one of them is needed: what the character after a `~` in such a text stands for.
 */
declare const FAMILY_WORDS: Readonly<Record<string, string>>;

/** The JSON of a text: words have codes of other words in them. */
const written = (text: string): string =>
  text.replace(/~(.)/g, (_, code: string) => written(FAMILY_WORDS[code] as string));

/** How the expressions of families are written. Those that are built in are stored in postfix notation. */
export interface Notation {
  readonly parse: Parse;
  /** A text, from the one that is stored. Absent: it stays. */
  readonly from?: (text: string) => string;
}

/** The file of a family, as it is written: without what it extends. */
function fileOf([name, file]: Family, { from }: Notation): PartialFile {
  const text = typeof file === "string" ? written(file) : JSON.stringify(file);
  return { name, ...JSON.parse(text, from && ((_, value: unknown) => revived(value, from))) };
}

function revived(value: unknown, from: (text: string) => string): unknown {
  if (typeof value === "string") return from(value);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [from(key), item])) : value;
}

/** Built-in families, and those of a user, which come first. */
export class Families {
  readonly #built: ReadonlyMap<string, Family>;
  readonly #own: ReadonlyMap<string, PartialFile>;
  readonly #check: (file: ArchitectureFile) => ArchitectureFile;
  readonly #files = new Map<string, PartialFile>();
  readonly #whole = new Map<string, ArchitectureFile>();

  /** @param check what a file must hold with all that it extends. Built-in ones are known to. */
  constructor(
    built: readonly Family[],
    readonly notation: Notation,
    own: readonly PartialFile[] = [],
    check = (file: ArchitectureFile) => file,
  ) {
    this.#check = check;
    this.#built = withNeeds(built, new Map());
    this.#own = new Map(own.map((file) => [file.name, file]));
    if (this.#own.size === own.length) return;
    const twice = own.find((file) => this.#own.get(file.name) !== file);
    throw new RangeError(`architecture: expected one file of each name, got two of ${show(twice?.name)}`);
  }

  get names(): readonly string[] {
    return [...new Set([...this.#own.keys(), ...this.#built.keys()])];
  }

  has(name: string): boolean {
    return this.#own.has(name) || this.#built.has(name);
  }

  /** The file of a built-in family, as it is written: without what it extends. */
  file(name: string): PartialFile | undefined {
    const [family, known] = [this.#built.get(name), this.#files.get(name)];
    if (family === undefined || known !== undefined) return known;
    const made = fileOf(family, this.notation);
    this.#files.set(name, made);
    return made;
  }

  /** A family, with all that it extends. A file can extend the built-in one of its own name. */
  whole(name: string): ArchitectureFile {
    const known = this.#whole.get(name);
    if (known !== undefined) return known;
    const find = (name: string, by?: PartialFile) =>
      by?.name === name ? this.file(name) : (this.#own.get(name) ?? this.file(name));
    const file = find(name);
    if (file === undefined) throw wrongValue("family", `one of ${this.names.map(show).join(", ")}`, name);
    const made = this.#check(whole(file, find, this.names));
    this.#whole.set(name, made);
    return made;
  }
}

/** Families by name, those first that are listed. */
function withNeeds(families: readonly Family[], all: Map<string, Family>): Map<string, Family> {
  for (const family of families) all.set(family[0], family);
  for (const [, , ...needs] of families) {
    withNeeds(
      needs.filter(([name]) => !all.has(name)),
      all,
    );
  }
  return all;
}
