/** The weights of a model of TensorFlow.js, under names that do not depend on how many layers were made before. */
import { show, wrongType, wrongValue } from "../check.js";
import type { Layer, LayerVariable } from "./internals.js";
import type { TensorFlowModel } from "./tensorflow.js";
import { kernelNames } from "./tfjs.layer.js";

/** A weight, where it is in its model, and the layer or cell that uses it. */
export interface FoundWeight {
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
export function variablesOf(model: TensorFlowModel): readonly FoundWeight[] {
  const root = Object(model) as Layer;
  if (!Array.isArray(root.layers)) {
    throw wrongType("model", "a LayersModel or Sequential", model);
  }
  const found = new Map<number, FoundWeight>();
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

function* inLayers(layers: readonly Layer[], prefix: string, frozen: boolean): Generator<FoundWeight> {
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const name = lastingName(layer, counts);
    yield* inLayer(layer, `${prefix}${name}/`, frozen || layer.trainable === false, layer);
  }
}

function* inLayer(owner: Layer, prefix: string, frozen: boolean, layer: Layer): Generator<FoundWeight> {
  if (owner.layers !== undefined) return yield* inLayers(owner.layers, prefix, frozen);
  const inner = innerOf(owner);
  for (const [name, one] of inner) yield* inLayer(one, `${prefix}${name}`, frozen, layer);
  if (inner.length > 0) return undefined;
  if (owner.weights.length === 0 && (kernelNames(owner) ?? []).length > 0) {
    const expected = "one that is built: give the first layer an inputShape";
    throw wrongValue(`layer ${show(layer.name)}`, expected, "no weights");
  }
  for (const variable of owner.weights) {
    const weight = variable.originalName.split("/").at(-1) as string;
    yield { path: `${prefix}${weight}`, owner, layer, weight, variable, frozen };
  }
}

/** What a layer uses to do its work, with names where they are several. */
function innerOf({ forwardLayer, backwardLayer, cells, cell, layer }: Layer): readonly (readonly [string, Layer])[] {
  if (forwardLayer && backwardLayer)
    return [
      ["forward/", forwardLayer],
      ["backward/", backwardLayer],
    ];
  if (cells) return cells.map((one, i) => [`cell_${i}/`, one]);
  const inner = cell ?? layer;
  return inner ? [["", inner]] : [];
}

function checkComplete({ layers = [] }: Layer, found: ReadonlyMap<number, unknown>): void {
  for (const layer of layers) {
    const lost = layer.weights.find(({ id }) => !found.has(id));
    if (lost === undefined) continue;
    const expected = "weights in its layer, cell, cells or layers";
    throw wrongValue(`layer ${show(layer.name)} (${layer.getClassName()})`, expected, lost.name);
  }
}

/**
 * The name of a layer; for one that TensorFlow.js or Keras made (dense_Dense7, dense_3), its class and its number among those of
 * this class in its model (Dense_1), since theirs counts all layers that a process has made.
 */
function lastingName(layer: Layer, counts: Map<string, number>): string {
  const className = layer.getClassName();
  const [given, own] = [layer.name, className].map((text) => text.replace(/[_\d]+/g, "").toLowerCase());
  if (given !== own && given !== `${own}${own}`) return layer.name;
  const count = (counts.get(className) ?? 0) + 1;
  counts.set(className, count);
  return `${className}_${count}`;
}
