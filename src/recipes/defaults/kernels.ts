/** What Keras, Flax and TensorFlow.js have in common. */
import type { Scheme } from "../../scheme/options.js";
import { orthogonal } from "../../scheme/scheme.js";
import { forgetBias } from "../recurrent.js";
import { type Layers, zeroBias } from "./layer.js";

/** Kernels by one scheme for each place, biases of zeros: what Keras, Flax and TensorFlow.js have in common. */
export function kernels(
  framework: string,
  dense: Scheme,
  convolution: Scheme,
  embedding: Layers["embedding"],
  recurrent: Layers["recurrent"],
): Layers {
  return {
    dense: ({ in: inputs, out }) => ({ kernel: { shape: [inputs, out], scheme: dense }, bias: zeroBias([out]) }),
    convolution: ({ in: inputs, out, kernel, groups }) => ({
      kernel: { shape: [...kernel, inputs / groups, out], scheme: convolution },
      bias: zeroBias([out]),
    }),
    embedding,
    recurrent,
    attention({ width, heads }) {
      const size = width / heads;
      const { layout: _, ...options } = dense as { layout?: unknown };
      const from = { ...options, axes: { in: 0, out: [1, 2] } } as unknown as Scheme;
      const to = { ...options, axes: { in: [0, 1], out: 2 } } as unknown as Scheme;
      const each = (name: string) => ({
        [`${name}.kernel`]: { shape: [width, heads, size], scheme: from },
        [`${name}.bias`]: zeroBias([heads, size]),
      });
      return {
        ...each("query"),
        ...each("key"),
        ...each("value"),
        [framework === "flax" ? "out.kernel" : "output.kernel"]: { shape: [heads, size, width], scheme: to },
        [framework === "flax" ? "out.bias" : "output.bias"]: zeroBias([width]),
      };
    },
    normalization: framework === "flax" ? ["scale", "bias"] : ["gamma", "beta"],
  };
}

/** Gates packed in one kernel. A GRU of Keras has biases for the inputs and for the recurrent part. */
export function kerasCell(dense: Scheme, resets: boolean): Layers["recurrent"] {
  return ({ cell, in: inputs, hidden }, gates) => ({
    kernel: { shape: [inputs, gates * hidden], scheme: dense },
    recurrent_kernel: { shape: [hidden, gates * hidden], scheme: orthogonal() },
    bias:
      cell === "lstm"
        ? { shape: [4 * hidden], scheme: forgetBias({ order: "keras" }) }
        : zeroBias(cell === "gru" && resets ? [2, 3 * hidden] : [gates * hidden]),
  });
}
