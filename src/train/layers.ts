/**
 * The layers of a network that is trained, forward and backward. Signals are matrices of units by columns, as in the lab, whose
 * functions compute them; here the weights are kept, and their gradients are computed, too.
 */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import type { ActivationFunction } from "../lab/activation.js";
import { attention } from "../lab/attention.js";
import { add, apply, multiplySlope } from "../lab/linear.js";
import { EPSILON, type NormalizationSpec, normalize, normalizeBackward, statistics } from "../lab/normalization.js";
import { fold, POSITIONS, TAPS, unfold } from "../lab/patches.js";
import { gradientSize, operandOf, type Parameter, type TrainingMemory } from "./parameter.js";

/** Whether statistics are those of the batch, or those that batch normalization has kept. */
export type Mode = "train" | "evaluate";

/** A weight, and what it makes of the last input, with the bias: a matrix of outputs by columns. */
export interface LinearOutput {
  readonly weight: Parameter;
  readonly output: Floats;
  readonly columns: number;
}

/** A part of a network. Its arrays are overwritten by the next call. */
export interface NetworkPart {
  readonly parameters: readonly Parameter[];
  /** In the order in which they are computed. */
  readonly linears?: readonly LinearOutput[];
  /** @returns the output. */
  forward(input: Floats, mode: Mode): Floats;
  /**
   * Sets the gradients of its parameters. It uses what the last `forward` in mode "train" has kept.
   * @returns the gradient of the input.
   */
  backward(gradient: Floats): Floats;
}

/** What a layer is made in, and where it stands. */
export interface LayerPlace {
  readonly workspace: TrainingMemory;
  /** Of the parameters' names. */
  readonly prefix: string;
  /** The number of the layer. */
  readonly layer: number;
  readonly columns: number;
}

export function sequence(parts: readonly NetworkPart[]): NetworkPart {
  return {
    parameters: parts.flatMap(({ parameters }) => parameters),
    linears: parts.flatMap(({ linears = [] }) => linears),
    forward: (input, mode) => parts.reduce((signal, part) => part.forward(signal, mode), input),
    backward: (gradient) => parts.reduceRight((behind, part) => part.backward(behind), gradient),
  };
}

/** Inputs and outputs of a linear layer, and what it is called. */
export interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly name: string;
  readonly head?: boolean;
  /** Whether it takes the data, whose gradient nobody needs. */
  readonly first?: boolean;
}

/** W x + b */
export function dense(
  { workspace, prefix, layer, columns }: LayerPlace,
  { inputs, outputs, name, head, first }: LinearShape,
): NetworkPart {
  const role = head ? "head" : "weight";
  const weight = workspace.parameter({ name: `${prefix}${name}`, shape: [outputs, inputs], role, layer });
  const bias = biasOf({ workspace, prefix, layer, columns }, name, outputs);
  const [output, behind] = [workspace.matrix(outputs, columns), workspace.matrix(inputs, columns)];
  let kept = output;
  return {
    parameters: [weight, bias],
    linears: [{ weight, output, columns }],
    forward(input) {
      kept = input;
      workspace.arithmetic.multiply(output, operandOf(weight, false), input, columns, bias.values);
      return output;
    },
    backward(gradient) {
      linearGradients(workspace, [weight, bias], gradient, kept, columns);
      if (!first) workspace.arithmetic.multiply(behind, operandOf(weight, true), gradient, columns);
      return behind;
    },
  };
}

/** The same over a ring of positions: each output sees three of them. */
export function convolution(
  { workspace, prefix, layer, columns }: LayerPlace,
  { inputs, outputs, name, first }: LinearShape,
): NetworkPart {
  const weight = workspace.parameter({
    ...{ name: `${prefix}${name}`, shape: [outputs, inputs, TAPS], role: "weight", layer },
  });
  const bias = biasOf({ workspace, prefix, layer, columns }, name, outputs);
  const [patches, scattered] = [workspace.matrix(inputs * TAPS, columns), workspace.matrix(inputs * TAPS, columns)];
  const [output, behind] = [workspace.matrix(outputs, columns), workspace.matrix(inputs, columns)];
  return {
    parameters: [weight, bias],
    linears: [{ weight, output, columns }],
    forward(input) {
      unfold(patches, input, inputs, columns, true);
      workspace.arithmetic.multiply(output, operandOf(weight, false), patches, columns, bias.values);
      return output;
    },
    backward(gradient) {
      linearGradients(workspace, [weight, bias], gradient, patches, columns);
      if (first) return behind;
      workspace.arithmetic.multiply(scattered, operandOf(weight, true), gradient, columns);
      fold(behind, scattered, inputs, columns, true);
      return behind;
    },
  };
}

