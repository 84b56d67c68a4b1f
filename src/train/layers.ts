/**
 * The layers of a network that is trained, forward and backward. Signals are matrices of units by columns, as in the lab, whose
 * functions compute them; here the weights are kept, and their gradients are computed, too.
 */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import type { ActivationFunction } from "../lab/activation.js";
import { attention } from "../lab/attention.js";
import { add, apply, multiplySlope } from "../lab/linear.js";
import { fold, POSITIONS, TAPS, unfold } from "../lab/patches.js";
import { gradientSize, operandOf, type Parameter, type TrainingMemory } from "./parameter.js";

/** Which statistics batch normalization takes: those of the batch, or its running averages. */
export type Mode = "train" | "evaluate";

/** A weight, and the output of its layer for the last input: a matrix of outputs by columns. */
export interface LinearOutput {
  readonly weight: Parameter;
  readonly output: Floats;
  readonly columns: number;
}

/** A part of a network. The next call overwrites its arrays. */
export interface NetworkPart {
  readonly parameters: readonly Parameter[];
  /** In the order in which they are computed. */
  readonly linears?: readonly LinearOutput[];
  /** @returns the output. */
  forward(input: Floats, mode: Mode): Floats;
  /**
   * Sets the gradients of its parameters, with what the last `forward` in mode "train" has kept.
   * @returns the gradient of the input.
   */
  backward(gradient: Floats): Floats;
}

/** The memory of a layer, and its place in the network. */
export interface LayerPlace {
  readonly memory: TrainingMemory;
  /** Begins the names of the parameters. */
  readonly prefix: string;
  /** The number of the layer. */
  readonly layer: number;
  readonly columns: number;
}

const contentsOf = (parts: readonly NetworkPart[]): Pick<NetworkPart, "parameters" | "linears"> => ({
  parameters: parts.flatMap(({ parameters }) => parameters),
  linears: parts.flatMap(({ linears = [] }) => linears),
});

export function sequence(parts: readonly NetworkPart[]): NetworkPart {
  return {
    ...contentsOf(parts),
    forward: (input, mode) => parts.reduce((signal, part) => part.forward(signal, mode), input),
    backward: (gradient) => parts.reduceRight((back, part) => part.backward(back), gradient),
  };
}

/** Inputs and outputs of a linear layer, and what it is called. */
interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly name: string;
  readonly head?: boolean;
  /** Whether its input is the data, whose gradient is not needed. */
  readonly first?: boolean;
}

/** W x + b */
export function dense(
  { memory, prefix, layer, columns }: LayerPlace,
  { inputs, outputs, name, head, first }: LinearShape,
): NetworkPart {
  const role = head ? "head" : "weight";
  const weight = memory.parameter({ name: `${prefix}${name}`, shape: [outputs, inputs], role, layer });
  const bias = biasOf({ memory, prefix, layer, columns }, name, outputs);
  const [output, inputGradient] = [memory.matrix(outputs, columns), memory.matrix(inputs, columns)];
  let kept = output;
  return {
    parameters: [weight, bias],
    linears: [{ weight, output, columns }],
    forward(input) {
      kept = input;
      memory.arithmetic.multiply(output, operandOf(weight, false), input, columns, bias.values);
      return output;
    },
    backward(gradient) {
      linearGradients(memory, [weight, bias], gradient, kept, columns);
      if (!first) memory.arithmetic.multiply(inputGradient, operandOf(weight, true), gradient, columns);
      return inputGradient;
    },
  };
}

/** W x + b over a ring of positions: each output depends on three of them. */
export function convolution(
  { memory, prefix, layer, columns }: LayerPlace,
  { inputs, outputs, name, first }: LinearShape,
): NetworkPart {
  const weight = memory.parameter({
    ...{ name: `${prefix}${name}`, shape: [outputs, inputs, TAPS], role: "weight", layer },
  });
  const bias = biasOf({ memory, prefix, layer, columns }, name, outputs);
  const [patches, scattered] = [memory.matrix(inputs * TAPS, columns), memory.matrix(inputs * TAPS, columns)];
  const [output, inputGradient] = [memory.matrix(outputs, columns), memory.matrix(inputs, columns)];
  return {
    parameters: [weight, bias],
    linears: [{ weight, output, columns }],
    forward(input) {
      unfold(patches, input, inputs, columns, true);
      memory.arithmetic.multiply(output, operandOf(weight, false), patches, columns, bias.values);
      return output;
    },
    backward(gradient) {
      linearGradients(memory, [weight, bias], gradient, patches, columns);
      if (first) return inputGradient;
      memory.arithmetic.multiply(scattered, operandOf(weight, true), gradient, columns);
      fold(inputGradient, scattered, inputs, columns, true);
      return inputGradient;
    },
  };
}

