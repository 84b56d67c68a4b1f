/** What is known of the layers of TensorFlow.js: which axes of a weight are inputs and outputs, and how gates are packed. */
import { show, wrongValue } from "../check.js";
import type { Role } from "../model/model.js";
import { type Axes, PLACEMENT_CHOICES, type Placement } from "../scheme/fans.js";
import { split } from "../scheme/named.js";
import type { Scheme, UnsplitScheme } from "../scheme/options.js";
import { optionsOf, scheme as readScheme } from "../scheme/scheme.js";
import type { Layer } from "./internals.js";

/** A weight that multiplies: its axes, whether the layer's stride divides its fans, and the gates packed in its last axis. */
interface Kernel {
  readonly axes: Axes;
  readonly transposed?: true;
  readonly strided?: true;
  readonly gates?: number;
}

const IO: Axes = { in: -2, out: -1 };
const CONVOLUTION = { kernel: { axes: IO, strided: true } } as const;
const TRANSPOSED = { kernel: { axes: { in: -1, out: -2 }, strided: true, transposed: true } } as const;
const DEPTHWISE = { depthwise_kernel: { axes: { in: [], out: -1, batch: -2 }, strided: true } } as const;
const cell = (gates: number) => ({ kernel: { axes: IO, gates }, recurrent_kernel: { axes: IO, gates } }) as const;

/** The weights of each class that multiply, by their names. All other weights are vectors of a channel each. */
const CLASSES: Readonly<Record<string, Readonly<Record<string, Kernel>>>> = {
  Dense: { kernel: { axes: IO } },
  Conv1D: CONVOLUTION,
  Conv2D: CONVOLUTION,
  Conv3D: CONVOLUTION,
  Conv2DTranspose: TRANSPOSED,
  Conv3DTranspose: TRANSPOSED,
  DepthwiseConv2D: DEPTHWISE,
  SeparableConv2D: { ...DEPTHWISE, pointwise_kernel: { axes: IO } },
  SimpleRNNCell: cell(1),
  GRUCell: cell(3),
  LSTMCell: cell(4),
  ConvLSTM2DCell: { ...cell(4), kernel: { axes: IO, strided: true, gates: 4 } },
  Embedding: { embeddings: { axes: IO } },
  BatchNormalization: {},
  LayerNormalization: {},
  PReLU: {},
};

/** The class that is known of a layer: its own, or one that it extends. */
export function knownClass(layer: object): string | undefined {
  for (let made = layer.constructor as { className?: string } | null; made; made = Object.getPrototypeOf(made)) {
    const { className = "" } = made;
    if (Object.hasOwn(CLASSES, className)) return className;
  }
  return undefined;
}

/** The names of the weights of a layer that multiply; undefined for a class that is not known. */
export function kernelNames(layer: Layer): readonly string[] | undefined {
  const name = knownClass(layer);
  return name === undefined ? undefined : Object.keys(CLASSES[name] as object);
}

const kernelOf = (layer: Layer, weight: string): Kernel | undefined => CLASSES[knownClass(layer) ?? ""]?.[weight];

/** How many gates are packed in the last axis of a weight. */
export const gatesOf = (layer: Layer, weight: string): number => kernelOf(layer, weight)?.gates ?? 1;

/** Where the fans of a weight are; undefined if it is none that multiplies. */
export function placementOf(layer: Layer, weight: string): Placement | undefined {
  const kernel = kernelOf(layer, weight);
  if (kernel === undefined) return undefined;
  const { axes, transposed, strided } = kernel;
  return { axes, transposed, stride: strided && layer.strides };
}

const ROLES_BY_WEIGHT: Readonly<Record<string, Role>> = {
  bias: "bias",
  beta: "bias",
  gamma: "normalization",
  moving_mean: "buffer",
  moving_variance: "buffer",
  embeddings: "embedding",
};

/** What a weight is for; undefined for a weight of a class that is not known. */
export const roleOfWeight = (layer: Layer, weight: string): Role | undefined =>
  knownClass(layer) === undefined ? undefined : (ROLES_BY_WEIGHT[weight] ?? "weight");

/** Schemes whose values do not depend on the shape. */
const INDEPENDENT = ["zeros", "ones", "constant", "uniform", "normal", "truncatedNormal"];

/**
 * The scheme of a weight, with the fans of its layer. Gates are drawn as a weight each. A scheme that says itself where its
 * fans are is left as it is. The axes of a class that is not known are [..., in, out], as everywhere in TensorFlow.js.
 *
 * @throws RangeError for a weight that has no fans.
 */
export function schemeOfWeight(
  given: Scheme,
  layer: Layer | undefined,
  weight: string,
  shape: readonly number[],
): Scheme {
  const { scheme: name } = given;
  if (name === "split" || INDEPENDENT.includes(name)) return readScheme(given);
  const options = optionsOf(name);
  const { compat } = given as Placement;
  const gates = compat === undefined && layer !== undefined ? gatesOf(layer, weight) : 1;
  if (!options.includes("fans")) {
    if (name === "hadamard" && shape[0] !== shape[1]) {
      throw wrongValue("scheme", "one for [in, out]; hadamard draws [out, in]", shape);
    }
    return packed(readScheme(options.includes("layout") ? { layout: "io", ...given } : given), gates);
  }
  if (saysFans(given)) return readScheme(given);
  const known = placementOf(Object(layer), weight);
  if (!hasFans(Object(layer), weight, shape)) {
    throw wrongValue("scheme", `one without fans for ${show(weight)}, such as zeros()`, shape);
  }
  return packed(readScheme({ axes: IO, ...known, ...compatible(known, compat), ...given }), gates);
}

/** Whether a scheme says itself where its fans are. */
export const saysFans = (options: object): boolean =>
  PLACEMENT_CHOICES.some((choice) => (options as Placement)[choice] !== undefined);

/** Whether a weight multiplies. Of a class that is not known, all do that have two axes. */
export const hasFans = (layer: Layer, weight: string, shape: readonly number[]): boolean =>
  knownClass(layer) === undefined ? shape.length > 1 : placementOf(layer, weight) !== undefined;

const packed = (of: Scheme, gates: number): Scheme =>
  gates === 1 ? of : split({ axis: -1, parts: gates, of: of as UnsplitScheme });

/** The axes that a framework takes for inputs and outputs, which are not always those of the layer. */
function compatible(known: Placement | undefined, compat: Placement["compat"]): Placement {
  if (compat === undefined) return {};
  return { axes: compat === "torch" && known?.axes?.batch !== undefined ? { in: [], out: [-2, -1] } : IO };
}
