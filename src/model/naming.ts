/**
 * What the names of tensors say, where no config describes a model: roles, by the words that PyTorch, Flax and Keras use for
 * parts of a module. A name that could mean two things says nothing.
 */
import type { ModelTensor, Role } from "./model.js";

/** The end of a name, and the module before it: `layers.0.norm1` and `weight`. */
function partsOf(name: string): { readonly module: string; readonly last: string } {
  const plain = name.replace(/:\d+$/, ""); // Keras counts variables: `dense/kernel:0`
  const at = Math.max(plain.lastIndexOf("."), plain.lastIndexOf("/"));
  return { module: plain.slice(0, Math.max(at, 0)), last: plain.slice(at + 1) };
}

const lastOf = (module: string): string => partsOf(module).last;

/** A module that normalizes, by the last part of its name: `input_layernorm`, `ln_1`, `bn2`, `norm`. */
const NORMALIZATION = /norm(?!al)|(^|_)(ln|bn|gn)(_|\d|$)/i;
const EMBEDDING = /embed|^(wte|wpe)$/i;
const HEAD = /^lm_head$/;
const BUFFERS = ["running_mean", "running_var", "num_batches_tracked"];
/** What is added to the scores of experts to balance them, by a rule and not by gradients. */
const CORRECTION = /^(e_score_correction|expert)_bias$/;
/**
 * Scales, whose values are set from others: the norms of a weight; the second matrix of LoRA, which is 0; and T5's and BART's
 * table, of which only one has a row of padding.
 */
const OTHERWISE = /parametrizations|(^|[._/])lora_B([._/]|$)|(^|\.)shared\.weight$/;
/** A bias that no other bias is like: inverse softplus of a time step, a correction that is not trained. */
const OTHER_BIAS = /(^|_)dt(_proj)?$/;

const WEIGHT = /^(weight|kernel|weights|w)$|_weight$|(^|_)proj$|^weight_[ih]h_l\d+(_reverse)?$/i;
const BIAS = /^(bias|b|[qv]_bias|in_proj_bias|bias_[ih]h_l\d+(_reverse)?)$/;

function roleOf({ name, shape: { length: rank } }: ModelTensor, normalized: ReadonlySet<string>): Role | undefined {
  const { module, last } = partsOf(name);
  const owner = lastOf(module);
  if (BUFFERS.includes(last) || CORRECTION.test(last)) return "buffer";
  if (OTHERWISE.test(name)) return undefined;
  if (normalized.has(module) || NORMALIZATION.test(owner)) {
    if (/^(weight|gamma|scale)$/.test(last)) return rank > 0 ? "normalization" : undefined;
    if (/^(bias|beta)$/.test(last)) return rank > 0 ? "bias" : undefined;
    return undefined;
  }
  if (rank === 1) return BIAS.test(last) && !OTHER_BIAS.test(owner) ? "bias" : undefined;
  if (rank === 2 && /^(weight|embedding|embeddings)$/.test(last) && EMBEDDING.test(last === "weight" ? owner : last)) {
    return "embedding";
  }
  if (rank < 2 || !WEIGHT.test(last)) return undefined;
  return HEAD.test(owner) ? "head" : "weight";
}

/**
 * The modules that normalize, by what they have: a running variance, or a vector as weight and another one as bias, which no
 * other layer of the frameworks has.
 */
function normalizing(tensors: readonly ModelTensor[]): ReadonlySet<string> {
  const found = new Set<string>();
  const vectors = new Map<string, number>();
  for (const { name, shape } of tensors) {
    const { module, last } = partsOf(name);
    if (last === "running_var") found.add(module);
    if (module === "" || shape.length !== 1 || (last !== "weight" && last !== "bias")) continue;
    if (vectors.get(module) === shape[0]) found.add(module);
    vectors.set(module, shape[0] as number);
  }
  return found;
}

/**
 * The tensors with the roles that their names and ranks say, where they say one.
 *
 * @param tensors without a config that says their roles.
 */
export function withRoles(tensors: readonly ModelTensor[]): readonly ModelTensor[] {
  const normalized = normalizing(tensors);
  return tensors.map((tensor) => {
    const role = tensor.role ?? roleOf(tensor, normalized);
    return role === undefined ? tensor : { ...tensor, role };
  });
}
