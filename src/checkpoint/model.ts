/** The model of a checkpoint that exists: its tensors, with what a config says of them. */
import { show } from "../check.js";
import { extended } from "../model/extended.js";
import { namedAs } from "../model/memory.js";
import type { Model, ModelTensor } from "../model/model.js";
import { withRoles } from "../model/naming.js";
import { fileError } from "./place.js";
import { elementOf } from "./safetensors.js";
import type { StoredCheckpoint } from "./stored.js";

/**
 * @param path for messages.
 * @param config that describes it. For an unknown architecture it has no plan, and roles are taken from names.
 */
export function storedModel(path: string, name: string, { tensors }: StoredCheckpoint, config?: Model): Model {
  const typed = tensors.map(({ name, shape, dtype }): ModelTensor => {
    const type = elementOf(dtype);
    return { name, shape, ...(type === undefined ? { storedType: dtype } : { dtype: type }) };
  });
  const known = config?.plan !== undefined;
  const model = { name, tensors: known ? typed : withRoles(typed), variables: {}, tied: {} };
  return withConfig(model, config, path);
}

/**
 * The tensors of a file, with roles, layouts, numbers and plan of a config.
 *
 * @throws Error for a tensor whose shape is not the config's.
 */
export function withConfig(model: Model, given: Model | undefined, path: string): Model {
  if (given === undefined) return model;
  const { saved: _, ...config } = namedAs(given, new Set(model.tensors.map(({ name }) => name)));
  const byName = new Map(config.tensors.map((tensor) => [tensor.name, tensor]));
  const tensors = model.tensors.map((tensor): ModelTensor => {
    const inConfig = byName.get(tensor.name);
    if (inConfig === undefined) return tensor;
    const { slices: _, ...known } = inConfig;
    if (String(inConfig.shape) === String(tensor.shape)) return extended(known, tensor);
    const expected = `expected shape ${show(inConfig.shape)}, as in its config, got ${show(tensor.shape)}`;
    throw fileError(path, `tensor ${show(tensor.name)}: ${expected}`);
  });
  return { ...config, name: model.name, tensors };
}
