/** A small config of a family, for tests of other people: sizes from tiny.json, and what the family's file says besides. */
import { checkOptions, checkPositive, isObject, show, wrongType, wrongValue } from "../check.js";
import { evaluateAny } from "../model/expression.js";
import { rangeError } from "../model/fault.js";
import { parseInfix } from "../model/infix.js";
import { perhaps } from "../spelling.js";
import type { Families } from "./families.js";
import { harmlessFields, type JsonObject } from "./field.js";
import type { ArchitectureFile, TinyValue } from "./file.js";
import { builtIn } from "./known.js";
import { Scope } from "./scope.js";
import DATA from "./tiny.json" with { type: "json" };

/** Sizes of a small model, of those that its family has. */
export interface TinySizes {
  /** Default 2. */
  readonly layers?: number | undefined;
  /** A multiple of the heads. Default 32. */
  readonly width?: number | undefined;
  /** Default 4. */
  readonly heads?: number | undefined;
  /** Default 320. */
  readonly vocabulary?: number | undefined;
  /** Default 128. */
  readonly positions?: number | undefined;
  /** Default 4. */
  readonly experts?: number | undefined;
}

/** Options of `tinyConfig`. */
export interface TinyOptions {
  /** Those that are left out are small. */
  readonly sizes?: TinySizes | undefined;
  /** The class, with or without what the family's classes begin with. Default: that of the config, else the usual one. */
  readonly class?: string | undefined;
  /** A config that is made smaller. Default: the fields that the family needs. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** @internal Default: those that are built in. */
  readonly families?: Families;
}

/** Names in a list with spaces -> one value for each. */
const byName = <T>(lists: Readonly<Record<string, T>>): Map<string, T> =>
  new Map(Object.entries(lists).flatMap(([names, value]) => names.split(" ").map((name) => [name, value] as const)));

const FIELDS = byName<TinyValue>(DATA.fields);
/** Names of one meaning, of which a family has one or more. */
const GROUPS = Object.entries(DATA.fields).map(([names, value]) => [names.split(" "), value] as const);
const OF_FAMILIES = Object.entries(DATA.families as Readonly<Record<string, Readonly<Record<string, TinyValue>>>>).map(
  ([names, fields]) => [names.split(" "), fields] as const,
);
const TOKENS = new Set(DATA.tokens.split(" "));
const SIZES = Object.keys(DATA.sizes) as readonly (keyof TinySizes)[];

/** The tokens that every config names: those of padding, beginning and end. */
const LEAST_VOCABULARY = 3;

/**
 * The config of a small model of a family, for tests of programs that load models.
 *
 * @param type the `model_type`, or the class of diffusers.
 * @param options its sizes, its class, and a config that is made smaller.
 * @returns a config with all that the family needs, which `modelOf` takes.
 * @throws TypeError, RangeError naming the option; RangeError for a family or a class that there is not.
 * @example
 * ```js
 * import { modelOf, parametersOf, tinyConfig } from "nn-init/model";
 *
 * const config = tinyConfig("llama", { sizes: { layers: 1 } });
 * console.log(parametersOf(modelOf(config))); // 35936
 * ```
 */
export function tinyConfig(type: string, options: TinyOptions = {}): Readonly<Record<string, unknown>> {
  checkOptions("options", options, ["sizes", "class", "config", "families"]);
  const { sizes = {}, class: kind, config, families = builtIn() } = options;
  if (typeof type !== "string") throw wrongType("type", "the name of a family", type);
  if (kind !== undefined && typeof kind !== "string") throw wrongType("class", "the name of a class", kind);
  if (config !== undefined && !isObject(config)) throw wrongType("config", "an object", config);
  if (!families.has(type)) {
    const { names } = families;
    const listed = `one of the ${names.length} that "nn-init models" lists`;
    throw rangeError(`family: expected ${listed}${perhaps(type, names)}, got ${show(type)}`);
  }
  const file = families.whole(type);
  const all: typeof DATA.sizes = { ...DATA.sizes, ...defined(sizes) };
  if (all.width % all.heads !== 0) throw wrongValue("heads", `a divisor of the width (${all.width})`, all.heads);
  if (all.vocabulary < LEAST_VOCABULARY) {
    throw wrongValue("vocabulary", `at least ${LEAST_VOCABULARY}, for padding, beginning and end`, all.vocabulary);
  }
  const scope = new Scope(Object.entries(all), parseInfix);
  const names =
    config?.architectures === undefined || kind !== undefined ? [classOf(file, kind)] : config.architectures;
  const small = config === undefined ? smallFields(file, scope, families) : shrunk(config, file, scope, families);
  return isOfDiffusers(type) ? { _class_name: type, ...small } : { ...small, model_type: type, architectures: names };
}

/** Whether a family is a class of diffusers, whose configs have its name as `_class_name`. */
export const isOfDiffusers = (type: string): boolean => /^[A-Z]/.test(type);

/** The sizes that are given, and nothing else. */
function defined(sizes: TinySizes): Readonly<Partial<typeof DATA.sizes>> {
  checkOptions("sizes", sizes, SIZES);
  const given = SIZES.filter((name) => sizes[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, checkPositive(`sizes.${name}`, sizes[name])]));
}

