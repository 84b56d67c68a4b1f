/** Monitors a training that any library runs. */
import {
  checkAboveZero,
  checkNumber,
  checkOptions,
  checkPositive,
  checkRequired,
  wrongType,
  wrongValue,
} from "../check.js";
import { activationFunction } from "../lab/activation.js";
import type { Activation } from "../scheme/gain.js";
import { newFindings, type TrainingFinding } from "./finding.js";
import { type LayerMonitor, layerMeasure, normOf, type ObservedWeights } from "./measure.js";

/** The options of `monitor`. */
export interface MonitorOptions {
  /** The activation function whose outputs are observed. Default "relu". */
  readonly activation?: Activation | ((x: number) => number) | undefined;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
}

/** What `observe` needs to know besides the arrays. */
export interface ObservedLayer {
  /** Units of the layer: activations are samples x units, one sample after the other. */
  readonly units: number;
  /** The weights, for their norm and the update ratio. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Rows and columns of the weights, for the largest singular value. */
  readonly shape?: readonly [rows: number, columns: number] | undefined;
  /** The learning rate: the update is then the gradient times it. */
  readonly learningRate?: number | undefined;
}

/** Monitors a training that runs elsewhere, layer by layer. */
export interface Monitor {
  /**
   * Measures a layer at the current step.
   *
   * @param layer its number or name. Layers are taken in the order of the network.
   * @param activations the outputs of its activation function: samples x units numbers.
   * @param gradients of its weights.
   * @param about its units, and its weights.
   * @returns what was measured.
   * @throws TypeError, RangeError for arrays of other sizes.
   */
  observe(
    layer: number | string,
    activations: ArrayLike<number>,
    gradients: ArrayLike<number>,
    about: ObservedLayer,
  ): LayerMonitor;
  /**
   * Ends a step: the layers that were observed since the last call belong to it.
   *
   * @param loss of the step, if it is known.
   * @returns the findings of this step, of kinds that were not found before.
   */
  step(loss?: number): readonly TrainingFinding[];
  /** All findings so far, in the order of their steps. */
  readonly findings: readonly TrainingFinding[];
}

/**
 * Monitors the layers of any network, trained by any library. It takes the activations and the gradients of each layer, and says
 * what is wrong and what to change.
 *
 * @param options the activation function.
 * @returns a monitor that reads the arrays that it is given, and keeps none of them.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { monitor } from "nn-init/train";
 *
 * const watch = monitor({ activation: "relu" });
 * // Two samples of a layer with three units, of which two are 0 for both.
 * watch.observe("dense1", [0, 0, 0.5, 0, 0, 0.7], [0, 0, 0.1], { units: 3 });
 * const [finding] = watch.step();
 * console.log(finding?.kind, finding?.layer); // dying dense1
 * ```
 */
export function monitor(options: MonitorOptions = {}): Monitor {
  checkOptions("options", options, ["activation", "slope"]);
  const activation = activationFunction(options.activation ?? "relu", options.slope);
  const measure = layerMeasure(activation);
  const findings: TrainingFinding[] = [];
  let step = 0;
  let layers: LayerMonitor[] = [];
  return {
    findings,
    observe(layer, activations, gradients, about) {
      checkRequired("about", about, ["units", "weights", "shape", "learningRate"]);
      if (typeof layer !== "number" && typeof layer !== "string") throw wrongType("layer", "a number or a name", layer);
      const units = checkPositive("about.units", about.units);
      checkArray("activations", activations);
      checkArray("gradients", gradients);
      const samples = activations.length / units;
      if (samples < 1 || !Number.isInteger(samples)) {
        throw wrongValue("activations.length", `a multiple of about.units, ${units}`, activations.length);
      }
      const measured = measure({
        ...{ layer, units, samples, activations, unitStride: 1, sampleStride: units },
        weights: [weightsOfLayer(gradients, about)],
      });
      layers.push(measured);
      return measured;
    },
    step(loss) {
      if (loss !== undefined) checkNumber("loss", loss);
      const found = newFindings(findings, layers, step, loss);
      findings.push(...found);
      layers = [];
      step += 1;
      return found;
    },
  };
}

function checkArray(name: string, values: unknown): void {
  const length: unknown = typeof values === "object" ? (values as { length?: unknown } | null)?.length : undefined;
  if (typeof length !== "number") throw wrongType(name, "an array of numbers", values);
}

function checkMatrix(shape: unknown, weights: number): void {
  if (!Array.isArray(shape)) throw wrongType("about.shape", "rows and columns", shape);
  const [rows, columns] = [0, 1].map((axis) => checkPositive(`about.shape[${axis}]`, shape[axis])) as [number, number];
  if (shape.length === 2 && rows * columns === weights) return;
  throw wrongValue("about.shape", `rows and columns of ${weights} weights`, shape);
}

function weightsOfLayer(
  gradients: ArrayLike<number>,
  { weights, shape, learningRate }: ObservedLayer,
): ObservedWeights {
  if (weights !== undefined) {
    checkArray("about.weights", weights);
    if (weights.length !== gradients.length) {
      throw wrongValue("about.weights.length", `${gradients.length}, as many as gradients`, weights.length);
    }
  }
  if (shape !== undefined) checkMatrix(shape, gradients.length);
  const rate = learningRate === undefined ? undefined : checkAboveZero("about.learningRate", learningRate);
  const [rows, columns] = shape ?? [1, gradients.length];
  return {
    ...{ gradients, rows, columns, stride: columns, values: weights, hasShape: shape !== undefined },
    ...(rate !== undefined && { updateNorm: rate * normOf(gradients) }),
  };
}