const biasOf = ({ memory, prefix, layer }: LayerPlace, name: string, units: number): Parameter =>
  memory.parameter({
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

/** x + t, with a learned number in t for each unit at each position of a sample. t starts as 0. */
export function positions({ memory, prefix, layer, columns }: LayerPlace, units: number): NetworkPart {
  const table = memory.parameter({ name: `${prefix}position`, shape: [units, POSITIONS], role: "position", layer });
  const output = memory.matrix(units, columns);
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

/** f(x), for an activation function. */
export function activation(
  { memory, columns }: LayerPlace,
  units: number,
  { name, f, derivative }: ActivationFunction,
): NetworkPart {
  const [output, inputGradient] = [memory.matrix(units, columns), memory.matrix(units, columns)];
  const isRelu = name === "relu";
  let kept = output;
  return {
    parameters: [],
    forward(input) {
      kept = input;
      if (isRelu) memory.arithmetic.rectify(output, input);
      else apply(output, input, f);
      return output;
    },
    backward(gradient) {
      if (isRelu) memory.arithmetic.rectifySlope(inputGradient, gradient, kept);
      else multiplySlope(inputGradient, gradient, kept, derivative);
      return inputGradient;
    },
  };
}

/** x + s inner(x) */
export function branch({ memory, columns }: LayerPlace, units: number, inner: NetworkPart, scale: number): NetworkPart {
  const matrix = () => memory.matrix(units, columns);
  const [output, scaled, inputGradient] = [matrix(), matrix(), matrix()];
  return {
    parameters: inner.parameters,
    linears: inner.linears ?? [],
    forward(input, mode) {
      add(output, input, inner.forward(input, mode), scale);
      return output;
    },
    backward(gradient) {
      for (let i = 0; i < scaled.length; ++i) scaled[i] = scale * (gradient[i] as number);
      add(inputGradient, gradient, inner.backward(scaled), 1);
      return inputGradient;
    },
  };
}

/** O attention(Q x, K x, V x), with one head of the network's width. */
export function selfAttention(place: LayerPlace, width: number): NetworkPart {
  const { memory, columns } = place;
  const projection = (name: string) => dense(place, { inputs: width, outputs: width, name });
  const [query, key] = [projection("query"), projection("key")];
  const [value, output] = [projection("value"), projection("output")];
  const matrix = () => memory.matrix(width, columns);
  const [mixed, inputGradient] = [matrix(), matrix()];
  const [queryGradient, keyGradient, valueGradient] = [matrix(), matrix(), matrix()];
  const head = attention(width, columns);
  let [q, k, v] = [mixed, mixed, mixed];
  return {
    ...contentsOf([query, key, value, output]),
    forward(input, mode) {
      [q, k, v] = [query.forward(input, mode), key.forward(input, mode), value.forward(input, mode)];
      head.forward(mixed, q, k, v);
      return output.forward(mixed, mode);
    },
    backward(gradient) {
      head.backward([queryGradient, keyGradient, valueGradient], output.backward(gradient), q, k, v);
      add(inputGradient, query.backward(queryGradient), key.backward(keyGradient), 1);
      add(inputGradient, inputGradient, value.backward(valueGradient), 1);
      return inputGradient;
    },
  };
}

/** The mean over the positions of each sample. */
export function pool({ memory, columns }: LayerPlace, units: number): NetworkPart {
  const samples = columns / POSITIONS;
  const [output, inputGradient] = [memory.matrix(units, samples), memory.matrix(units, columns)];
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
          inputGradient[i * from + j] = (gradient[i * to + Math.floor(j / POSITIONS)] as number) / POSITIONS;
        }
      }
      return inputGradient;
    },
  };
}
