/** What nn-init uses of a copy of TensorFlow.js, and where it is found. */
import { wrongType } from "../check.js";
import type { TensorFlow, TensorFlowInitializer } from "./tensorflow.js";

/** A tensor, as far as it is needed. */
export interface Tensor {
  dispose(): void;
}

/** A weight of a layer. */
export interface LayerVariable {
  readonly id: number;
  readonly name: string;
  /** With the scopes in which it was made: `bidirectional_1/forward_lstm/kernel`. */
  readonly originalName: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The variable itself. @throws where it was disposed. */
  read(): { assign(value: Tensor): void };
}

/** A layer, a cell or a model, with what some of them have. */
export interface Layer {
  readonly name: string;
  readonly trainable: boolean;
  readonly weights: readonly LayerVariable[];
  getClassName(): string;
  readonly layers?: readonly Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  readonly cell?: Layer;
  readonly cells?: readonly Layer[];
  readonly strides?: number | readonly number[];
  readonly units?: number;
  readonly unitForgetBias?: boolean;
  readonly biasInitializer?: TensorFlowInitializer;
  readonly fastWeightInitDuringBuild?: boolean;
}

/** Of the method of layers that makes their weights. */
export type AddWeight = (
  this: Layer,
  name: string,
  shape: number[],
  dtype: string | null | undefined,
  initializer: TensorFlowInitializer,
  ...rest: unknown[]
) => LayerVariable;

/** The classes of one copy of TensorFlow.js that adapting it needs. */
export interface Internals {
  readonly tensor: (values: ArrayLike<number>, shape: readonly number[], dtype: string) => Tensor;
  /** The prototype of all layers. */
  readonly layer: { addWeight: AddWeight };
  /** The base class of all initializers. */
  readonly Initializer: new () => TensorFlowInitializer;
  readonly zeros: TensorFlowInitializer;
  /** The registered class and its `fromConfig`, by the name it is saved under. */
  readonly registered: Record<string, readonly [made: unknown, fromConfig?: FromConfig]>;
}

/** Makes an object of a registered class from its saved options. */
export type FromConfig = (registered: unknown, config: Record<string, unknown>, ...rest: unknown[]) => unknown;

/** Functions that are used; an older version, or tfjs-core alone, lacks some. */
const NEEDED = [
  "tensor",
  "layers.Layer.prototype.addWeight",
  "initializers.zeros",
  "serialization.SerializationMap.getMap",
];

/** What is at a path of names, or undefined. */
const at = (given: unknown, path: string): unknown =>
  path.split(".").reduce((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], given);

/**
 * Looks for all that is needed, so that another version fails here and not while a model is built.
 *
 * @throws TypeError naming what is missing, and the version.
 */
export function internalsOf(tf: TensorFlow): Internals {
  const missing = NEEDED.filter((path) => typeof at(tf, path) !== "function");
  if (missing.length > 0) {
    const expected = `TensorFlow.js, or { ...core, ...layers }, that has ${missing.join(", ")}`;
    throw wrongType("tf", expected, at(tf, "version_core") ?? at(tf, "version_layers") ?? tf);
  }
  const { tensor, layers, initializers, serialization } = tf as unknown as Used;
  const zeros = initializers.zeros();
  return {
    tensor,
    layer: layers.Layer.prototype,
    Initializer: Object.getPrototypeOf(zeros.constructor),
    zeros,
    registered: serialization.SerializationMap.getMap().classNameMap,
  };
}

/** TensorFlow.js, as far as it is used. */
interface Used {
  readonly tensor: Internals["tensor"];
  readonly layers: { readonly Layer: { readonly prototype: Internals["layer"] } };
  readonly initializers: { zeros(): TensorFlowInitializer };
  readonly serialization: {
    readonly SerializationMap: { getMap(): { readonly classNameMap: Internals["registered"] } };
  };
}
