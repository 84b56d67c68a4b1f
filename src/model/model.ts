/** A whole model: its tensors, named and shaped as the reference implementation writes them, before and after planning. */
import { wrongType } from "../check.js";
import type { ModelDistribution } from "../computed/computed.js";
import type { ModelScheme } from "../computed/options.js";
import type { DType } from "../dtype.js";
import type { Fans, Layout, Placement } from "../scheme/fans.js";
import type { SplitAxis } from "../scheme/options.js";
import { checkShape } from "../shape.js";
import type { ElementType } from "./element.js";

/**
 * What a tensor is for:
 * - `weight`: a weight of an inner layer,
 * - `bias`: added to the output of a layer, or of a normalization,
 * - `embedding`: a table of vectors, or the layer that makes vectors of patches,
 * - `normalization`: the scale of a normalization,
 * - `residual`: the last weight of a residual branch, whose output is added to the residual signal,
 * - `router`: chooses the experts of a token,
 * - `head`: makes the outputs of the model,
 * - `buffer`: a state that is not trained.
 */
export type Role = "weight" | "bias" | "embedding" | "normalization" | "residual" | "router" | "head" | "buffer";
export const ROLES: readonly Role[] = [
  ...(["weight", "bias", "embedding", "normalization"] as const),
  ...(["residual", "router", "head", "buffer"] as const),
];

/** A tensor of a model: its name, its shape, and what is known about its use. */
export interface ModelTensor {
  /** Unique in the model. It also chooses the tensor's random stream. */
  readonly name: string;
  /** Lengths of the axes; the elements are row-major. */
  readonly shape: readonly number[];
  /** What it is for. Absent if the model comes from a file or a list that does not say it. */
  readonly role?: Role | undefined;
  /** Which axes are inputs and which are outputs: `oi` in PyTorch's linear layers, `io` in GPT-2's Conv1D. */
  readonly layout?: Layout | undefined;
  /** Where the fans are, if `layout` alone does not say it: a depthwise, grouped, transposed or strided convolution, a part of a layer. */
  readonly placement?: Placement | undefined;
  /** Where a packed tensor, such as query, key and value in one, is split. */
  readonly packed?: SplitAxis | undefined;
  /** Its element type, if the model fixes one. */
  readonly dtype?: ElementType | undefined;
  /** Its type in the file it comes from, if that is one which cannot be drawn, such as F8_E4M3. */
  readonly storedType?: string | undefined;
  /** A scheme of its own, used if no plan is given. */
  readonly scheme?: ModelScheme | undefined;
  /** In place of a scheme: the name of the tensor whose values it has, used if no plan is given. */
  readonly copyOf?: string | undefined;
  /** In place of a scheme: how it is made from another tensor, used if no plan is given. */
  readonly madeFrom?: MadeFrom | undefined;
  /** In a model with names in memory, of a tensor that is saved otherwise: what it consists of, one after the other. */
  readonly slices?: readonly SavedSlice[] | undefined;
}

/** Elements [begin, end) of a tensor as it is saved. */
export interface SavedSlice {
  /** Of the saved tensor. */
  readonly name: string;
  /** The index of the first element, of the flat tensor. */
  readonly begin: number;
  /** The index after the last one. */
  readonly end: number;
}

/** A slice of a planned tensor. */
export interface PlannedSlice extends SavedSlice {
  /** The saved tensor, from whose stream the slice is drawn. */
  readonly tensor: PlannedTensor;
}

/**
 * How names in memory differ from those that are saved: by parts of names, between dots. The key is the part in memory. Its
 * value is the part that is saved, or a list of parts whose tensors are joined and stacked by the number that `*` stands for,
 * or one of several equal parts of a saved tensor. The first match counts, and renames follow each other in this order.
 */
export type MemoryNames = Readonly<Record<string, string | readonly string[] | MemoryChunk>>;

/** A tensor in memory that is one of several equal parts, along the first axis, of a saved one. */
export interface MemoryChunk {
  /** Part of the saved name. */
  readonly of: string;
  /** Which of them, from 0. */
  readonly part: number;
  /** How many there are. */
  readonly parts: number;
}

/** How a tensor is made from another one: its values times a number, or the norms of its slices along an axis. */
export type MadeFrom =
  | {
      /** The name of the other tensor, of the same shape. */
      readonly copy: string;
      readonly scale: number;
    }
  | {
      /** The name of the other tensor. */
      readonly norms: string;
      /** The axis that is kept; all others are summed over. Negative axes count from the end. */
      readonly axis: number;
    };

/** What a tensor is made from, and how: `copy` without a scale has the very values. */
export type From = MadeFrom | { readonly copy: string };

/** A model: its tensors, and what its config says about them. */
export interface Model {
  /** The `model_type` of its config, or the name of its file. */
  readonly name: string;
  /** The `model_type` of its config. Absent if no config describes it. */
  readonly modelType?: string | undefined;
  /** In the order of the checkpoint file. */
  readonly tensors: readonly ModelTensor[];
  /** The numbers of its config, and its lists of numbers, by name, which the expressions of a plan can use. */
  readonly variables: Readonly<Record<string, number | readonly number[]>>;
  /**
   * Tied tensors: each of these names shares the values of another tensor. They are in `tensors` only if they come from a
   * file that stores them a second time; then they are copies, whatever scheme a plan has for them.
   */
  readonly tied: Readonly<Record<string, string>>;
  /** The element type that the config asks for. */
  readonly dtype?: DType | undefined;
  /** How the reference implementation initializes the model. */
  readonly plan?: Plan | undefined;
  /** How the reference implementation's names in memory differ from those that it saves; absent where they do not. */
  readonly memory?: MemoryNames | undefined;
  /** The model as it is saved, if the names of this one are those in memory (`modelOf(config, { names: "memory" })`). */
  readonly saved?: Model | undefined;
  /** Fields of its config that are not known. They were ignored, and might change tensors. Absent if there are none. */
  readonly unknownFields?: readonly string[] | undefined;
}