const biasOf = ({ workspace, prefix, layer }: LayerPlace, name: string, units: number): Parameter =>
  workspace.parameter({
    name: `${prefix}${name === "weight" ? "bias" : `${name}.bias`}`,
    ...{ shape: [units], role: "bias", layer },
  });

/** Sets the gradients of a linear layer: of its weight, and of its bias, which is the sum over all columns. */
function linearGradients(
  { arithmetic }: TrainingMemory,
  [weight, bias]: readonly [Parameter, Parameter],
  gradient: Floats,
  input: Floats,
  columns: number,
): void {
  arithmetic.multiplyTransposed(weight.gradient, gradient, input, gradientSize(weight, columns));
  arithmetic.sumRows(bias.gradient, gradient, bias.rows, columns, columnsOf(columns));
}

/** What is added to each unit at each position of a sample; it starts as 0. */
export function positions({ workspace, prefix, layer, columns }: LayerPlace, units: number): NetworkPart {
  const table = workspace.parameter({ name: `${prefix}position`, shape: [units, POSITIONS], role: "position", layer });
  const output = workspace.matrix(units, columns);
  const stride = columnsOf(columns);
  const visit = (each: (at: number, place: number) => void) => {
    for (let i = 0; i < units; ++i) {
      for (let j = 0; j < columns; ++j) each(i * stride + j, i * table.stride + (j % POSITIONS));
    }
  };
  const sums = new Float64Array(units * POSITIONS);
  return {
    parameters: [table],
    forward(input) {
      visit((at, place) => {
        output[at] = (input[at] as number) + (table.values[place] as number);
      });
      return output;
    },
    backward(gradient) {
      sums.fill(0);
      visit((at, place) => {
        sums[place] = (sums[place] as number) + (gradient[at] as number);
      });
      table.gradient.set(sums);
      return gradient;
    },
  };
}

/** f(x), for a network's activation function. */
export function activation(
  { workspace, columns }: LayerPlace,
  units: number,
  { name, f, derivative }: ActivationFunction,
): NetworkPart {
  const [output, behind] = [workspace.matrix(units, columns), workspace.matrix(units, columns)];
  const isRelu = name === "relu";
  let kept = output;
  return {
    parameters: [],
    forward(input) {
      kept = input;
      if (isRelu) workspace.arithmetic.rectify(output, input);
      else apply(output, input, f);
      return output;
    },
    backward(gradient) {
      if (isRelu) workspace.arithmetic.rectifySlope(behind, gradient, kept);
      else multiplySlope(behind, gradient, kept, derivative);
      return behind;
    },
  };
}

const MOMENTUM = 0.1; // of the statistics that batch normalization keeps, as in PyTorch

