/**
 * How each framework initializes its layers by default: names, shapes and schemes of their weights, read from the frameworks'
 * sources. Each framework has a file beside this one.
 */

import { checkBoolean, checkOneOf, checkPositive, checkRequired, wrongType, wrongValue } from "../../check.js";
import { ones, zeros } from "../../scheme/named.js";
import { aliased } from "../../spelling.js";
import { flax } from "./flax.js";
import { keras } from "./keras.js";
import type {
  AttentionShape,
  ConvolutionShape,
  Defaults,
  DenseShape,
  EmbeddingShape,
  Framework,
  FrameworkLayers,
  NamedWeights,
  NormalizationShape,
  RecurrentShape,
} from "./layer.js";
import { mlx } from "./mlx.js";
import { tfjs } from "./tfjs.js";
import { torch } from "./torch.js";

const LAYERS: Readonly<Record<Framework, FrameworkLayers>> = { torch, keras, flax, tfjs, mlx };
const FRAMEWORKS = aliased(Object.keys(LAYERS) as readonly Framework[], {
  keras: "tensorflow tf",
  tfjs: "tensorflowjs",
  flax: "jax",
});

/** `Defaults` without the names of weights. */
interface UntypedDefaults {
  dense(shape: DenseShape): NamedWeights;
  convolution(shape: ConvolutionShape): NamedWeights;
  embedding(shape: EmbeddingShape): NamedWeights;
  recurrent(shape: RecurrentShape): NamedWeights;
  attention(shape: AttentionShape): NamedWeights;
  normalization(shape: NormalizationShape): NamedWeights;
}

/**
 * The layers of a framework, with the names, shapes and schemes of their weights when nobody says otherwise.
 *
 * @param framework "torch", "keras", "flax", "tfjs" or "mlx".
 * @throws TypeError, RangeError for a framework that is not known.
 * @example
 * ```js
 * import { init } from "nn-init";
 * import { defaults } from "nn-init/recipes";
 *
 * const { weight, bias } = defaults("torch").dense({ in: 784, out: 512 });
 * console.log(weight.shape, bias.shape); // [ 512, 784 ] [ 512 ]
 * const w = init(weight.shape, weight.scheme, { seed: 42, name: "fc1.weight" });
 * console.log(w.length); // 401408
 * ```
 */
export function defaults<const F extends Framework>(framework: F): Defaults<F> {
  const layers: FrameworkLayers = LAYERS[checkOneOf<Framework>("framework", framework, FRAMEWORKS)];
  return {
    dense(shape) {
      checkRequired("shape", shape, ["in", "out", "bias"]);
      checkSizes(shape, ["in", "out"]);
      return withBias(layers.dense(shape), shape.bias);
    },
    convolution(shape) {
      checkRequired("shape", shape, ["in", "out", "kernel", "groups", "bias"]);
      const groups = shape.groups ?? 1;
      checkSizes({ ...shape, groups }, ["in", "out", "groups"]);
      if (!Array.isArray(shape.kernel)) throw wrongType("kernel", "a list of lengths, such as [3, 3]", shape.kernel);
      const { length } = shape.kernel;
      if (length < 1 || length > 3) throw wrongValue("kernel", "one to three lengths", length);
      for (const [i, length] of shape.kernel.entries()) checkPositive(`kernel[${i}]`, length);
      for (const name of ["in", "out"] as const) {
        if (shape[name] % groups !== 0) throw wrongValue("groups", `a divisor of ${name} (${shape[name]})`, groups);
      }
      return withBias(layers.convolution({ ...shape, groups }), shape.bias);
    },
    embedding(shape) {
      checkRequired("shape", shape, ["count", "width"]);
      checkSizes(shape, ["count", "width"]);
      return layers.embedding(shape);
    },
    recurrent(shape) {
      checkRequired("shape", shape, ["cell", "in", "hidden", "bias"]);
      checkSizes(shape, ["in", "hidden"]);
      const gates = GATES[checkOneOf("cell", shape.cell, ["rnn", "lstm", "gru"])];
      return withBias(layers.recurrent(shape, gates), shape.bias);
    },
    attention(shape) {
      checkRequired("shape", shape, ["width", "heads", "bias"]);
      checkSizes(shape, ["width", "heads"]);
      const { width, heads } = shape;
      if (width % heads !== 0) throw wrongValue("heads", `a divisor of the width (${width})`, heads);
      return withBias(layers.attention(shape), shape.bias);
    },
    normalization(shape) {
      checkRequired("shape", shape, ["width"]);
      checkSizes(shape, ["width"]);
      const [scale, bias] = layers.normalization;
      return { [scale]: { shape: [shape.width], scheme: ones() }, [bias]: { shape: [shape.width], scheme: zeros() } };
    },
  } satisfies UntypedDefaults as unknown as Defaults<F>;
}

const GATES = { rnn: 1, lstm: 4, gru: 3 } as const;

function checkSizes(shape: object, names: readonly string[]): void {
  for (const name of names) checkPositive(name, (shape as Record<string, unknown>)[name]);
}

/** Leaves biases out if `bias` is false. They have "bias" in their names, except for b and bhn of a GRU in MLX. */
function withBias(weights: NamedWeights, bias: boolean | undefined): NamedWeights {
  if (bias === undefined || checkBoolean("bias", bias)) return weights;
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !/bias|^b(hn)?$/.test(name)));
}
