/** What llama.cpp calls the tensors and the numbers of each family of models: the data of families.json, read for a config. */
import { inFull, mergePatch } from "../../architecture/extend.js";
import { type JsonObject, readFields } from "../../architecture/field.js";
import type { ArchitectureFile, Expression, Template } from "../../architecture/file.js";
import { builtIn, familyOf } from "../../architecture/known.js";
import type { Scope } from "../../architecture/scope.js";
import { show } from "../../check.js";
import { parseInfix } from "../../model/infix.js";
import { perhaps } from "../../spelling.js";
import type { ValueChange } from "../convert.js";
import FILE from "./families.json" with { type: "json" };
import type { ScalarType } from "./writer.js";

/** A value of the metadata: an expression by its type, or text. */
export type MetadataSpec = Readonly<Partial<Record<Exclude<ScalarType, "string">, Expression>>> & {
  readonly string?: Template;
  /** The condition under which it is written. */
  readonly if?: Expression;
};

/** Where a tensor of the model goes, and what it becomes on the way. */
export interface TensorSpec {
  /** Its name in the file. Tensors of one name are stacked, in the order of the last counter. */
  readonly to: Template;
  /** Its axes, split, and their order; -1 is what is left. The shape stays. */
  readonly split?: readonly Expression[];
  readonly order?: readonly number[];
  /** Whether the two axes of a matrix change places. */
  readonly transpose?: boolean;
  /** Another shape of as many elements; -1 is what is left. */
  readonly shape?: readonly Expression[];
  /** Of a stack of matrices: the first or the second half of the rows of each, which becomes a stack. */
  readonly half?: 0 | 1;
  readonly apply?: ValueChange;
  /** Whether llama.cpp computes with it in f32, whatever the dtype of the others. */
  readonly f32?: boolean;
  /** Another name under which a tied tensor is stored again, if the model has no tensor of that name. */
  readonly head?: string;
}

/** A tensor that the model does not have: of numbers that follow from the config. */
export interface ExtraSpec {
  readonly if?: Expression;
  readonly length: Expression;
  readonly let?: Readonly<Record<string, Expression>>;
  /** The element `i`. */
  readonly value: Expression;
}

/** What families.json says of a family. */
export interface GgufMapping {
  /** What llama.cpp calls the architecture. */
  readonly architecture: string;
  readonly fields: ArchitectureFile["fields"];
  readonly let: ArchitectureFile["let"];
  readonly checks: ArchitectureFile["checks"];
  readonly metadata: Readonly<Record<string, MetadataSpec>>;
  readonly tensors: Readonly<Record<Template, Template | TensorSpec | readonly TensorSpec[]>>;
  readonly extras: Readonly<Record<string, ExtraSpec>>;
}

interface PartialMapping extends Partial<GgufMapping> {
  readonly extends?: string;
}

const ALL: Readonly<Record<string, PartialMapping>> = FILE as object as Record<string, PartialMapping>;

const EMPTY = { fields: {}, let: {}, checks: {}, metadata: {}, tensors: {}, extras: {} };

/** With all that it extends. */
function wholeMapping(name: string): GgufMapping {
  const { extends: base, ...own } = ALL[name] as PartialMapping;
  const below = base === undefined ? EMPTY : wholeMapping(base);
  return mergePatch(below, own, `${name}.`) as GgufMapping;
}

/** Values of `model_type` whose causal language models can be a GGUF file. */
export const GGUF_FAMILIES: readonly string[] = Object.keys(ALL)
  .filter((name) => builtIn().has(name))
  .sort();

/** A mapping, and the values of the config that it uses. */
interface ReadMapping {
  readonly mapping: GgufMapping;
  readonly scope: Scope;
}

/**
 * The mapping for a config.
 *
 * @throws TypeError, RangeError for a family, a class or a field that llama.cpp does not have.
 */
export function mappingOf(config: object): ReadMapping {
  const type = String((config as JsonObject).model_type);
  if (!Object.hasOwn(ALL, type) || !builtIn().has(type)) throw unknownFamily(type);
  const file = familyOf(type);
  const mapping = wholeMapping(type);
  const read = readFields(
    {
      ...file,
      fields: mergePatch(inFull(file.fields), mapping.fields, "fields.") as ArchitectureFile["fields"],
      let: { ...file.let, ...mapping.let },
      checks: { ...file.checks, ...mapping.checks },
    },
    withRope(config as JsonObject),
    familyOf,
    parseInfix,
  );
  if (read.class === file.default) return { mapping, scope: read.scope };
  const expected = `${[file.class].flat()[0]}${file.default}`;
  throw new RangeError(
    `architectures[0]: expected ${show(expected)}, the class that llama.cpp reads, got ${show(`${[file.class].flat()[0]}${read.class}`)}`,
  );
}

const unknownFamily = (type: string): Error =>
  new RangeError(
    `format gguf: expected a model of one of the families ${GGUF_FAMILIES.join(", ")}${perhaps(type, GGUF_FAMILIES)}, ` +
      `got ${show(type)}; --format safetensors holds any model`,
  );

const objectOf = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null ? (value as JsonObject) : {};

/** The numbers of rotary positions under one set of names: configs have them in `rope_parameters`, older ones elsewhere. */
function withRope(config: JsonObject): JsonObject {
  const own = objectOf(config.rope_parameters ?? config.rope_scaling);
  const full = objectOf(own.full_attention ?? own);
  const local = objectOf(own.sliding_attention);
  const localType = local.rope_type === "default" ? undefined : local.rope_type;
  const found = {
    type: localType ?? full.rope_type ?? full.type,
    theta: full.rope_theta ?? config.rope_theta ?? config.rotary_emb_base,
    local_theta: local.rope_theta ?? config.rope_local_base_freq,
    partial: full.partial_rotary_factor ?? config.partial_rotary_factor ?? config.rotary_pct,
    factor: full.factor,
    low_freq_factor: full.low_freq_factor,
    high_freq_factor: full.high_freq_factor,
    original_max_position_embeddings: full.original_max_position_embeddings,
  };
  const named = Object.entries(found).filter(([, value]) => value !== undefined && value !== null);
  return { ...config, ...Object.fromEntries(named.map(([name, value]) => [`rope.${name}`, value])) };
}
