/** The weights of a model of TensorFlow.js, under names that do not depend on how many layers were made before. */
import { show, wrongType, wrongValue } from "../check.js";
import type { Layer, LayerVariable, TensorFlowModel } from "./tensorflow.js";
import { kernelNames } from "./tfjs.layer.js";

/** A weight, where it is in its model, and the layer or cell that uses it. */
export interface Found {
  /** Layers and weight: `model_1/lstm_1/forward/kernel`. */
  readonly path: string;
  readonly owner: Layer;
  readonly layer: Layer;
  /** Its own name: `kernel`. */
  readonly weight: string;
  readonly variable: LayerVariable;
  /** Whether its layer, or a model around it, is not trained. */
  readonly frozen: boolean;
}

/**
 * All weights, each once, in the order of the layers.
 *
 * @throws TypeError for what is no model with layers; RangeError naming a layer that was not built, or whose weights are not found.
 */
export function weightsOf(model: TensorFlowModel): readonly Found[] {
  const root = Object(model) as Layer;
  if (!Array.isArray(root.layers)) {
    const expected = "a LayersModel or Sequential of TensorFlow.js (a GraphModel's weights are constants)";
    throw wrongType("model", expected, model);
  }
  const found = new Map<number, Found>();
  for (const one of inLayers(root.layers, "", root.trainable === false)) {
    if (!found.has(one.variable.id)) found.set(one.variable.id, one);
  }
  const weights = [...found.values()];
  checkComplete(root, found);
  const paths = new Set<string>();
  for (const { path } of weights) {
    if (paths.has(path)) throw wrongValue("model", "layers of different names", path);
    paths.add(path);
  }
  return weights;
}

function* inLayers(layers: readonly Layer[], prefix: string, frozen: boolean): Generator<Found> {
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const name = lastingName(layer, counts);
    yield* inLayer(layer, `${prefix}${name}/`, frozen || layer.trainable === false, layer);
  }
}

function* inLayer(owner: Layer, prefix: string, frozen: boolean, layer: Layer): Generator<Found> {
  const { layers, forwardLayer, backwardLayer, cell, cells, layer: wrapped } = owner;
  if (layers !== undefined) return yield* inLayers(layers, prefix, frozen);
  if (forwardLayer !== undefined && backwardLayer !== undefined) {
    yield* inLayer(forwardLayer, `${prefix}forward/`, frozen, layer);
    return yield* inLayer(backwardLayer, `${prefix}backward/`, frozen, layer);
  }
  if (cells !== undefined) {
    for (const [i, one] of cells.entries()) yield* inLayer(one, `${prefix}cell_${i}/`, frozen, layer);
    return undefined;
  }
  const inner = cell ?? wrapped;
  if (inner !== undefined) return yield* inLayer(inner, prefix, frozen, layer);
  if (owner.weights.length === 0 && (kernelNames(owner) ?? []).length > 0) {
    const expected = "a layer that was built (give the first layer an inputShape, or call predict once)";
    throw wrongValue(`model, layer ${show(layer.name)}`, expected, "one without weights");
  }
  for (const variable of owner.weights) {
    const weight = variable.originalName.split("/").at(-1) as string;
    yield { path: `${prefix}${weight}`, owner, layer, weight, variable, frozen };
  }
}

function checkComplete({ layers = [] }: Layer, found: ReadonlyMap<number, unknown>): void {
  for (const layer of layers) {
    const lost = layer.weights.find(({ id }) => !found.has(id));
    if (lost === undefined) continue;
    const expected = "one that holds its weights itself, or as layer, cell, cells or layers";
    throw wrongValue(`model, layer ${show(layer.name)} (${layer.getClassName()})`, expected, lost.name);
  }
}

/**
 * The name of a layer; for one that TensorFlow.js or Keras made (dense_Dense7, dense_3), the number of the layer among those of
 * its class and model, since theirs counts all layers that a process has made.
 */
function lastingName(layer: Layer, counts: Map<string, number>): string {
  const className = layer.getClassName();
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  const own = plain(className);
  const given = plain(layer.name).replace(/\d+$/, "");
  if (given !== own && given !== own + own) return layer.name;
  const count = (counts.get(className) ?? 0) + 1;
  counts.set(className, count);
  return `${snakeCase(className)}_${count}`;
}

const snakeCase = (name: string): string =>
  name
    .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
