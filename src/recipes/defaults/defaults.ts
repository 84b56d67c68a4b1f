/**
 * What each framework starts its layers from when nobody says otherwise: names, shapes and schemes of a layer's weights,
 * read from the frameworks' sources. A file for each framework stands beside this one.
 */
import { checkBoolean, checkOneOf, checkOptions, checkPositive, wrongType, wrongValue } from "../../check.js";
import { ones, zeros } from "../../scheme/scheme.js";
import { flax } from "./flax.js";
import { keras } from "./keras.js";
import type {
  AttentionShape,
  ConvolutionShape,
  Defaults,
  DenseShape,
  EmbeddingShape,
  Framework,
  Layers,
  NamedWeights,
  NormalizationShape,
  RecurrentShape,
} from "./layer.js";
import { mlx } from "./mlx.js";
import { tfjs } from "./tfjs.js";
import { torch } from "./torch.js";

const LAYERS: Readonly<Record<Framework, Layers>> = { torch, keras, flax, tfjs, mlx };
const FRAMEWORKS = Object.keys(LAYERS) as readonly Framework[];

/** The face without the names of weights. */
interface Untyped {
  dense(shape: DenseShape): NamedWeights;
  convolution(shape: ConvolutionShape): NamedWeights;
  embedding(shape: EmbeddingShape): NamedWeights;
  recurrent(shape: RecurrentShape): NamedWeights;
  attention(shape: AttentionShape): NamedWeights;
  normalization(shape: NormalizationShape): NamedWeights;
}

/** The framework's layers: `defaults("torch").linear({ in: 784, out: 512 }).weight` is `{ shape: [512, 784], scheme }`. */
export function defaults<const F extends Framework>(framework: F): Defaults<F> {
  const make: Layers = LAYERS[checkOneOf<Framework>("framework", framework, FRAMEWORKS)];
  return {
    dense(shape) {
      checkOptions("shape", shape, ["in", "out", "bias"]);
      checkSizes(shape, ["in", "out"]);
      return withBias(make.dense(shape), shape.bias);
    },
    convolution(shape) {
      checkOptions("shape", shape, ["in", "out", "kernel", "groups", "bias"]);
      const groups = shape.groups ?? 1;
      checkSizes({ ...shape, groups }, ["in", "out", "groups"]);
      if (!Array.isArray(shape.kernel)) throw wrongType("kernel", "a list of lengths", shape.kernel);
      shape.kernel.forEach((length, i) => void checkPositive(`kernel[${i}]`, length));
      for (const name of ["in", "out"] as const) {
        if (shape[name] % groups !== 0) throw wrongValue("groups", `a divisor of ${name} (${shape[name]})`, groups);
      }
      return withBias(make.convolution({ ...shape, groups }), shape.bias);
    },
    embedding(shape) {
      checkOptions("shape", shape, ["count", "width"]);
      checkSizes(shape, ["count", "width"]);
      return make.embedding(shape);
    },
    recurrent(shape) {
      checkOptions("shape", shape, ["cell", "in", "hidden", "bias"]);
      checkSizes(shape, ["in", "hidden"]);
      const gates = GATES[checkOneOf("cell", shape.cell, ["rnn", "lstm", "gru"])];
      return withBias(make.recurrent(shape, gates), shape.bias);
    },
    attention(shape) {
      checkOptions("shape", shape, ["width", "heads", "bias"]);
      checkSizes(shape, ["width", "heads"]);
      const { width, heads } = shape;
      if (width % heads !== 0) throw wrongValue("heads", `a divisor of the width (${width})`, heads);
      return withBias(make.attention(shape), shape.bias);
    },
    normalization(shape) {
      checkOptions("shape", shape, ["width"]);
      checkSizes(shape, ["width"]);
      const [scale, bias] = make.normalization;
      return { [scale]: { shape: [shape.width], scheme: ones() }, [bias]: { shape: [shape.width], scheme: zeros() } };
    },
  } satisfies Untyped as unknown as Defaults<F>;
}

const GATES = { rnn: 1, lstm: 4, gru: 3 } as const;

function checkSizes(shape: object, names: readonly string[]): void {
  for (const name of names) checkPositive(name, (shape as Record<string, unknown>)[name]);
}

/** Without biases, if none are wanted; MLX calls those of a GRU b and bhn, all others have "bias" in their names. */
function withBias(weights: NamedWeights, bias: boolean | undefined): NamedWeights {
  if (bias === undefined || checkBoolean("bias", bias)) return weights;
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !/bias|^b(hn)?$/.test(name)));
}