/** n(x) times a scale, plus a bias (for RMS without one), each learned for each unit. They start as 1 and 0. */
export function normalization(
  { workspace, prefix, layer, columns }: LayerPlace,
  name: string,
  spec: NormalizationSpec,
): NetworkPart {
  const { width: units, normalization: kind } = spec;
  const scale = workspace.parameter({ name: `${prefix}${name}.scale`, shape: [units], role: "scale", layer });
  scale.values.fill(1);
  const bias =
    kind === "rms"
      ? undefined
      : workspace.parameter({ name: `${prefix}${name}.bias`, shape: [units], role: "bias", layer });
  const [normalized, output, scaled, behind] = [0, 1, 2, 3].map(() => workspace.matrix(units, columns)) as [
    Floats,
    Floats,
    Floats,
    Floats,
  ];
  const stride = columnsOf(columns);
  const running = kind === "batch" ? runningStatistics(spec, columns) : undefined;
  let kept = output;
  return {
    parameters: bias === undefined ? [scale] : [scale, bias],
    forward(input, mode) {
      kept = input;
      if (running !== undefined && mode === "evaluate") running.normalize(normalized, input);
      else normalize(spec, normalized, input, columns);
      if (mode === "train") running?.update(input);
      for (let i = 0; i < units; ++i) {
        const [a, b] = [scale.values[i] as number, (bias?.values[i] ?? 0) as number];
        for (let j = i * stride; j < i * stride + columns; ++j) output[j] = a * (normalized[j] as number) + b;
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
          projection += g * (normalized[j] as number);
          scaled[j] = a * g;
        }
        scale.gradient[i] = projection;
        if (bias !== undefined) bias.gradient[i] = sum;
      }
      normalizeBackward(spec, behind, scaled, kept, normalized, columns);
      return behind;
    },
  };
}

/** Mean and variance of each unit, averaged over the batches so far. Ioffe, Szegedy 2015; the variance is unbiased, as in PyTorch. */
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

/** x + s inner(x) */
export function branch(
  { workspace, columns }: LayerPlace,
  units: number,
  inner: NetworkPart,
  scale: number,
): NetworkPart {
  const [output, scaled, behind] = [0, 1, 2].map(() => workspace.matrix(units, columns)) as [Floats, Floats, Floats];
  return {
    parameters: inner.parameters,
    linears: inner.linears ?? [],
    forward(input, mode) {
      add(output, input, inner.forward(input, mode), scale);
      return output;
    },
    backward(gradient) {
      for (let i = 0; i < scaled.length; ++i) scaled[i] = scale * (gradient[i] as number);
      add(behind, gradient, inner.backward(scaled), 1);
      return behind;
    },
  };
}

/** O attention(Q x, K x, V x), with one head of the network's width. */
export function selfAttention(place: LayerPlace, width: number): NetworkPart {
  const { workspace, columns } = place;
  const projection = (name: string) => dense(place, { inputs: width, outputs: width, name });
  const [query, key, value, output] = [
    projection("query"),
    projection("key"),
    projection("value"),
    projection("output"),
  ];
  const matrix = () => workspace.matrix(width, columns);
  const [mixed, behind, toQuery, toKey, toValue] = [matrix(), matrix(), matrix(), matrix(), matrix()];
  const head = attention(width, columns);
  let [q, k, v] = [mixed, mixed, mixed];
  return {
    parameters: [query, key, value, output].flatMap(({ parameters }) => parameters),
    linears: [query, key, value, output].flatMap(({ linears = [] }) => linears),
    forward(input, mode) {
      [q, k, v] = [query.forward(input, mode), key.forward(input, mode), value.forward(input, mode)];
      head.forward(mixed, q, k, v);
      return output.forward(mixed, mode);
    },
    backward(gradient) {
      head.backward([toQuery, toKey, toValue], output.backward(gradient), q, k, v);
      add(behind, query.backward(toQuery), key.backward(toKey), 1);
      add(behind, behind, value.backward(toValue), 1);
      return behind;
    },
  };
}

/** The mean over the positions of each sample. */
export function pool({ workspace, columns }: LayerPlace, units: number): NetworkPart {
  const samples = columns / POSITIONS;
  const [output, behind] = [workspace.matrix(units, samples), workspace.matrix(units, columns)];
  const [from, to] = [columnsOf(columns), columnsOf(samples)];
  return {
    parameters: [],
    forward(input) {
      for (let i = 0; i < units; ++i) {
        for (let s = 0; s < samples; ++s) {
          let sum = 0;
          for (let p = 0; p < POSITIONS; ++p) sum += input[i * from + s * POSITIONS + p] as number;
          output[i * to + s] = sum / POSITIONS;
        }
      }
      return output;
    },
    backward(gradient) {
      for (let i = 0; i < units; ++i) {
        for (let j = 0; j < columns; ++j) {
          behind[i * from + j] = (gradient[i * to + Math.floor(j / POSITIONS)] as number) / POSITIONS;
        }
      }
      return behind;
    },
  };
}
