/** The loss of a network's outputs, and its gradient. Both losses are means, as in PyTorch. */
import { columnsOf } from "../engine/product.js";
import type { Floats } from "../kernel/matmul.js";
import { exp, log } from "../math/functions.js";

/** What is to be learned: one of several classes, or numbers. */
export type Task = "classification" | "regression";

/** The loss of a batch. */
interface BatchLoss {
  /** The sum over the samples. */
  readonly loss: number;
  /** How many samples were classified right; 0 for regression. */
  readonly correct: number;
}

/** The outputs of a batch, and their targets. */
interface BatchOutputs {
  /** Outputs by samples. */
  readonly outputs: Floats;
  /** How many outputs each sample has. */
  readonly count: number;
  /** Columns of the matrix. */
  readonly columns: number;
  /** How many of the columns are samples: the first ones. The last batch of an evaluation may be smaller. */
  readonly samples: number;
  /** The class of each sample, or its numbers, one sample after the other. */
  readonly targets: ArrayLike<number>;
}

/**
 * Cross entropy of the softmax: the mean of ln(sum e^z) - z[class]. The gradient is (softmax - 1 at the class) / samples.
 *
 * @param gradient receives it; undefined if it is not needed.
 */
function crossEntropy({ outputs, count, columns, samples, targets }: BatchOutputs, gradient?: Floats): BatchLoss {
  const stride = columnsOf(columns);
  const shares = new Float64Array(count);
  let [loss, correct] = [0, 0];
  gradient?.fill(0);
  for (let j = 0; j < samples; ++j) {
    const target = targets[j] as number;
    let [max, best] = [outputs[j] as number, 0];
    for (let i = 1; i < count; ++i) {
      const z = outputs[i * stride + j] as number;
      if (z > max) [max, best] = [z, i];
    }
    let sum = 0;
    for (let i = 0; i < count; ++i) {
      shares[i] = exp((outputs[i * stride + j] as number) - max);
      sum += shares[i] as number;
    }
    loss += log(sum) - ((outputs[target * stride + j] as number) - max);
    if (best === target) correct += 1;
    if (gradient === undefined) continue;
    for (let i = 0; i < count; ++i) {
      gradient[i * stride + j] = ((shares[i] as number) / sum - (i === target ? 1 : 0)) / samples;
    }
  }
  return { loss, correct };
}

/** Mean squared error, over samples and outputs. The gradient is 2 (output - target) / (samples outputs). */
function squaredError({ outputs, count, columns, samples, targets }: BatchOutputs, gradient?: Floats): BatchLoss {
  const stride = columnsOf(columns);
  let loss = 0;
  gradient?.fill(0);
  for (let j = 0; j < samples; ++j) {
    for (let i = 0; i < count; ++i) {
      const difference = (outputs[i * stride + j] as number) - (targets[j * count + i] as number);
      loss += (difference * difference) / count;
      if (gradient !== undefined) gradient[i * stride + j] = (2 * difference) / (samples * count);
    }
  }
  return { loss, correct: 0 };
}

export const lossOf = (task: Task): typeof crossEntropy => (task === "classification" ? crossEntropy : squaredError);

/** The loss of the best constant prediction: the entropy of the classes, or the variance of the targets. */
export function baselineOf({ task, outputs, training: { targets } }: TaskTargets): number {
  if (task === "regression") return varianceOfTargets(targets, outputs);
  const counts = new Float64Array(outputs);
  for (let i = 0; i < targets.length; ++i) counts[targets[i] as number] = (counts[targets[i] as number] as number) + 1;
  return counts.reduce((sum, n) => sum + (n === 0 ? 0 : (n / targets.length) * log(targets.length / n)), 0);
}

/** The training targets of a task. */
interface TaskTargets {
  readonly task: Task;
  readonly outputs: number;
  readonly training: { readonly targets: ArrayLike<number> };
}

/** The mean over the outputs of the variance over the samples. */
export function varianceOfTargets(targets: ArrayLike<number>, outputs: number): number {
  const samples = targets.length / outputs;
  let sum = 0;
  for (let k = 0; k < outputs; ++k) {
    let [mean, squares] = [0, 0];
    for (let i = k; i < targets.length; i += outputs) mean += (targets[i] as number) / samples;
    for (let i = k; i < targets.length; i += outputs) {
      squares += ((targets[i] as number) - mean) * ((targets[i] as number) - mean);
    }
    sum += squares / samples;
  }
  return sum / outputs;
}
