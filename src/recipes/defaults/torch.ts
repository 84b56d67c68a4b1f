/** PyTorch 2: torch/nn/modules. */
import { normal, varianceScaling, xavierUniform } from "../../scheme/scheme.js";
import { sizeOf } from "../../shape.js";
import { type Layers, within, zeroBias } from "./layer.js";

/** `kaiming_uniform_(a=sqrt(5))`: U(-b, b) with b = 1 / sqrt(fan in), and so are the biases. */
export const torchUniform = varianceScaling({ scale: 1 / 3, mode: "fan_in", distribution: "uniform", layout: "oi" });

export const torch: Layers = {
  dense: ({ in: inputs, out }) => ({
    weight: { shape: [out, inputs], scheme: torchUniform },
    bias: { shape: [out], scheme: within(1 / Math.sqrt(inputs)) },
  }),
  convolution: ({ in: inputs, out, kernel, groups }) => ({
    weight: { shape: [out, inputs / groups, ...kernel], scheme: torchUniform },
    bias: { shape: [out], scheme: within(1 / Math.sqrt((inputs / groups) * sizeOf(kernel))) },
  }),
  embedding: ({ count, width }) => ({ weight: { shape: [count, width], scheme: normal({ std: 1 }) } }),
  recurrent({ in: inputs, hidden }, gates) {
    const scheme = within(1 / Math.sqrt(hidden));
    return {
      weight_ih_l0: { shape: [gates * hidden, inputs], scheme },
      weight_hh_l0: { shape: [gates * hidden, hidden], scheme },
      bias_ih_l0: { shape: [gates * hidden], scheme },
      bias_hh_l0: { shape: [gates * hidden], scheme },
    };
  },
  attention: ({ width }) => ({
    // Its fans are those of the packed matrix: two thirds of the variance that each of the three would have.
    in_proj_weight: { shape: [3 * width, width], scheme: xavierUniform() },
    in_proj_bias: zeroBias([3 * width]),
    "out_proj.weight": { shape: [width, width], scheme: torchUniform },
    "out_proj.bias": zeroBias([width]),
  }),
  normalization: ["weight", "bias"],
};