/**
 * A rule of a plan: the tensors that it matches, and their scheme or the tensor that they copy: either `scheme` or `copy` is
 * given. A tensor matches if all of `match`, `regex`, `role` and `rank` that are given hold; at least one must be given. The
 * options of the scheme are keys of the rule.
 */
export interface PlanRule {
  /** A glob that matches the whole name: `*` stands for any characters, dots included, and `?` for one. */
  readonly match?: string | undefined;
  /**
   * A regular expression (flag `u`) that matches anywhere in the name. Its named groups are numbers that expressions can
   * use: with `h\.(?<layer>\d+)`, `layer` is the number of the layer.
   */
  readonly regex?: string | undefined;
  /** What the tensor is for: one of the values of `Role`. */
  readonly role?: string | undefined;
  /** The number of axes. */
  readonly rank?: number | undefined;
  /** Whether the rule may decide no tensor; otherwise that is an error. Default false. */
  readonly optional?: boolean | undefined;
  /** Ignored, but for a rule that refuses: its error says it. */
  readonly comment?: string | undefined;
  /** The name of a scheme, "skip" to leave the tensors out, or "refuse" if a rule before this one must decide them. */
  readonly scheme?: string | undefined;
  /**
   * The name of the tensor whose values the matching tensor has. It must be drawn itself, with the same shape and element
   * type. `{group}` stands for the text of a named group of `regex`.
   */
  readonly copy?: string | undefined;
  /** What the values of the copy are multiplied by. Default: they are the same. */
  readonly scale?: number | string | undefined;
  /**
   * The name of the tensor of whose slices along `axis` the matching tensor has the norms, as weight normalization needs
   * them. Names as for `copy`; the matching tensor has the length 1 on all other axes.
   */
  readonly norms?: string | undefined;
  /**
   * Options of the scheme. Any number may be an expression of the config's numbers, `"0.02 / sqrt(2 * n_layer)"`, and of
   * `rows`, the length of the tensor's first axis.
   */
  readonly [option: string]: unknown;
}

/** The rules that decide which scheme each tensor of a model starts from. The first rule that matches a tensor decides. */
export interface Plan {
  /** In order of precedence. */
  readonly rules: readonly PlanRule[];
}

/** A tensor whose scheme is decided. */
export interface PlannedTensor extends ModelTensor {
  /** The scheme, all of its options being numbers and words; of a copy, the scheme of what it copies. */
  readonly scheme: ModelScheme;
  /** What the scheme draws from for this shape, or how it computes the values. */
  readonly distribution: ModelDistribution;
  /** The name of the tensor whose values it has, and from whose stream it is drawn. Absent unless it is a copy. */
  readonly copyOf?: string | undefined;
  /** Its slices, with the planned tensors that they belong to. */
  readonly plannedSlices?: readonly PlannedSlice[] | undefined;
  /** The fans that the scheme depends on, of each part of a split; null where it depends on none. */
  readonly fans: readonly (Fans | null)[];
  /** The index of the rule that decided. Absent if the scheme is the tensor's own. */
  readonly rule?: number | undefined;
}

/** A model whose tensors all have a scheme. */
export interface PlannedModel extends Model {
  /** In the order of the checkpoint file. */
  readonly tensors: readonly PlannedTensor[];
}

/** The most tensors of a model that a config or a list asks for, since it may ask for more than memory holds. */
export const MOST_TENSORS = 200_000;

/** @throws TypeError unless a model has a list of tensors. */
export function checkModel(model: { readonly tensors: readonly ModelTensor[] }): void {
  const tensors: unknown = model?.tensors;
  if (Array.isArray(tensors) && tensors.every((tensor) => typeof tensor === "object" && tensor !== null)) return;
  throw wrongType("model", "a model from modelOf or modelOfShapes", model);
}

/** @throws RangeError for a model with names in memory. */
export function checkSaved({ saved }: { readonly saved?: unknown }): void {
  if (saved === undefined) return;
  throw new RangeError('model: expected the names that are saved, as files have them; got { names: "memory" }');
}

/**
 * The number of parameters: the elements of all tensors together, without buffers and copies, as model cards count them.
 *
 * @param model a model, planned or not.
 * @throws TypeError for what is not a model; TypeError, RangeError naming `shape`.
 * @example
 * ```js
 * import { modelOf, parametersOf } from "nn-init/model";
 *
 * const gpt2 = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
 * console.log(parametersOf(modelOf(gpt2))); // 124439808
 * ```
 */
export function parametersOf(model: { readonly tensors: readonly ModelTensor[] }): number {
  checkModel(model);
  const counted = model.tensors.filter(({ role, copyOf }) => role !== "buffer" && copyOf === undefined);
  return counted.reduce((sum, { shape }) => sum + checkShape(shape), 0);
}