function classOf({ class: prefix, default: usual, classes, name }: ArchitectureFile, given = usual): string {
  const [first = ""] = [prefix].flat();
  const kind = [given, given.slice(first.length)].find((kind) => Object.hasOwn(classes, kind));
  if (kind !== undefined && (kind === given || given.startsWith(first))) return first + kind;
  const names = Object.keys(classes).map((kind) => first + kind);
  throw rangeError(
    `class: expected one of ${names.join(", ")}${perhaps(given, names)} of the family ${show(name)}, got ${show(given)}`,
  );
}

/** The fields of a family that decide sizes, with small values. */
function smallFields(file: ArchitectureFile, scope: Scope, families: Families): Record<string, unknown> {
  const known = new Set([...Object.keys(file.fields), ...harmlessFields(file)]);
  const hasTokens = Object.hasOwn(file.fields, "vocab_size");
  const isDecoding = ["decoder_layers", "num_decoder_layers"].some((name) => Object.hasOwn(file.fields, name));
  const small: Record<string, unknown> = {};
  for (const [names, value] of GROUPS) {
    const isRead = names.some((name) => Object.hasOwn(file.fields, name));
    for (const name of names) {
      const isWanted = TOKENS.has(name)
        ? hasTokens && (Object.hasOwn(file.fields, name) || isUsual(name, isDecoding))
        : Object.hasOwn(file.fields, name) || (!isRead && known.has(name));
      if (isWanted) small[name] = valueIn(value, scope);
    }
  }
  for (const [name, field] of Object.entries(file.fields)) {
    if (typeof field === "string" || field.type !== "config" || field.family === undefined) continue;
    small[name] = nested(field.family, scope, families);
  }
  const ofFamily = OF_FAMILIES.filter(([names]) => names.includes(file.name)).map(([, fields]) => fields);
  const own: Record<string, TinyValue> = Object.assign({}, ...ofFamily, file.tiny);
  for (const [name, value] of Object.entries(own)) small[name] = valueIn(value, scope);
  return small;
}

/** Whether every model with tokens has such a token. */
const isUsual = (name: string, isDecoding: boolean): boolean =>
  /^(pad|bos|eos)_token_id$/.test(name) || (isDecoding && /^(decoder_start|forced_eos)_token_id$/.test(name));

function nested(family: string, scope: Scope, families: Families): JsonObject {
  return { ...smallFields(families.whole(family), scope, families), model_type: family };
}

/** A number or an expression of the sizes, or a list of these; all else is as it is. */
function valueIn(value: TinyValue, scope: Scope): unknown {
  if (typeof value === "string") return checkHalf(value, evaluateAny(value, scope, parseInfix), scope);
  return Array.isArray(value) ? value.map((one) => valueIn(one, scope)) : value;
}

/** @throws RangeError naming the size of which a family needs the half, if it is odd. */
function checkHalf(expression: string, value: unknown, scope: Scope): unknown {
  const [, size] = /^(\w+) \/ 2$/.exec(expression) ?? [];
  if (size === undefined || Number.isInteger(value)) return value;
  throw wrongValue(size, "an even number, of which this family needs the half", scope.number(size));
}

/** A config with small sizes; what is not a size stays. */
function shrunk(config: JsonObject, file: ArchitectureFile, scope: Scope, families: Families): JsonObject {
  const small = smallFields(file, scope, families);
  const aliases = Object.entries(file.fields).flatMap(([name, field]) =>
    typeof field === "object" && field.alias !== undefined ? [[field.alias, name] as const] : [],
  );
  const kept = Object.entries(config).filter(([name]) => !DROPPED.has(name));
  const layers = layersOf(config);
  const own = Object.fromEntries(kept.map(([name, value]) => [name, cut(name, value, layers, scope)]));
  for (const [alias, name] of aliases) if (alias in own && name in small) own[alias] = small[name];
  for (const [name, value] of Object.entries(small)) {
    if (name in own ? !(TOKENS.has(name) && isToken(own[name], scope)) : !TOKENS.has(name)) own[name] = value;
  }
  return own;
}

/** Fields that say how large tensors are stored, or of which layers, and fit no small model. */
const DROPPED = new Set(["quantization_config", "compression_config", "rope_scaling", "transformers_version"]);

const isToken = (value: unknown, scope: Scope): boolean =>
  value === null || (Number.isSafeInteger(value) && (value as number) < scope.number("vocabulary"));

const LAYERS = (Object.entries(DATA.fields).find(([, value]) => value === "layers") as [string, unknown])[0].split(" ");

const layersOf = (config: JsonObject): unknown =>
  LAYERS.map((name) => config[name]).find((value) => value !== undefined);

/** A list with one value for each layer has as many as there are now. */
function cut(name: string, value: unknown, layers: unknown, scope: Scope): unknown {
  if (!Array.isArray(value) || FIELDS.has(name) || value.length !== layers) return value;
  return value.slice(0, scope.number("layers"));
}
