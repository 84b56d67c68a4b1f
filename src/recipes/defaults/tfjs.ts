/** TensorFlow.js 4.22. */
import { truncatedStd } from "../../math/truncation.js";
import { varianceScaling } from "../../scheme/scheme.js";
import { kerasCell, kernels } from "./kernels.js";
import { type Layers, within } from "./layer.js";

/** TensorFlow.js cuts at 2 std without making up for it: 0.7737 of the variance that Glorot's law has. */
const CUT = truncatedStd(-2, 2);
const tfjsGlorot = varianceScaling({ scale: CUT * CUT, mode: "fan_avg", distribution: "truncated", layout: "io" });

export const tfjs: Layers = {
  ...kernels(
    "tfjs",
    tfjsGlorot,
    tfjsGlorot,
    ({ count, width }) => ({
      embeddings: { shape: [count, width], scheme: within(0.05) },
    }),
    kerasCell(tfjsGlorot, false),
  ),
  attention: () => {
    throw new RangeError("framework: expected one with attention, got tfjs, which has no such layer");
  },
};
