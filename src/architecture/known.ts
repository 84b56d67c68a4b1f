/** A model from a config of a family that is built in, whichever it is. */
import { clipped, show } from "../check.js";
import { inInfix, parseInfix } from "../model/infix.js";
import type { Model } from "../model/model.js";
import { nearest } from "../spelling.js";
import { ALL_FAMILIES } from "./builtin.js";
import { Families, type Notation } from "./families.js";
import type { JsonObject } from "./field.js";
import type { ArchitectureFile } from "./file.js";
import { modelIn, typeFieldOf } from "./lookup.js";

/** Expressions as people write them, in what is built in and in files of their own. */
export const INFIX: Notation = { parse: parseInfix, from: inInfix };

let all: Families | undefined; // not made when this file is loaded, so that bundles can leave it out

/** All families that are built in. */
export function builtIn(): Families {
  all ??= new Families(ALL_FAMILIES, INFIX);
  return all;
}

/** A built-in family, with all that it extends. */
export const familyOf = (name: string): ArchitectureFile => builtIn().whole(name);

/** The model of a config, by a family that is built in. */
export const knownModelOf = (given: unknown): Model => modelIn(builtIn(), given, unknownType);

/** The error for a config of a type that no family has: what else can be done. */
export function unknownType(config: JsonObject, names: readonly string[]): Error {
  const field = typeFieldOf(config);
  const type = config[field];
  const near = typeof type === "string" ? nearestNames(type, names).map(show).join(" or ") : "";
  const perhaps = near === "" || isNamed(config.architectures) ? "" : ` (perhaps ${near})`;
  const got = type === undefined ? "nothing" : show(type);
  const message = `${field}: expected one of the ${names.length} types that nn-init knows${perhaps}, got ${got}`;
  const edit = near === "" ? "" : `\n- if its tensors are those of ${near}, edit ${field}`;
  return new (typeof type === "string" ? RangeError : TypeError)(clipped(`${message}\n${LISTED}${edit}${WAY_OUT}`));
}

/** The names that are near to one: at most three, the nearest first. */
function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const found: string[] = [];
  while (found.length < MOST_NEAREST) {
    const next = nearest(
      name,
      names.filter((one) => !found.includes(one)),
    );
    if (next === undefined) break;
    found.push(next);
  }
  return found;
}

const MOST_NEAREST = 3;

/** Whether a config names the class that saved it: then its type is no misspelling. */
const isNamed = (architectures: unknown): boolean => Array.isArray(architectures) && architectures.length > 0;

const LISTED = '"nn-init models" and docs/models.md list all. For a model of another type, do one of these:';

const WAY_OUT = `
- describe its family in a file (docs/architectures.md): "nn-init init config.json --architecture family.json"
- give a checkpoint of it and a plan: "nn-init init folder --plan @transformers", or a plan of your own
- give a checkpoint of it and one scheme for all weights: "nn-init init model.safetensors --scheme normal --std 0.02"
- give a list of its tensors, with their shapes and schemes: modelOfShapes, or a file "shapes.json"`;
