/** The normalization layers of a network that is trained: the lab's, with running averages, a learned scale and a learned bias. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import { EPSILON, type NormalizationSpec, normalize, normalizeBackward, statistics } from "../lab/normalization.js";
import { type LayerPlace, type NetworkPart, sequence } from "./layers.js";

/** a n(x) + b, with a learned scale and bias for each unit (RMS normalization has no bias). They start as 1 and 0. */
export const normalization = (place: LayerPlace, name: string, spec: NormalizationSpec): NetworkPart =>
  sequence([normalized(place, spec), scaled(place, name, spec)]);

/** n(x) */
function normalized({ memory, columns }: LayerPlace, spec: NormalizationSpec): NetworkPart {
  const matrix = () => memory.matrix(spec.width, columns);
  const [output, inputGradient] = [matrix(), matrix()];
  const running = spec.normalization === "batch" ? runningStatistics(spec, columns) : undefined;
  let kept = output;
  return {
    parameters: [],
    forward(input, mode) {
      kept = input;
      if (running !== undefined && mode === "evaluate") running.normalize(output, input);
      else normalize(spec, output, input, columns);
      if (mode === "train") running?.update(input);
      return output;
    },
    backward(gradient) {
      normalizeBackward(spec, inputGradient, gradient, kept, output, columns);
      return inputGradient;
    },
  };
}

/** a x + b */
function scaled(
  { memory, prefix, layer, columns }: LayerPlace,
  name: string,
  { width: units, normalization: kind }: NormalizationSpec,
): NetworkPart {
  const parameter = (role: "scale" | "bias") =>
    memory.parameter({ name: `${prefix}${name}.${role}`, shape: [units], role, layer });
  const scale = parameter("scale");
  scale.values.fill(1);
  const bias = kind === "rms" ? undefined : parameter("bias");
  const matrix = () => memory.matrix(units, columns);
  const [output, inputGradient] = [matrix(), matrix()];
  const stride = columnsOf(columns);
  let kept = output;
  return {
    parameters: bias === undefined ? [scale] : [scale, bias],
    forward(input) {
      kept = input;
      for (let i = 0; i < units; ++i) {
        const [a, b] = [scale.values[i] as number, (bias?.values[i] ?? 0) as number];
        for (let j = i * stride; j < i * stride + columns; ++j) output[j] = a * (input[j] as number) + b;
      }
      return output;
    },
    backward(gradient) {
      for (let i = 0; i < units; ++i) {
        const a = scale.values[i] as number;
        let [sum, projection] = [0, 0];
        for (let j = i * stride; j < i * stride + columns; ++j) {
          const g = gradient[j] as number;
          sum += g;
          projection += g * (kept[j] as number);
          inputGradient[j] = a * g;
        }
        scale.gradient[i] = projection;
        if (bias !== undefined) bias.gradient[i] = sum;
      }
      return inputGradient;
    },
  };
}

const MOMENTUM = 0.1; // of the statistics that batch normalization keeps, as in PyTorch

/** Running averages of each unit's mean and variance over the batches (Ioffe, Szegedy 2015). The variance is unbiased, as in PyTorch. */
function runningStatistics(spec: NormalizationSpec, columns: number) {
  const [means, variances] = [new Float64Array(spec.width), new Float64Array(spec.width).fill(1)];
  const stride = columnsOf(columns);
  return {
    update(input: Floats): void {
      const { mean, root } = statistics(spec, input, columns);
      for (let i = 0; i < spec.width; ++i) {
        const variance = (root[i] as number) * (root[i] as number) - EPSILON;
        const unbiased = columns > 1 ? (variance * columns) / (columns - 1) : variance;
        means[i] = (1 - MOMENTUM) * (means[i] as number) + MOMENTUM * (mean[i] as number);
        variances[i] = (1 - MOMENTUM) * (variances[i] as number) + MOMENTUM * unbiased;
      }
    },
    normalize(to: Floats, from: Floats): void {
      for (let i = 0; i < spec.width; ++i) {
        const [mean, root] = [means[i] as number, Math.sqrt((variances[i] as number) + EPSILON)];
        for (let j = i * stride; j < i * stride + columns; ++j) to[j] = ((from[j] as number) - mean) / root;
      }
    },
  };
}
