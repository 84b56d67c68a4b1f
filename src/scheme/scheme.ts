/**
 * Schemes: named ways to choose a distribution from a shape. A scheme is plain data, the same in code and in JSON:
 * `JSON.stringify(normal({ std: 0.02 }))` is `{"scheme":"normal","std":0.02}`. Here they are made, read and resolved.
 */
import { checkOneOf, checkOptions, wrongType, wrongValue } from "../check.js";
import type { Distribution } from "../distribution.js";
import { checkShape } from "../shape.js";
import { type Derivation, deriveUnsplit } from "./derive.js";
import type { Layout } from "./fans.js";
import { type AnyFormula, checkFormula, FORMULAS } from "./formula.js";
import type { OptionsOf, Scheme, SchemeName, SchemeOf, UnsplitScheme } from "./options.js";
import { checkSplit, deriveSplit, SPLIT_KEYS } from "./split.js";

const formulaOf = (name: SchemeName): AnyFormula | undefined =>
  (FORMULAS as { readonly [Name in SchemeName]?: AnyFormula })[name];

export const SCHEME_NAMES = [...Object.keys(FORMULAS), "split"] as readonly SchemeName[];

/** The option names of a scheme. */
export const optionsOf = (name: SchemeName): readonly string[] => formulaOf(name)?.keys ?? SPLIT_KEYS;

/** The layout that a scheme assumes when it is given none. */
export function defaultLayout(name: SchemeName): Layout {
  const formula = formulaOf(name);
  return (formula !== undefined && "layout" in formula ? formula.layout : undefined) ?? "io";
}

/** The schemes that were made without options: frozen, with nothing inside that could change, so one of each name is enough. */
const plain: { [Name in SchemeName]?: Scheme } = {};

/** A checked scheme of a name; options that are undefined count as not given. */
export function make<Name extends SchemeName>(name: Name, options?: OptionsOf[Name]): SchemeOf<Name> {
  if (options === undefined) {
    plain[name] ??= make(name, {} as never) as never;
    return plain[name] as never;
  }
  checkOptions("options", options, optionsOf(name));
  const given: Record<string, unknown> = { scheme: name, ...options };
  for (const key in given) if (given[key] === undefined) delete given[key];
  const made = Object.freeze(given) as unknown as SchemeOf<Name>;
  if (name === "split") checkSplit(made as SchemeOf<"split">, readPart);
  else checkFormula(formulaOf(name) as AnyFormula, made as never);
  return made;
}

/**
 * Reads a scheme from its JSON form, with the same checks as its constructor. A name alone stands for the scheme with
 * default options.
 *
 * @param json an object such as `{ scheme: "normal", std: 0.02 }`, or a name such as "heNormal".
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { scheme } from "nn-init";
 *
 * console.log(scheme({ scheme: "normal", std: 0.02 }), scheme("heNormal")); // { scheme: 'normal', std: 0.02 } { scheme: 'heNormal' }
 * ```
 */
export function scheme(json: unknown): Scheme {
  const { name, options } = read(json);
  return make(name, options as never) as Scheme;
}

/** The name and the options of a scheme, each read once. */
function read(json: unknown): { readonly name: SchemeName; readonly options: object } {
  if (typeof json === "string") return read({ scheme: json });
  if (typeof json !== "object" || json === null || !("scheme" in json)) {
    const more = typeof json === "function" ? "; call the function" : ' or { "scheme": "normal", "std": 0.02 }';
    throw wrongType("scheme", `a scheme such as heNormal()${more}`, json);
  }
  const { scheme: name, ...options } = json;
  return { name: checkOneOf("scheme", name, SCHEME_NAMES), options };
}

/** Reads the scheme of a part. A split is refused before its own parts are read, however deep they are nested. */
function readPart(json: unknown): UnsplitScheme {
  const { name, options } = read(json);
  if (name === "split") throw wrongValue("of", "schemes that are not splits themselves", name);
  return make(name, options as never) as UnsplitScheme;
}

/**
 * The distribution that a scheme draws from for a shape. It is plain data, and `init` and `fill` can draw it.
 *
 * @param shape lengths of the axes; [] is a scalar.
 * @param scheme a scheme, or the name of a scheme that needs no options.
 * @throws TypeError, RangeError naming the option, or `shape` if the scheme cannot have that shape.
 * @example
 * ```js
 * import { lecunUniform, resolve } from "nn-init";
 *
 * console.log(resolve([300, 10], lecunUniform())); // { kind: 'uniform', low: -0.1, high: 0.1 }
 * ```
 */
export const resolve = (shape: readonly number[], scheme: Scheme | SchemeName): Distribution =>
  derive(shape, scheme).distribution;

let last: { readonly scheme?: unknown; readonly shape: readonly number[]; readonly found?: Distribution } = {
  shape: [-1],
};

/** As `resolve`, for a checked shape and a caller that changes nothing of the result: the last one of a plain scheme is kept. */
export function resolveKept(shape: readonly number[], scheme: Scheme | SchemeName): Distribution {
  const isLast = last.scheme === scheme && last.shape.length === shape.length;
  if (isLast && last.shape.every((length, axis) => length === shape[axis])) return last.found as Distribution;
  const found = resolve(shape, scheme);
  if (plain[(scheme as Scheme).scheme] === scheme) last = { scheme, shape: [...shape], found };
  return found;
}

/** The distribution of a scheme, and where it comes from. */
export function derive(shape: readonly number[], given: Scheme | SchemeName): Derivation {
  checkShape(shape);
  if (!("scheme" in Object(given))) return derive(shape, scheme(given));
  const checked = { ...(given as Scheme) }; // each option is read once
  checkOneOf("scheme", checked.scheme, SCHEME_NAMES);
  checkOptions("scheme", checked, ["scheme", ...optionsOf(checked.scheme)]);
  if (checked.scheme !== "split") return deriveUnsplit(shape, checked);
  return deriveSplit(shape, checked, checkSplit(checked, readPart));
}
