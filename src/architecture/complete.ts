/** Whether an architecture file, with all that it extends, says everything that it must. */
import { isObject, wrongValue } from "../check.js";
import { Faults } from "./fault.js";
import type { ArchitectureFile, Entries } from "./file.js";
import { KINDS } from "./layers.js";

/** @throws TypeError with one line for each thing that is missing. */
export function checkWhole(file: ArchitectureFile): ArchitectureFile {
  const faults = new Faults();
  const { class: prefix, default: usual, classes, plan, fields, checks } = file;
  if (prefix === undefined) faults.add("class", "what the names of its classes begin with", prefix);
  const names = Object.keys(classes);
  if (typeof usual !== "string" || !Object.hasOwn(classes, usual)) {
    faults.add(
      "default",
      names.length === 0 ? "one of the classes; the file has none" : `one of the classes, ${names.join(", ")}`,
      usual,
      names,
    );
  }
  if (plan === undefined) faults.add("plan", "the rules of its initialization", plan);
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field === "string") continue;
    if (field.type === undefined) faults.add(`fields.${name}.type`, "what the field can hold", undefined);
    if (field.type === "config" && field.family === undefined) {
      faults.add(`fields.${name}.family`, "the family that reads the nested config", undefined);
    }
  }
  for (const [name, check] of Object.entries(checks)) {
    for (const key of ["that", "field", "expected"] as const) {
      if (check[key] === undefined) faults.add(`checks.${name}.${key}`, "a value", undefined);
    }
  }
  checkChains(file, faults);
  const shared = Object.keys(file.shared);
  if (shared.length > MOST_SHARED) throw wrongValue("shared", `at most ${MOST_SHARED} groups`, shared.length);
  const check = (entries: Entries, place: string) => checkEntries(entries, place, shared, faults);
  check(file.tensors, "tensors");
  check(file.heads, "heads");
  for (const [name, { tensors = {} }] of Object.entries(classes)) check(tensors, `classes.${name}.tensors`);
  for (const [name, entries] of Object.entries(file.shared)) {
    check(entries, `shared.${name}`);
    if (reaches(file.shared, entries, name)) faults.add(`shared.${name}`, "a group that does not contain itself", name);
  }
  faults.throwAny(`not an architecture that nn-init can use: ${file.name}`);
  return file;
}

const MOST_SHARED = 100; // groups, each of which can be within another

const MOST_WAITING = 2000; // characters of definitions of which each needs the next, all of which are on the stack
const LEAST_COST = 10; // of a definition besides its characters

/** Refuses names that are defined by each other in long chains. Names of different scopes count as one. */
function checkChains({ fields, let: own, classes, shared, tensors, heads }: ArchitectureFile, faults: Faults): void {
  const texts = new Map<string, string[]>();
  const add = (name: string, text: unknown) => texts.set(name, [...(texts.get(name) ?? []), String(text)]);
  for (const [name, field] of Object.entries(fields)) if (typeof field !== "string") add(name, field.default);
  const walk = (value: unknown): void => {
    if (!isObject(value)) return;
    for (const [name, text] of Object.entries(Object(value.let))) add(name, text);
    for (const inside of Object.values(value)) walk(inside);
  };
  for (const part of [{ let: own }, classes, shared, tensors, heads]) walk(part);
  const waited = new Map<string, number>();
  const path = new Set<string>();
  const visit = (name: string, before: number): boolean => {
    const found = texts.get(name);
    if (found === undefined || path.has(name) || (waited.get(name) ?? -1) >= before) return true;
    const waiting = before + LEAST_COST + Math.max(...found.map(({ length }) => length));
    if (waiting > MOST_WAITING) return false;
    waited.set(name, before);
    path.add(name);
    const isShort = (found.join(" ").match(/[A-Za-z_]\w*/g) ?? []).every((other) => visit(other, waiting));
    path.delete(name);
    return isShort;
  };
  const expected = `at most ${MOST_WAITING} characters of names that are defined by each other`;
  const long = [...texts.keys()].find((name) => !visit(name, 0));
  if (long !== undefined) faults.add(`let ${long}`, expected, "more");
}

const EXCLUSIVE = ["of", "use", ...KINDS];

/** Each entry is one thing: a group, a nested family, or a layer of one kind. */
function checkEntries(entries: Entries, place: string, shared: readonly string[], faults: Faults): void {
  for (const [key, entry] of Object.entries(entries)) {
    const is = EXCLUSIVE.filter((kind) => kind in entry);
    if (is.length !== 1) faults.add(`${place}.${key}`, `one of ${EXCLUSIVE.join(", ")}`, is);
    if (!("of" in entry)) continue;
    if (typeof entry.of !== "string") checkEntries(entry.of, `${place}.${key}.of`, shared, faults);
    else if (!shared.includes(entry.of)) {
      faults.add(
        `${place}.${key}.of`,
        `layers, or one of the shared groups: ${shared.join(", ") || "none"}`,
        entry.of,
        shared,
      );
    }
  }
}

/** Whether a shared group is among the entries, or in a group of theirs. */
function reaches(
  shared: ArchitectureFile["shared"],
  entries: Entries,
  wanted: string,
  seen = new Set<string>(),
): boolean {
  return Object.values(entries).some((entry) => {
    if (!("of" in entry)) return false;
    const { of } = entry;
    if (typeof of !== "string") return reaches(shared, of, wanted, seen);
    if (of === wanted) return true;
    if (seen.has(of)) return false;
    seen.add(of);
    return Object.hasOwn(shared, of) && reaches(shared, shared[of] as Entries, wanted, seen);
  });
}
