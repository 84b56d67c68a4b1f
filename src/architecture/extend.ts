/** Architecture files that extend others: what differs is merged into a copy (RFC 7396, JSON Merge Patch). */
import { isObject, show, wrongValue } from "../check.js";
import { perhaps } from "../spelling.js";
import type { ArchitectureFile } from "./file.js";

/** A file that may leave out what it takes from the one that it extends. */
export type PartialFile = Partial<ArchitectureFile> & Pick<ArchitectureFile, "name">;

/**
 * Objects are merged, null removes a key, all else replaces what was there.
 *
 * @throws RangeError for a null that removes nothing.
 */
export function mergePatch(target: unknown, patch: unknown, place: string): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    const known = Object.hasOwn(merged, key);
    if (value !== null) merged[key] = mergePatch(known ? merged[key] : undefined, value, `${place}${key}.`);
    else if (known) delete merged[key];
    else throw wrongValue(place + key, "the name of something that is there, for null to remove", value);
  }
  return merged;
}

/** A field that is only a type, as an object, so that a file can add to it. */
export const inFull = (fields: ArchitectureFile["fields"]): ArchitectureFile["fields"] =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, typeof field === "string" ? { type: field } : field]),
  );

/** What a file need not say. */
const EMPTY = {
  base: "",
  ...{ fields: {}, harmless: {}, refused: {}, let: {}, checks: {} },
  ...{ shared: {}, tensors: {}, heads: {}, classes: {}, memory: {} },
};

/**
 * The file with all that it extends.
 *
 * @param find a file by name.
 * @param names those of all files.
 * @throws RangeError for a file that extends itself, also by way of others, or one that there is not.
 */
export function whole(
  file: PartialFile,
  find: (name: string, by: PartialFile) => PartialFile | undefined,
  names: readonly string[],
): ArchitectureFile {
  const chain = [file];
  for (let last = file; last.extends !== undefined; ) {
    const next = find(last.extends, last);
    if (next === undefined && last.extends === last.name) {
      const built = "no built-in family has its name";
      throw new RangeError(`architecture ${show(last.name)}: it extends itself, since ${built}`);
    }
    if (next === undefined) {
      const expected = `expected one of ${names.map(show).join(", ")}${perhaps(last.extends, names)}`;
      throw new RangeError(`architecture ${show(last.name)}, extends: ${expected}, got ${show(last.extends)}`);
    }
    if (chain.includes(next)) {
      const circle = [...chain, next].map(({ name }) => show(name)).join(" extends ");
      throw new RangeError(`architecture ${show(file.name)}: it extends itself: ${circle}`);
    }
    chain.push(next);
    last = next;
  }
  const layers = chain.map(({ extends: _, comment: __, fields = {}, ...own }) => ({ ...own, fields: inFull(fields) }));
  const merged = layers.reduceRight<unknown>(
    (target, own) => mergePatch(target, own, `architecture ${own.name}, `),
    EMPTY,
  );
  return merged as ArchitectureFile;
}
