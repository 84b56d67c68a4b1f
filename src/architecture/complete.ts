/** Whether an architecture file, with all that it extends, says everything that it must. */
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
  checkEntries(file.tensors, "tensors", faults);
  checkEntries(file.heads, "heads", faults);
  for (const [name, { tensors = {} }] of Object.entries(classes))
    checkEntries(tensors, `classes.${name}.tensors`, faults);
  faults.throwAny(`not an architecture that nn-init can use: ${file.name}`);
  return file;
}

const EXCLUSIVE = ["of", "use", ...KINDS];

/** Each entry is one thing: a group, a nested family, or a layer of one kind. */
function checkEntries(entries: Entries, place: string, faults: Faults): void {
  for (const [key, entry] of Object.entries(entries)) {
    const is = EXCLUSIVE.filter((kind) => kind in entry);
    if (is.length !== 1) faults.add(`${place}.${key}`, `one of ${EXCLUSIVE.join(", ")}`, is);
    if ("of" in entry) checkEntries(entry.of, `${place}.${key}.of`, faults);
  }
}
