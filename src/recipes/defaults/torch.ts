/** PyTorch 2, from torch/nn/modules. */
import { normal, varianceScaling, xavierUniform } from "../../scheme/named.js";
import { sizeOf } from "../../shape.js";
import { type FrameworkLayers, uniformWithin, zeroBias } from "./layer.js";

/** `kaiming_uniform_(a=sqrt(5))`: U(-b, b) with b = 1 / sqrt(fan in), the bound of the biases as well. */
export const torchUniform = varianceScaling({ scale: 1 / 3, mode: "fan_in", distribution: "uniform", layout: "oi" });

export const torch: FrameworkLayers = {
  dense: ({ in: inputs, out }) => ({
    weight: { shape: [out, inputs], scheme: torchUniform },
    bias: { shape: [out], scheme: uniformWithin(1 / Math.sqrt(inputs)) },
  }),
  convolution: ({ in: inputs, out, kernel, groups }) => ({
    weight: { shape: [out, inputs / groups, ...kernel], scheme: torchUniform },
    bias: { shape: [out], scheme: uniformWithin(1 / Math.sqrt((inputs / groups) * sizeOf(kernel))) },
  }),
  embedding: ({ count, width }) => ({ weight: { shape: [count, width], scheme: normal({ std: 1 }) } }),
  recurrent({ in: inputs, hidden }, gates) {
    const scheme = uniformWithin(1 / Math.sqrt(hidden));
    return {
      weight_ih_l0: { shape: [gates * hidden, inputs], scheme },
      weight_hh_l0: { shape: [gates * hidden, hidden], scheme },
      bias_ih_l0: { shape: [gates * hidden], scheme },
      bias_hh_l0: { shape: [gates * hidden], scheme },
    };
  },
  attention: ({ width }) => ({
    // PyTorch takes the fans of the packed matrix: half of the variance that query, key and value would have alone.
    in_proj_weight: { shape: [3 * width, width], scheme: xavierUniform() },
    in_proj_bias: zeroBias([3 * width]),
    "out_proj.weight": { shape: [width, width], scheme: torchUniform },
    "out_proj.bias": zeroBias([width]),
  }),
  normalization: ["weight", "bias"],
};
