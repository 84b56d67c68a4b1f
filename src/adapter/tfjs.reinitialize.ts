/** A model of TensorFlow.js, started again: all of its weights are decided first, and then drawn. */
import { checkBoolean, checkOneOf, checkOptions, show, wrongType, wrongValue } from "../check.js";
import type { Distribution } from "../distribution.js";
import { checkRoom } from "../engine/workspace.js";
import { checkDistribution } from "../given.js";
import type { Model, ModelTensor, PlannedModel } from "../model/model.js";
import { checkFits } from "../moments.js";
import { resolve } from "../scheme/scheme.js";
import { checkShape } from "../shape.js";
import { checkSeed, randomSeed } from "../stream.js";
import type { LayerVariable } from "./internals.js";
import type { Reinitialized, ReinitializedWeight, ReinitializeOptions, TensorFlowModel } from "./tensorflow.js";
import { byKeras, byOwn, byTorch, type Decide } from "./tfjs.defaults.js";
import { type Adapted, checkElements, inWeight, writeValues } from "./tfjs.initializer.js";
import { gatesOf, placementOf, roleOfWeight } from "./tfjs.layer.js";
import { type FoundWeight, variablesOf } from "./tfjs.walk.js";

const PLANS: Readonly<Record<string, Decide>> = { own: byOwn, keras: byKeras, torch: byTorch };

export function reinitializeBy(adapted: Adapted, model: TensorFlowModel, options: ReinitializeOptions): Reinitialized {
  checkOptions("options", options, ["seed", "plan", "frozen"]);
  const { seed = randomSeed(), plan = "own", frozen = false } = options;
  checkSeed(seed);
  checkBoolean("frozen", frozen);
  const decide = typeof plan === "function" ? undefined : PLANS[checkOneOf("plan", plan, Object.keys(PLANS))];
  const found = variablesOf(model).map((one) => ({ ...one, frozen: one.frozen && !frozen }));
  const drawn = found.filter((one) => !one.frozen);
  const decided =
    decide === undefined
      ? byPlan(drawn, plan as (model: Model) => PlannedModel)
      : new Map(drawn.map((one) => [one, byDecision(one, decide, plan as string, adapted)]));
  for (const { owner, weight, variable } of drawn) inWeight(owner, weight, () => void variable.read());
  for (const [{ variable, path }, { distribution, from = path }] of decided) {
    writeValues(adapted.internals, variable, distribution, { seed, name: from });
  }
  return { seed, weights: found.map((one) => reportOf(one, decided.get(one)?.distribution)) };
}

/** What a weight is drawn from; for a copy, the path of the weight whose values it has. */
interface Decision {
  readonly distribution: Distribution;
  readonly from?: string | undefined;
}

function byDecision(found: FoundWeight, decide: Decide, plan: string, adapted: Adapted): Decision {
  const { owner, weight, variable } = found;
  return inWeight(owner, weight, () => {
    const scheme = decide(found, adapted);
    if (scheme !== undefined) return { distribution: drawable(variable, resolve(variable.shape, scheme)) };
    throw wrongValue("plan", `a function, since ${show(plan)} does not know this weight`, owner.getClassName());
  });
}

/** What drawing would refuse, so that it is found before the first weight is written. */
function drawable({ dtype }: LayerVariable, distribution: Distribution): Distribution {
  checkElements(dtype, distribution);
  checkFits(distribution, "f32");
  checkRoom(distribution, "f32");
  return distribution;
}

function byPlan(
  drawn: readonly FoundWeight[],
  plan: (model: Model) => PlannedModel,
): ReadonlyMap<FoundWeight, Decision> {
  const planned = plan({ name: "TensorFlow.js", tensors: drawn.map(tensorOf), variables: {}, tied: {} });
  if (!Array.isArray(planned?.tensors))
    throw wrongType("plan", "a function that returns a model from planModel", planned);
  const byPath = new Map(drawn.map((found) => [found.path, found]));
  return new Map(
    planned.tensors.map(({ name, distribution, copyOf }) => {
      const found = byPath.get(name);
      if (found === undefined) throw wrongValue("plan", "the tensors of the model that it was given", name);
      const { owner, weight, variable } = found;
      return inWeight(owner, weight, () => {
        const checked = checkDistribution(distribution as Distribution, checkShape(variable.shape));
        return [found, { distribution: drawable(variable, checked), from: copyOf }];
      });
    }),
  );
}

/** A weight as nn-init/model knows tensors. */
function tensorOf({ path, owner, weight, variable: { shape } }: FoundWeight): ModelTensor {
  const placement = placementOf(owner, weight);
  const gates = gatesOf(owner, weight);
  return {
    name: path,
    shape,
    role: roleOfWeight(owner, weight),
    layout: placement && "io",
    placement,
    packed: gates > 1 ? { axis: shape.length - 1, parts: gates } : undefined,
  };
}

function reportOf(found: FoundWeight, distribution: Distribution | undefined): ReinitializedWeight {
  const { path, owner, layer, variable, frozen } = found;
  return {
    name: path,
    layer: layer.name,
    className: owner.getClassName(),
    shape: variable.shape,
    ...(distribution === undefined ? { kept: frozen ? "frozen" : "left out by the plan" } : { distribution }),
  };
}
