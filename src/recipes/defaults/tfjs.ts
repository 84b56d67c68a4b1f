/** TensorFlow.js 4.22. */
import { wrongValue } from "../../check.js";
import { truncatedStd } from "../../math/truncation.js";
import { varianceScaling } from "../../scheme/named.js";
import { kerasCell, kerasLike } from "./keraslike.js";
import { type FrameworkLayers, uniformWithin, zeroBias } from "./layer.js";

/** TensorFlow.js truncates at 2 std and does not widen the distribution: 0.7737 of the variance that Glorot's scheme has. */
const NARROWING = truncatedStd(-2, 2);
const tfjsGlorot = varianceScaling({
  scale: NARROWING * NARROWING,
  mode: "fan_avg",
  distribution: "truncated",
  layout: "io",
});

export const tfjs: FrameworkLayers = {
  ...kerasLike({
    dense: tfjsGlorot,
    convolution: tfjsGlorot,
    embedding: ({ count, width }) => ({
      embeddings: { shape: [count, width], scheme: uniformWithin(0.05) },
    }),
    recurrent: kerasCell(tfjsGlorot, ({ hidden }, gates) => zeroBias([gates * hidden])), // unitForgetBias is not set by default
    output: "output",
    normalization: ["gamma", "beta"],
  }),
  attention: () => {
    throw wrongValue("framework", "one that has an attention layer (torch, keras, flax or mlx)", "tfjs");
  },
};
