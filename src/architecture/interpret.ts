/** Makes the model of a config, as an architecture file says. */
import { show } from "../check.js";
import type { Parse } from "../model/expression.js";
import type { Model } from "../model/model.js";
import { numbersOf } from "../model/numbers.js";
import type { Regex } from "../model/rule.js";
import { type JsonObject, type ReadConfig, readFields } from "./field.js";
import type { ArchitectureFile, Entries, GroupSpec, LayerSpec, NestedSpec } from "./file.js";
import { Layers } from "./layers.js";
import { planWhere } from "./rules.js";
import type { Scope } from "./scope.js";

type LayerEntry = Entries[string];
type FamilyOf = (name: string) => ArchitectureFile;

/** What reads a family's file. */
interface FamilyReading {
  /** The family that reads a nested config. */
  readonly familyOf: FamilyOf;
  /** Of expressions. */
  readonly parse: Parse;
  /** Compiles the regular expressions of the family's plan. */
  readonly regexOf: (pattern: string) => Regex;
}

/** @throws TypeError, RangeError naming each field that is wrong. */
export function modelBy(file: ArchitectureFile, json: JsonObject, { familyOf, parse, regexOf }: FamilyReading): Model {
  const config = readFields(file, json, familyOf, parse);
  const { scope, dtype, unknownFields } = config;
  const builder = new Builder(familyOf);
  builder.model(file, config, baseOf(file, config.class));
  return {
    ...builder.result(),
    name: file.name,
    modelType: file.name,
    variables: { ...numbersOf(json), ...scope.numbers() },
    plan: planWhere(file.plan.rules, (condition) => scope.holds(condition), parse, regexOf),
    ...(dtype && { dtype }),
    ...(Object.keys(file.memory).length > 0 && { memory: file.memory }),
    ...(unknownFields.length > 0 && { unknownFields }),
  };
}

const baseOf = ({ base, classes }: ArchitectureFile, kind: string): string => classes[kind]?.base ?? base;

class Builder {
  readonly #layers = new Layers();
  readonly #familyOf: FamilyOf;

  constructor(familyOf: FamilyOf) {
    this.#familyOf = familyOf;
  }

  model(file: ArchitectureFile, { scope, class: kind }: Pick<ReadConfig, "scope" | "class">, base: string): void {
    const named = scope.inside([["base", base]]);
    this.#entries(file, file.tensors, base, named);
    this.#entries(file, file.heads, "", named);
    this.#entries(file, file.classes[kind]?.tensors ?? {}, "", named);
  }

  result(): Pick<Model, "tensors" | "tied"> {
    const tensors = this.#layers.list();
    const { tied } = this.#layers;
    const names = new Set(Object.keys(tied).length === 0 ? [] : tensors.map(({ name }) => name));
    for (const [name, target] of Object.entries(tied)) {
      if (!names.has(target))
        throw new RangeError(`tied ${show(name)}: expected the name of a tensor, got ${show(target)}`);
    }
    return { tensors, tied };
  }

  #entries(file: ArchitectureFile, entries: Entries, prefix: string, scope: Scope): void {
    for (const [key, entry] of Object.entries(entries)) {
      if (entry.for !== undefined) this.#loop(file, key, entry, prefix, scope);
      else {
        const inner = scope.with(entry.let);
        if (inner.holds(entry.if)) this.#entry(file, prefix, inner.text(entry.at ?? key), entry, inner);
      }
    }
  }

  /** Turns in which only the name depends on the counters are alike: all but the first repeat the tensors of that one. */
  #loop(file: ArchitectureFile, key: string, entry: LayerEntry, prefix: string, scope: Scope): void {
    const counters = { areRead: false };
    const begin = this.#layers.mark();
    let first: { readonly name: string; readonly end: ReturnType<Layers["mark"]> } | undefined;
    for (const turn of scope.turns(entry.for, entry.let, counters)) {
      if (first === undefined && !turn.holds(entry.if)) continue;
      const { areRead } = counters;
      const name = turn.text(entry.at ?? key);
      if (entry.let === undefined) counters.areRead = areRead; // else other expressions may use what was found for the name
      if (first !== undefined) this.#layers.repeat(begin, first.end, prefix + first.name, prefix + name);
      else {
        this.#entry(file, prefix, name, entry, turn);
        if (!counters.areRead) first = { name, end: this.#layers.mark() };
      }
    }
  }

  #entry(file: ArchitectureFile, prefix: string, name: string, entry: LayerEntry, scope: Scope): void {
    if ("of" in entry)
      this.#entries(file, groupOf(file, entry, scope), name === "" ? prefix : `${prefix}${name}.`, scope);
    else if ("use" in entry) this.#nested(file, prefix + name, entry, scope);
    else this.#layers.add(prefix + name, entry as LayerSpec, scope);
  }

  /** The base model of a nested config. */
  #nested(file: ArchitectureFile, name: string, { use }: NestedSpec, scope: Scope): void {
    const field = file.fields[use];
    const inner = scope.nested(use);
    if (typeof field !== "object" || field.family === undefined || inner === undefined) {
      throw new RangeError(`use: expected a nested config, got ${show(use)}`);
    }
    const family = this.#familyOf(field.family);
    this.#entries(family, family.tensors, `${name}.`, inner);
  }
}

/** The layers of a group. One that is shared counts as a turn, since groups that use others twice grow without a loop. */
function groupOf({ shared }: ArchitectureFile, { of }: GroupSpec, scope: Scope): Entries {
  if (typeof of !== "string") return of;
  scope.countTurn();
  return shared[of] as Entries;
}
