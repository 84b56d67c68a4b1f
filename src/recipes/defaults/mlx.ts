/** MLX (August 2026). */
import { normal } from "../../scheme/named.js";
import { sizeOf } from "../../shape.js";
import { type FrameworkLayers, uniformWithin, zeroBias } from "./layer.js";
import { torch, torchUniform } from "./torch.js";

export const mlx: FrameworkLayers = {
  dense: torch.dense,
  convolution: ({ in: inputs, out, kernel, groups }) => ({
    weight: {
      shape: [out, ...kernel, inputs / groups],
      scheme: uniformWithin(1 / Math.sqrt((inputs / groups) * sizeOf(kernel))),
    },
    bias: zeroBias([out]),
  }),
  embedding: ({ count, width }) => ({
    weight: { shape: [count, width], scheme: normal({ std: 1 / Math.sqrt(width) }) },
  }),
  recurrent({ cell, in: inputs, hidden }, gates) {
    const scheme = uniformWithin(1 / Math.sqrt(hidden));
    return {
      [cell === "rnn" ? "Wxh" : "Wx"]: { shape: [gates * hidden, inputs], scheme },
      [cell === "rnn" ? "Whh" : "Wh"]: { shape: [gates * hidden, hidden], scheme },
      [cell === "gru" ? "b" : "bias"]: { shape: [gates * hidden], scheme },
      ...(cell === "gru" ? { bhn: { shape: [hidden], scheme } } : {}),
    };
  },
  attention({ width, bias = false }) {
    const names = ["query", "key", "value", "out"];
    const weights = names.map(
      (name) => [`${name}_proj.weight`, { shape: [width, width], scheme: torchUniform }] as const,
    );
    const biases = names.map(
      (name) => [`${name}_proj.bias`, { shape: [width], scheme: uniformWithin(1 / Math.sqrt(width)) }] as const,
    );
    return Object.fromEntries(bias ? [...weights, ...biases] : weights);
  },
  normalization: ["weight", "bias"],
};
