/** Families of models by name: those that are built in, and those of a user. Nothing here needs zod. */
import { show, wrongValue } from "../check.js";
import { FAMILY_NAMES, fileOfFamily, isFamily } from "./builtin.js";
import { type PartialFile, whole } from "./extend.js";
import type { ArchitectureFile } from "./file.js";

/** Built-in families, and those of a user, which come first. */
export class Families {
  readonly #own: ReadonlyMap<string, PartialFile>;
  readonly #check: (file: ArchitectureFile) => ArchitectureFile;
  readonly #whole = new Map<string, ArchitectureFile>();

  /** @param check what a file must hold with all that it extends. Built-in ones are known to. */
  constructor(own: readonly PartialFile[], check = (file: ArchitectureFile) => file) {
    this.#check = check;
    this.#own = new Map(own.map((file) => [file.name, file]));
    if (this.#own.size === own.length) return;
    const twice = own.find((file) => this.#own.get(file.name) !== file);
    throw new RangeError(`architecture: expected one file of each name, got two of ${show(twice?.name)}`);
  }

  get names(): readonly string[] {
    return [...new Set([...this.#own.keys(), ...FAMILY_NAMES])];
  }

  has(name: string): boolean {
    return this.#own.has(name) || isFamily(name);
  }

  /** A family, with all that it extends. A file can extend the built-in one of its own name. */
  whole(name: string): ArchitectureFile {
    const known = this.#whole.get(name);
    if (known !== undefined) return known;
    const find = (name: string, by?: PartialFile) =>
      by?.name === name ? fileOfFamily(name) : (this.#own.get(name) ?? fileOfFamily(name));
    const file = find(name);
    if (file === undefined) throw wrongValue("family", `one of ${this.names.map(show).join(", ")}`, name);
    const made = this.#check(whole(file, find, this.names));
    this.#whole.set(name, made);
    return made;
  }
}

export const BUILT_IN = new Families([]);

/** A built-in family, with all that it extends. */
export const familyOf = (name: string): ArchitectureFile => BUILT_IN.whole(name);
