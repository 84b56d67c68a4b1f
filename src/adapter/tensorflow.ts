/** Public types of nn-init/tfjs. TensorFlow.js is described as structure and not imported, so that any copy of it can be given. */
import type { Distribution } from "../distribution.js";
import type { Model, PlannedModel } from "../model/model.js";
import type { Seed } from "../stream.js";

/** An initializer of TensorFlow.js. */
export interface TensorFlowInitializer {
  /** The tensor of a weight. */
  apply(shape: number[], dtype?: never): object;
  /** The name that its class is saved under. */
  getClassName(): string;
  /** Its options, as they are saved. */
  getConfig(): object;
}

/**
 * TensorFlow.js with its layers: what `import * as tf from "@tensorflow/tfjs"` gives, or `{ ...core, ...layers }` of
 * tfjs-core and tfjs-layers.
 */
export interface TensorFlow<Initializer extends TensorFlowInitializer = TensorFlowInitializer> {
  /** Makes a tensor of an array. */
  readonly tensor: (...values: never[]) => object;
  /** Makers of layers, and their base class. */
  readonly layers: { readonly Layer: { readonly prototype: object } };
  /** Makers of initializers; their type is that of ours. */
  readonly initializers: { zeros(): Initializer };
  /** The names under which classes are saved. */
  readonly serialization: object;
}

/** A model of TensorFlow.js that has layers. */
export interface TensorFlowModel {
  /** In their order. */
  readonly layers: readonly object[];
}

/** Options of an initializer. */
export interface InitializerOptions {
  /** A whole number from 0 to 2^64 - 1. Without one, each weight has new values each time. */
  readonly seed?: Seed | undefined;
  /**
   * Comes before the names of layer and weight, which together choose the values: give two models of equal layers a name each,
   * and they start differently.
   */
  readonly name?: string | undefined;
}

/** Options of `reinitialize`. */
export interface ReinitializeOptions {
  /** A whole number from 0 to 2^64 - 1. Default: a new one, which the report names. */
  readonly seed?: Seed | undefined;
  /**
   * What the weights start from. `"own"` (the default): the initializers of their layers, with the layer's fans and the
   * variance of their names. `"keras"`, `"torch"`: what that framework's layers start from. A function gets the weights as a
   * model and returns it planned: `(model) => planModel(model, { rules: [...] })`, with `planModel` of `nn-init/model`.
   */
  readonly plan?: "own" | "keras" | "torch" | ((model: Model) => PlannedModel) | undefined;
  /** Whether layers that are not trained are drawn, too. Default false: they keep their values, which were set on purpose. */
  readonly frozen?: boolean | undefined;
}

/** What was done with a weight. */
export interface ReinitializedWeight {
  /** Its layers and its own name, which with the seed choose its values: `lstm_1/recurrent_kernel`. */
  readonly name: string;
  /** The name of its layer. */
  readonly layer: string;
  /** The class of the layer, or of the cell or layer inside of it. */
  readonly className: string;
  /** Lengths of its axes. */
  readonly shape: readonly number[];
  /** What it was drawn from. Absent if it was kept. */
  readonly distribution?: Distribution | undefined;
  /** Why it has its old values. Absent if it was drawn. */
  readonly kept?: "frozen" | "left out by the plan" | undefined;
}

/** What `reinitialize` did. */
export interface Reinitialized {
  /** The seed of all values. */
  readonly seed: Seed;
  /** All weights of the model, in the order of its layers. */
  readonly weights: readonly ReinitializedWeight[];
}
