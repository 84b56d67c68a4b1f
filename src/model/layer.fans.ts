/** `fan_in` and `fan_out` in expressions of a plan: those of the layer that a tensor is the weight or the bias of. */
import { show } from "../check.js";
import { type Fans, fansOf } from "../scheme/fans.js";
import { type NamedValues, namesOf } from "./expression.js";
import { rangeError } from "./fault.js";
import type { Model, ModelTensor } from "./model.js";

/** Finds the weight of the layer of a tensor: itself, or `fc.weight` of `fc.bias`. */
export function layerWeights(tensors: readonly ModelTensor[]): (tensor: ModelTensor) => ModelTensor | undefined {
  let weights: ReadonlyMap<string, ModelTensor> | undefined; // by name; very many models have no biases
  return (tensor) => {
    if (isWeight(tensor)) return tensor;
    weights ??= new Map(tensors.filter(isWeight).map((weight) => [weight.name, weight]));
    return weights.get(tensor.name.replace(/(^|\.)bias$/, "$1weight"));
  };
}

const isWeight = ({ shape, layout, placement }: ModelTensor): boolean =>
  (layout !== undefined || placement !== undefined) && shape.length >= 2;

const FANS: Readonly<Record<string, keyof Fans>> = { fan_in: "in", fan_out: "out" };

/** Numbers by name, and the fans of a layer, which are computed if an expression names them. */
export function withFans(numbers: Model["variables"], weight: ModelTensor | undefined): NamedValues {
  const { find, list } = namesOf(numbers);
  return {
    find: (name) => find(name) ?? (Object.hasOwn(FANS, name) ? layerFans(name, weight) : undefined),
    list: () => [...list(), ...Object.keys(FANS)],
  };
}

function layerFans(name: string, weight: ModelTensor | undefined): number {
  const placement = weight?.placement ?? (weight?.layout && { layout: weight.layout });
  if (weight === undefined || placement === undefined) {
    const expected = "a tensor of at least two axes whose layout is known, or the bias of one";
    throw rangeError(`${show(name)}: expected ${expected}; give a number`);
  }
  return fansOf(weight.shape, placement)[FANS[name] as keyof Fans];
}
