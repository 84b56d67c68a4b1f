/** Plans with names: initializations of training code, and the one of transformers for models that are not known. */
import { checkOneOf, wrongType } from "../check.js";
import { evaluateInfix, parseInfix } from "../model/infix.js";
import type { Model, Plan, PlanRule, Role } from "../model/model.js";
import { compileRegex } from "../model/regex.js";
import type { ConditionalRule } from "./file.js";
import deepseek from "./plans/deepseek.json" with { type: "json" };
import gptNeox from "./plans/gpt-neox.json" with { type: "json" };
import litgpt from "./plans/litgpt.json" with { type: "json" };
import megatron from "./plans/megatron.json" with { type: "json" };
import mesh from "./plans/mesh-t5.json" with { type: "json" };
import olmoMitchell from "./plans/olmo-mitchell.json" with { type: "json" };
import olmoNormal from "./plans/olmo-normal.json" with { type: "json" };
import titan from "./plans/torchtitan-llama3.json" with { type: "json" };
import titanGlobal from "./plans/torchtitan-llama3-global.json" with { type: "json" };
import transformers from "./plans/transformers.json" with { type: "json" };
import types from "./plans/transformers.types.json" with { type: "json" };
import { planWhere } from "./rules.js";

/** A plan that has a name. */
export interface NamedPlan {
  /** What `namedPlan` takes; the command writes an @ before it. */
  readonly name: string;
  /** The models that it is for, in words. */
  readonly models: string;
  /** Where it is from: code with its version, or a paper. */
  readonly source: string;
}

interface PlanFile extends NamedPlan {
  readonly rules: readonly ConditionalRule[];
}

const ALL: readonly unknown[] = [
  deepseek,
  gptNeox,
  litgpt,
  megatron,
  mesh,
  olmoMitchell,
  olmoNormal,
  titan,
  titanGlobal,
  transformers,
];
const FILES = new Map((ALL as readonly PlanFile[]).map((file) => [file.name, file]));

/** The plans that have names: what each is called, which models it is for, and where it is from. */
export const NAMED_PLANS: readonly NamedPlan[] = [...FILES.values()].map(({ name, models, source }) => ({
  ...{ name, models, source },
}));

/**
 * A plan by its name, for a model: an initialization of training code or of a paper, where it differs from that of
 * transformers; or `transformers`, for models that `modelOf` does not know. docs/models.md lists them with their sources.
 *
 * @param name such as `torchtitan/llama3`; the command writes it as `--plan @torchtitan/llama3`.
 * @param model whose numbers the plan uses. `transformers` also needs its `modelType`, and roles.
 * @throws RangeError for a name that no plan has, an expression without a value.
 * @example
 * ```js
 * import { modelOf, namedPlan, planModel } from "nn-init/model";
 *
 * const sizes = { hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4, vocab_size: 100 };
 * const model = modelOf({ model_type: "llama", ...sizes });
 * const planned = planModel(model, namedPlan("torchtitan/llama3", model));
 * console.log(planned.tensors[0]?.name, JSON.stringify(planned.tensors[0]?.scheme)); // lm_head.weight {"scheme":"truncatedNormal","std":0.125,"low":-3,"high":3}
 * ```
 */
export function namedPlan(name: string, model: Model): Plan {
  if (typeof name !== "string") throw wrongType("name", "the name of a plan", name);
  const file = FILES.get(checkOneOf("plan", name, [...FILES.keys()])) as PlanFile;
  const refusals = file.name === "transformers" ? refusalsOf(model) : [];
  const holds = (condition: ConditionalRule["if"]) =>
    condition === undefined || evaluateInfix(String(condition), model.variables) !== 0;
  return planWhere([...refusals, ...file.rules], holds, parseInfix, compileRegex);
}

/**
 * Types of models whose tensors were compared with the library: those that start as the plan says, and, by what they draw in
 * another way, all others. By scripts/coverage.mjs.
 */
const { same, own } = types as { readonly same: string; readonly own: Readonly<Record<string, string>> };
const TESTED = new Set([same, ...Object.values(own)].flatMap((list) => list.split(" ")));

/** Whether the plan `transformers` was compared with the library for a model's type. */
export const isTested = ({ modelType = "" }: Model): boolean => TESTED.has(modelType);

/** Rules that refuse the tensors that a type is known to draw in another way. */
function refusalsOf({ modelType, variables }: Model): readonly PlanRule[] {
  if (modelType === undefined) {
    throw new RangeError(
      "plan @transformers: expected a config, for its initializer_range and pad_token_id, got none; give --config config.json",
    );
  }
  const found = Object.entries(own).find(([, list]) => list.split(" ").includes(modelType));
  const comment = `${modelType} has an initialization of its own for it`;
  const refusals = (found?.[0].split(" ") ?? []).map((which) => {
    const criterion = which.startsWith("role:") ? { role: which.slice("role:".length) } : { match: which };
    return { ...criterion, scheme: "refuse" as const, comment };
  });
  const { weight_std: std, weight_stds_differ: differ } = variables;
  return std === undefined && differ === undefined ? [...refusals, ...refusedFamily(modelType)] : refusals;
}

/** Rules that refuse all weights of a built-in family: its own plan decides them. */
const refusedFamily = (modelType: string): readonly PlanRule[] =>
  ["weight", "embedding", "head"].map((role) => ({
    ...{ role: role as Role, scheme: "refuse" },
    comment: `${modelType} is known, and has a plan of its own: leave @transformers out, or give what nn-init plan CONFIG --print prints in its place`,
  }));
