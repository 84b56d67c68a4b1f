/** Starts from plans: their rules decide the parameters of the network that is trained. */
import { basename } from "node:path";
import { fileError, inFile, STDIN } from "../checkpoint/place.js";
import { isComputed } from "../computed/computed.js";
import type { Distribution } from "../distribution.js";
import { readPlans } from "../file/read.js";
import type { Model, PlannedTensor, Role } from "../model/model.js";
import { planModel } from "../model/parse.js";
import type { ComparedNetwork } from "../train/comparison.js";
import type { ParameterInfo, ParameterRole } from "../train/parameter.js";
import type { PlanStart } from "./compare.data.js";

/** The parameters of a network that is trained, in the words of plans. */
const ROLES: Readonly<Record<ParameterRole, Role>> = {
  ...{ weight: "weight", head: "head", bias: "bias" },
  ...{ scale: "normalization", position: "embedding" },
};

/**
 * A start for each plan, named after its file.
 *
 * @param shape its numbers `depth` and `width` can be used in expressions.
 * @throws Error naming the file, for what `planModel` throws, and for rules that skip, copy or compute a parameter.
 */
export function startsOfPlans(
  paths: readonly string[],
  parameters: readonly ParameterInfo[],
  { depth, width }: Pick<ComparedNetwork, "depth" | "width">,
): readonly PlanStart[] {
  const tensors = parameters.map(({ name, shape, role }) => ({
    ...{ name, shape, role: ROLES[role] },
    ...(shape.length > 1 && { layout: "oi" as const }),
  }));
  const model: Model = { name: "network", tensors, variables: { depth, width }, tied: {} };
  return paths.map((path) => {
    const plan = readPlans([path], model);
    const planned = inFile(path, () => planModel(model, plan)).tensors;
    const distributions = tensors.map(({ name }) => [name, drawn(path, name, planned)] as const);
    return {
      name: path === STDIN ? "plan" : basename(path, ".json"),
      distributions: Object.fromEntries(distributions),
    };
  });
}

function drawn(path: string, name: string, planned: readonly PlannedTensor[]): Distribution {
  const tensor = planned.find((one) => one.name === name);
  if (tensor !== undefined && tensor.copyOf === undefined && !isComputed(tensor.distribution))
    return tensor.distribution;
  throw fileError(path, `${name}: expected a scheme that draws it: training copies, computes and skips no parameter`);
}
