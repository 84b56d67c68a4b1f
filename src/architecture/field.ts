/**
 * Reads the fields of a config. Each field is read, or known to change no tensor, or refused; those that are not known
 * are told. Only fields that decide no size have defaults: those of the reference implementation.
 */
import { isObject, show, wrongValue } from "../check.js";
import type { DType } from "../dtype.js";
import type { Parse, Value } from "../model/expression.js";
import { Faults } from "./fault.js";
import commonFields from "./fields.json" with { type: "json" };
import type { ArchitectureFile, CheckSpec, FieldSpec, FieldType } from "./file.js";
import { isLength, isListType, LENGTH, readerOf } from "./reader.js";
import { Scope, wholeNumber } from "./scope.js";

/** A config that was read. */
export interface ReadConfig {
  /** Its fields, and the names that the file defines. */
  readonly scope: Scope;
  /** What follows the family's prefix in the class that saved it. */
  readonly class: string;
  readonly dtype?: DType;
  readonly unknownFields: readonly string[];
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** PyTorch's names of element types, as configs have them. */
const TYPES = { float32: "f32", float64: "f64", float16: "f16", bfloat16: "bf16" } as const;

/** The name of a dtype in a config. */
export const torchNameOf = (dtype: DType): string =>
  Object.entries(TYPES).find(([, own]) => own === dtype)?.[0] ?? dtype;

/** Fields that configs of all families have, and that are read here. */
const COMMON = ["model_type", "_class_name", "architectures", "dtype", "torch_dtype", "num_labels", "id2label"];

const words = (lists: object): string[] => Object.values(lists).flatMap((list: string) => list.split(" "));

/** The fields that change no tensor of a family: those of its file, and those of all configs. */
export const harmlessFields = ({ harmless }: ArchitectureFile): ReadonlySet<string> =>
  new Set([...words(commonFields.harmless), ...words(harmless)]);

/** @throws TypeError with one line for each field that is wrong. */
export function readFields(
  file: ArchitectureFile,
  json: JsonObject,
  familyOf: (name: string) => ArchitectureFile,
  parse: Parse,
): ReadConfig {
  const faults = new Faults();
  const read = new ConfigReader(file, json, faults, familyOf, parse).read("");
  faults.throwAny("not a config that nn-init can use");
  return read;
}

const MOST_EACH = 10_000; // values of a field

class ConfigReader {
  readonly #fields: readonly (readonly [string, FieldSpec])[];
  readonly #values = new Map<string, Value>();
  readonly #definitions: Record<string, number | string> = {};
  readonly #nested = new Map<string, Scope>();
  readonly #lists = new Set<string>(); // fields with `each` that the config has a list for
  readonly #unknownFields: string[] = [];

