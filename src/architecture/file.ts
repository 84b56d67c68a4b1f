/**
 * Architecture files: a family of models as data. Which fields its config has, which tensors follow, which of them are tied,
 * and the plan of its reference implementation. docs/architectures.md explains them; grammar.ts checks those of a user.
 */
import type { MemoryNames, PlanRule, Role } from "../model/model.js";

/** A number, or an expression of the config's values (model/expression.ts). A condition holds unless it is 0. */
export type Expression = number | string;

/** Text with expressions in braces: `layers.{layer}`. */
export type Template = string;

/** What a field of a config can hold. The lengths of axes and counts of layers are `length`s. */
export const FIELD_TYPES = [
  ...(["length", "count", "number", "std", "flag", "word", "token"] as const),
  ...(["lengths", "counts", "words", "size", "config"] as const),
];

export type FieldType = (typeof FIELD_TYPES)[number];

export interface FieldSpec {
  readonly type: FieldType;
  /** What an absent field means: a number, true or false, an expression, or (of a word) a word. Without it, it is required. */
  readonly default?: Expression | boolean | undefined;
  /** Whether the field may be absent, or null, without a default. Then `has(field)` is 0. */
  readonly optional?: boolean | undefined;
  /** Whether the field may be null. Null means the default, or nothing if the field is optional; or the value given here. */
  readonly null?: Expression | boolean | undefined;
  /** Whether the word "auto" means what an absent field means. */
  readonly auto?: boolean | undefined;
  /** Another name that the reference implementation reads. */
  readonly alias?: string | undefined;
  /**
   * How many values there are, such as one for each level. The config has a list of this length, or one value for all; the
   * value in expressions is the list. If the type is one of a list, each item is a list, or one value in place of it.
   */
  readonly each?: Expression | undefined;
  /** The words that it can be. */
  readonly choices?: readonly string[] | undefined;
  /** What is expected, for the error message. */
  readonly expected?: string | undefined;
  /** Of a token: the number of rows of the table in which its row is 0. */
  readonly rows?: Expression | undefined;
  /** Of a nested config: the family that reads it. */
  readonly family?: string | undefined;
}

/** What must hold of a config besides the types of its fields. */
export interface CheckSpec {
  readonly for?: Readonly<Record<string, Expression>> | undefined;
  readonly if?: Expression | undefined;
  readonly that: Expression;
  /** The field to name where it does not hold. */
  readonly field: Template;
  readonly expected: Template;
}

interface EntrySpec {
  /** Its name below the group around it, if that is not its key. */
  readonly at?: Template | undefined;
  /** Names that count from 0, and how far: the entry is repeated for each, the last one fastest. */
  readonly for?: Readonly<Record<string, Expression>> | undefined;
  /** Whether it is there. Default: it is. */
  readonly if?: Expression | undefined;
  /** Names for expressions, inside of the entry. */
  readonly let?: Readonly<Record<string, Expression>> | undefined;
}

/** Layers, or groups of them, with a part of their names in common. */
export interface GroupSpec extends EntrySpec {
  /** By name: `self_attn.q_proj`, `layers.{layer}`; or the name of a group in `shared`. */
  readonly of: Entries | string;
}

/** The tensors that another family makes of a nested config. */
export interface NestedSpec extends EntrySpec {
  /** The field with the nested config. */
  readonly use: string;
}

/** A layer: one of the kinds of layers.ts, with its sizes. */
export interface LayerSpec extends EntrySpec {
  /** [in, out]: a weight [out, in]. */
  readonly linear?: readonly [Expression, Expression] | undefined;
  /** [in, out]: a weight [in, out]. */
  readonly conv1d?: readonly [Expression, Expression] | undefined;
  /** [in, out, ...kernel]: a weight [out, in / groups, ...kernel]. */
  readonly convolution?: readonly Expression[] | undefined;
  /** [count, width]. */
  readonly embedding?: readonly [Expression, Expression] | undefined;
  /** The width of a scale. */
  readonly rmsNorm?: Expression | undefined;
  /** The width of a scale and a bias. */
  readonly layerNorm?: Expression | undefined;
  readonly groupNorm?: Expression | undefined;
  readonly batchNorm?: Expression | undefined;
  /** The shape of a tensor that has the name of the layer. */
  readonly parameter?: readonly Expression[] | undefined;
  /** Whether it has a bias. Default 1. */
  readonly bias?: Expression | undefined;
  readonly groups?: Expression | undefined;
  /** Of the weight. Default: what its kind says. */
  readonly role?: Role | undefined;
  /** Where a packed weight is split: into so many equal parts, or parts of these lengths. */
  readonly packed?: { readonly axis: number; readonly parts: Expression | readonly Expression[] } | undefined;
  readonly dtype?: "i64" | undefined;
  /** The tensors that it shares with others, by `weight` and `bias`. */
  readonly tied?:
    | { readonly if?: Expression | undefined; readonly weight?: Template; readonly bias?: Template }
    | undefined;
}

export type Entries = Readonly<Record<string, GroupSpec | NestedSpec | LayerSpec>>;

/** A class of the reference implementation: the base model under a prefix, and its head. */
interface ClassSpec {
  /** What stands before the names of the base model. Default: that of the file. */
  readonly base?: string | undefined;
  readonly let?: Readonly<Record<string, Expression>> | undefined;
  /** Layers outside of the base model. */
  readonly tensors?: Entries | undefined;
}

/** A value of a small config: a number, an expression of sizes such as `width / heads`, a list of these, true, false or null. */
export type TinyValue = Expression | boolean | null | readonly TinyValue[];

/** A rule of a plan that is only there under a condition. */
export type ConditionalRule = PlanRule & { readonly if?: Expression };

/** An architecture file, whole: with all that it extends. */
export interface ArchitectureFile {
  readonly $schema?: string | undefined;
  readonly comment?: string | undefined;
  /** The `model_type` of its configs, or their `_class_name`. */
  readonly name: string;
  /** The family that it is like. Objects of this file are merged into those of that one; null removes a key. */
  readonly extends?: string | undefined;
  /** What the names of its classes begin with; or several, of which published configs have the others. */
  readonly class: string | readonly string[];
  /** What stands before the names of the base model in a class with a head. */
  readonly base: string;
  /** The class that a config without `architectures` means: what follows `class`. */
  readonly default: string;
  readonly fields: Readonly<Record<string, FieldSpec | FieldType>>;
  /** Fields that change no tensor, by the reason why, with spaces between them. */
  readonly harmless: Readonly<Record<string, string>>;
  /** Fields that change tensors in a way that the file does not describe, by the reason. A config can only have them off. */
  readonly refused: Readonly<Record<string, string>>;
  readonly let: Readonly<Record<string, Expression>>;
  readonly checks: Readonly<Record<string, CheckSpec>>;
  /** Groups of layers that occur more than once, by a name that `of` can use. */
  readonly shared: Readonly<Record<string, Entries>>;
  /** The base model: its layers, by name. */
  readonly tensors: Entries;
  /** Layers outside of the base model, which have no prefix, of several classes. */
  readonly heads: Entries;
  /** By what follows `class` in their names. */
  readonly classes: Readonly<Record<string, ClassSpec>>;
  readonly plan: { readonly rules: readonly ConditionalRule[] };
  /** Fields of a small config of the family, besides those of tiny.json. */
  readonly tiny?: Readonly<Record<string, TinyValue>> | undefined;
  /** Names that the reference implementation holds in memory, where it saves other ones. */
  readonly memory: MemoryNames;
}
