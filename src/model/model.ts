/** A whole model: its tensors, named and shaped as the reference implementation writes them, before and after planning. */
import type { Distribution } from "../distribution.js";
import type { DType } from "../dtype.js";
import type { Layout } from "../scheme/fans.js";
import type { Scheme, SplitAxis } from "../scheme/options.js";
import { sizeOf } from "../shape.js";
import type { ElementType } from "./element.js";

/**
 * What a tensor is in its network: `residual` the last projection of a residual branch, `head` what makes the outputs,
 * `router` what chooses experts, `norm` the scale of a normalization, `buffer` a state that no gradient reaches.
 */
export type Role = "weight" | "bias" | "embedding" | "norm" | "residual" | "router" | "head" | "buffer";
export const ROLES: readonly Role[] = [
  ...(["weight", "bias", "embedding", "norm"] as const),
  ...(["residual", "router", "head", "buffer"] as const),
];

export interface ModelTensor {
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  /** Unknown of a file's tensor, when no config says it. */
  readonly role?: Role;
  /** Which axes are inputs and which outputs: a linear layer is `oi` in PyTorch, `io` in GPT-2's Conv1D. */
  readonly layout?: Layout;
  /** Of a tensor that is packed of several, such as query, key and value. */
  readonly packed?: SplitAxis;
  /** Where the model does not leave it to the caller. */
  readonly dtype?: ElementType;
  /** The type in its file, where that is one that is not drawn, such as F8_E4M3: another has to be asked for. */
  readonly storedType?: string;
  /** Its own, used where no plan is given. */
  readonly scheme?: Scheme;
}

export interface Model {
  readonly name: string;
  /** In the order of the file. */
  readonly tensors: readonly ModelTensor[];
  /** Numbers of its config, by which a plan may compute. */
  readonly variables: Readonly<Record<string, number>>;
  /** Names that stand for another tensor's values, which are there once. */
  readonly tied: Readonly<Record<string, string>>;
  /** What the config asks for. */
  readonly dtype?: DType;
  /** The reference implementation's. */
  readonly plan?: Plan;
}

/** One rule: which tensors, by all that is given of `match`, `regex`, `role` and `rank`, and their scheme's name and options. */
export interface PlanRule {
  /** A glob over the whole name; `*` stands for any letters, dots too, and `?` for one. */
  readonly match?: string;
  /** A regular expression, found anywhere in the name. What its named groups catch are numbers for expressions. */
  readonly regex?: string;
  readonly role?: string;
  /** The number of axes. */
  readonly rank?: number;
  /** Whether it may decide no tensor. Default false. */
  readonly optional?: boolean;
  readonly comment?: string;
  /** Or "skip": the tensors are left out. */
  readonly scheme: string;
  /** The scheme's; any number may be an expression: "0.02 / sqrt(2 * n_layer)". */
  readonly [option: string]: unknown;
}

export interface Plan {
  readonly rules: readonly PlanRule[];
}

/** A tensor of which it is decided what it starts from. */
export interface PlannedTensor extends ModelTensor {
  readonly scheme: Scheme;
  /** What the scheme draws from for this shape. */
  readonly distribution: Distribution;
  /** The index of the rule that decided; none where the tensor had a scheme of its own. */
  readonly rule?: number;
}

export interface PlannedModel extends Model {
  readonly tensors: readonly PlannedTensor[];
}

/** Elements of all its tensors together, but for buffers, as parameters are counted everywhere. */
export const parametersOf = ({ tensors }: { readonly tensors: readonly ModelTensor[] }): number =>
  tensors.reduce((sum, { shape, role }) => (role === "buffer" ? sum : sum + sizeOf(shape)), 0);