  constructor(
    readonly file: ArchitectureFile,
    readonly json: JsonObject,
    readonly faults: Faults,
    readonly familyOf: (name: string) => ArchitectureFile,
    readonly parse: Parse,
  ) {
    this.#fields = Object.entries(file.fields).map(([name, field]) => [
      name,
      typeof field === "string" ? { type: field } : field,
    ]);
  }

  /** @param place of the config in the one around it, such as `text_config.`. */
  read(place: string): ReadConfig {
    const before = this.faults.count;
    const dtype = this.#dtype(place);
    this.#labels(place);
    const kind = this.#class(place);
    for (const [name, field] of this.#fields) this.#field(place, name, field);
    this.#others(place);
    const definitions = { ...this.#definitions, ...this.file.let, ...this.file.classes[kind]?.let };
    const scope = new Scope(this.#values, this.parse, definitions, { nested: this.#nested });
    if (this.faults.count === before) {
      for (const [name, field] of this.#fields) this.#each(place, name, field, scope);
    }
    if (this.faults.count === before) {
      for (const [name, field] of this.#fields) this.#paddingRow(place, name, field, scope);
      for (const check of Object.values(this.file.checks)) this.#check(place, check, scope);
    }
    return { scope, class: kind, unknownFields: this.#unknownFields, ...(dtype && { dtype }) };
  }

  #field(place: string, name: string, field: FieldSpec): void {
    const value = this.#valueOf(place, name, field);
    const absent = value === undefined || (value === null && this.#takesNull(field));
    if (absent || (value === "auto" && field.auto)) this.#absent(place, name, field);
    else if (field.type === "config") this.#nestedConfig(place, name, field, value);
    else if (field.each !== undefined && Array.isArray(value)) this.#presentList(place, name, field, value);
    else {
      const found = this.#read(place + name, field, value);
      if (found !== undefined) this.#values.set(name, found);
    }
  }

  /** A list with a value for each. */
  #presentList(place: string, name: string, field: FieldSpec, list: readonly unknown[]): void {
    this.#lists.add(name);
    const items = list.map((item, i) => this.#read(`${place}${name}[${i}]`, field, item));
    if (items.every((item) => item !== undefined)) this.#values.set(name, items);
  }

  /** A value, if it is one that the field can have. */
  #read(place: string, field: FieldSpec, value: unknown): Value | undefined {
    const { expected, read } = readerOf(field);
    const found = read(value);
    if (found === undefined) this.faults.add(place, expected, value, field.choices);
    return found;
  }

  #takesNull = (field: FieldSpec): boolean => field.null !== undefined && field.null !== false;

  /** The value of a field, or of its other name. */
  #valueOf(place: string, name: string, { alias }: FieldSpec): unknown {
    const own = this.json[name];
    const other = alias === undefined ? undefined : this.json[alias];
    if (other === undefined) return own;
    if (own !== undefined && own !== other) {
      this.faults.add(place + alias, `${show(own)}, as ${name} says, whose other name it is`, other);
    }
    return other;
  }

  #absent(place: string, name: string, field: FieldSpec): void {
    const { default: usual, optional, type } = field;
    const ofNull = typeof field.null === "boolean" ? (optional ? undefined : usual) : field.null;
    const value = this.json[name] === null ? ofNull : usual;
    if (value !== undefined) this.#default(name, type, value);
    else if (!optional) {
      this.faults.addMissing(place, name, readerOf(field).expected, this.#rest());
    }
  }

  #default(name: string, type: FieldType, value: number | string | boolean): void {
    if (typeof value === "boolean") this.#values.set(name, Number(value));
    else if (type === "word") this.#values.set(name, value);
    else if (type === "size") this.#values.set(name, [value, value]);
    else this.#definitions[name] = value;
  }

  #nestedConfig(place: string, name: string, { family }: FieldSpec, value: unknown): void {
    if (!isObject(value)) {
      this.faults.add(place + name, "an object", value);
      return;
    }
    const file = this.familyOf(family ?? "");
    const reader = new ConfigReader(file, value as JsonObject, this.faults, this.familyOf, this.parse);
    const read = reader.read(`${place}${name}.`);
    this.#nested.set(name, read.scope);
    this.#unknownFields.push(...read.unknownFields.map((field) => `${name}.${field}`));
  }

  /** `architectures`: the one class of transformers that saved the config. */
  #class(place: string): string {
    const { class: prefix, classes, default: usual } = this.file;
    const prefixes = [prefix].flat();
    const given = this.json.architectures;
    if (given === undefined || given === null) return usual;
    if (!Array.isArray(given) || given.length > 1)
      this.faults.add(`${place}architectures`, "a list of one class", given);
    else if (given.length === 1) {
      const names = prefixes.flatMap((prefix) => Object.keys(classes).map((name) => prefix + name));
      const index = names.indexOf(given[0]);
      if (index >= 0) return Object.keys(classes)[index % Object.keys(classes).length] as string;
      this.faults.add(`${place}architectures[0]`, `one of ${names.map(show).join(", ")}`, given[0], names);
    }
    return usual;
  }

  #dtype(place: string): DType | undefined {
    const names = [...Object.keys(TYPES), "auto"];
    const [dtype, torch_dtype] = (["dtype", "torch_dtype"] as const).map((field) => {
      const value = this.json[field];
      const name = typeof value === "string" ? value.replace(/^torch\./, "") : value;
      if (name === undefined || name === null || names.includes(name as string)) return name;
      this.faults.add(place + field, `one of ${names.map(show).join(", ")}`, value, names);
      return undefined;
    });
    const name = (dtype ?? torch_dtype ?? "auto") as keyof typeof TYPES | "auto";
    return name === "auto" ? undefined : TYPES[name];
  }

  /** The number of classes of a classifier. Default 2, as in transformers, unless the file says another number. */
  #labels(place: string): void {
    const { num_labels: given, id2label: list } = this.json;
    this.#definitions.num_labels = 2;
    let count: number | undefined;
    if (list !== undefined && list !== null) {
      if (typeof list !== "object" || Array.isArray(list)) this.faults.add(`${place}id2label`, "an object", list);
      else count = Object.keys(list).length;
    }
    if (count === 0) this.faults.add(`${place}id2label`, "at least one label", list);
    if (given === undefined || given === null) {
      if (count !== undefined) this.#values.set("num_labels", count);
    } else if (!isLength(given)) this.faults.add(`${place}num_labels`, LENGTH, given);
    else if (count !== undefined && count !== given) {
      this.faults.add(`${place}num_labels`, `${count}, the number of labels in id2label`, given);
    } else this.#values.set("num_labels", given);
  }

  /** The names of fields that are neither read nor harmless. */
  #rest(): readonly string[] {
    const read = new Set([...COMMON, ...this.#fields.flatMap(([name, { alias }]) => [name, alias ?? name])]);
    const harmless = harmlessFields(this.file);
    return Object.keys(this.json).filter((name) => !read.has(name) && !harmless.has(name));
  }

  /** Refuses fields that would change tensors, and lists those that are not known. */
  #others(place: string): void {
    const refused = new Map(
      [commonFields.refused, this.file.refused].flatMap((lists: Readonly<Record<string, string>>) =>
        Object.entries(lists).flatMap(([reason, list]) => list.split(" ").map((name) => [name, reason] as const)),
      ),
    );
    for (const name of this.#rest()) {
      const reason = refused.get(name);
      if (reason === undefined) this.#unknownFields.push(name);
      else if (!isOff(this.json[name])) {
        const expected = `nothing, or a value that switches it off (${reason}); correct or remove it`;
        this.faults.add(place + name, expected, this.json[name]);
      }
    }
  }

  /** Gives a field that has a value for each the list of them: that of the config, or one value many times. */
  #each(place: string, name: string, { each, type }: FieldSpec, scope: Scope): void {
    const value = each === undefined ? undefined : scope.find(name);
    if (each === undefined || value === undefined) return;
    const count = wholeNumber(`fields.${name}.each`, scope.number(each), 0);
    if (count > MOST_EACH) throw wrongValue(`fields.${name}.each`, `at most ${MOST_EACH}`, count);
    if (!this.#lists.has(name)) scope.set(name, Array<Value>(count).fill(isListType(type) ? [value].flat() : value));
    else if ((value as readonly Value[]).length !== count) {
      this.faults.add(place + name, `one value, or a list of ${count}`, this.json[name]);
    }
  }

  /** The row of the embedding that is 0. PyTorch's `padding_idx` counts from the end if it is negative. */
  #paddingRow(place: string, name: string, { type, rows = 0 }: FieldSpec, scope: Scope): void {
    const token = type === "token" ? scope.find(name) : undefined;
    if (typeof token !== "number") return;
    const count = scope.number(rows);
    if (token >= -count && token < count) scope.set("padding_row", token < 0 ? count + token : token);
    else {
      const expected = `null, or a whole number from ${-count}, less than ${rows} (${count})`;
      this.faults.add(place + name, expected, this.json[name]);
    }
  }

  #check(place: string, { for: loops, if: condition, that, field, expected }: CheckSpec, scope: Scope): void {
    for (const turn of scope.turns(loops)) {
      if (!turn.holds(condition) || turn.holds(that)) continue;
      const name = turn.text(field);
      const [list = "", index = ""] = name.split(/[[\]]/);
      const value = this.json[name] ?? turn.find(name) ?? Object(turn.find(list))[index];
      this.faults.add(place + name, turn.text(expected), value);
    }
  }
}

/** A field is off if it says that there is nothing of the kind. */
const isOff = (value: unknown): boolean =>
  !value || (typeof value === "object" && Object.keys(value as object).length === 0);
