/** One training of a network from one start: its steps, and the run that they make. */
import { checkCallback, checkOptions } from "../check.js";
import { columnsOf } from "../engine/product.js";
import type { SchemeName } from "../scheme/options.js";
import { batches, type CheckedData, type CheckedSamples, type TrainingData } from "./data.js";
import { earlyEndOf } from "./early.js";
import { newFindings, type TrainingFinding } from "./finding.js";
import type { LayerOptions } from "./list.js";
import { lossOf, varianceOfTargets } from "./loss.js";
import type { StrategyName } from "./names.js";
import { type TrainableNetwork, trainableNetwork } from "./network.js";
import { MOMENTS, optimizer } from "./optimizer.js";
import {
  checkedTraining,
  type NetworkOptions,
  type Training,
  type TrainingOptions,
  withTrainingOptions,
} from "./options.js";
import type { EarlyEnd, Evaluation, MonitoredStep, TrainingRun, TrainingStep } from "./run.js";
import { histogramsOf, startNetwork, verdictAtStart } from "./start.js";
import { type ResolvedStrategy, resolvedStrategy, type Strategy } from "./strategy.js";
import { layerWatch } from "./watch.js";

const ITERATE_OPTIONS = withTrainingOptions(["strategy"]);
const TRAIN_OPTIONS = withTrainingOptions(["strategy", "onStep"]);

/** The options of `train`. */
export interface TrainOptions extends TrainingOptions {
  /** What the network starts from. Default "recommended". */
  readonly strategy?: Strategy | StrategyName | SchemeName | undefined;
  /** Called after each step with its number, from 0, and the loss of its batch. What it throws ends the call. */
  readonly onStep?: ((step: number, loss: number) => void) | undefined;
}

/**
 * Trains a network once, and monitors its layers.
 *
 * @param network what is trained: the lab's options, or a list of layers.
 * @param data what it learns.
 * @param options what it starts from, and how it is trained.
 * @returns plain data: losses, measurements of each layer on the way, findings, and the loss and accuracy in the end. The same
 * on every engine and runtime.
 * @throws TypeError, RangeError naming the option, before anything is computed.
 * @example
 * ```js
 * import { spiral, train } from "nn-init/train";
 *
 * const network = { depth: 3, width: 32 };
 * const run = train(network, spiral(), { strategy: "he", optimizer: "adam", learningRate: 0.01, steps: 300 });
 * console.log(run.verdict.kind, run.test.accuracy > 0.95); // stable true
 * ```
 */
export function train(
  network: NetworkOptions | readonly LayerOptions[],
  data: TrainingData,
  options: TrainOptions = {},
): TrainingRun {
  checkOptions("options", options, TRAIN_OPTIONS);
  const { onStep, ...rest } = options;
  checkCallback("onStep", onStep);
  const steps = iterateTraining(network, data, rest);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    onStep?.(value.step, value.loss);
  }
}

/**
 * Trains a network step by step: the caller decides when the next step is made, so a training can be paused, shown while it runs,
 * and run beside others. The result is the same as that of `train`.
 *
 * @param network what is trained: the lab's options, or a list of layers.
 * @param data what it learns.
 * @param options what it starts from, and how it is trained.
 * @returns an iterator whose `next` makes a step; after the last one it returns the run.
 * @throws TypeError, RangeError naming the option, before anything is computed.
 * @example
 * ```js
 * import { iterateTraining, spiral } from "nn-init/train";
 *
 * const run = iterateTraining({ depth: 20 }, spiral(), { strategy: "small", steps: 100 });
 * let next = run.next();
 * while (!next.done && next.value.findings.length === 0) next = run.next();
 * console.log(next.done ? "" : next.value.findings[0]?.kind); // dying
 * ```
 */
export function iterateTraining(
  network: NetworkOptions | readonly LayerOptions[],
  data: TrainingData,
  options: Omit<TrainOptions, "onStep"> = {},
): Generator<TrainingStep, TrainingRun> {
  checkOptions("options", options, ITERATE_OPTIONS);
  const { strategy = "recommended", ...rest } = options;
  const training = checkedTraining(network, data, rest);
  return trainSteps(training, resolvedStrategy(strategy, training.context));
}

/** Stands for the evaluation at a step that is measured only because its loss is not finite. */
const NOT_EVALUATED: Evaluation = { loss: Number.NaN, accuracy: Number.NaN };

/** @internal The steps of a training, one by one. */
export function* trainSteps(training: Training, strategy: ResolvedStrategy): Generator<TrainingStep, TrainingRun> {
  const { data, spec, steps, batch, seed, every, learningRate, engine } = training;
  const network = trainableNetwork(spec, batch, { engine, moments: MOMENTS[training.optimizer] });
  const nextRows = batches(data.training.count, batch, seed);
  const targets = new Float64Array(batch * targetsOf(data));
  const firstRows = nextRows();
  const verdict = verdictOfStart(training, strategy, firstRows, targets);
  fillBatch(network, data, data.training, firstRows, targets);
  startNetwork(network, strategy, seed);
  const update = optimizer(training.optimizer, network.parameters, network.arithmetic);
  const watch = layerWatch(network);
  const losses: number[] = [];
  const monitored: MonitoredStep[] = [];
  const findings: TrainingFinding[] = [];
  let histograms: TrainingRun["histograms"] = { before: [], after: [] };
  let ended: EarlyEnd | undefined;
  for (let step = 0; step < steps && ended === undefined; ++step) {
    if (step > 0) fillBatch(network, data, data.training, nextRows(), targets);
    const loss = computeGradients(network, data, targets);
    losses.push(loss);
    if (step === 0) histograms = { ...histograms, before: histogramsOf(network) };
    if (step === steps - 1) histograms = { ...histograms, after: histogramsOf(network) };
    const isBroken = !Number.isFinite(loss);
    const isMonitored = step % every === 0 || step === steps - 1;
    if (isMonitored || isBroken) watch.remember();
    update(learningRate);
    const known = findings.length;
    if (isMonitored || isBroken) {
      const layers = watch.layers();
      findings.push(...newFindings(findings, layers, step, loss));
      if (training.early || isBroken) ended = earlyEndOf(losses, layers, training);
      monitored.push({
        step,
        layers,
        validation: isMonitored ? evaluate(network, data, data.validation) : NOT_EVALUATED,
      });
    }
    yield {
      ...{ step, loss, verdict, findings: findings.slice(known) },
      ...(isMonitored && { monitored: monitored.at(-1) }),
    };
  }
  return {
    ...{ strategy: strategy.name, scheme: strategy.scheme ?? null, seed: String(seed), learningRate },
    ...{ verdict, losses, monitored, findings, histograms },
    validation: evaluate(network, data, data.validation),
    test: evaluate(network, data, data.test),
    ...(ended !== undefined && { ended }),
  };
}

/** The verdict about the start, computed in a network of its own, so that the one that is trained has seen no batch before. */
function verdictOfStart(
  { spec, data, batch, seed, engine }: Training,
  strategy: ResolvedStrategy,
  rows: ArrayLike<number>,
  targets: Float64Array,
): TrainingRun["verdict"] {
  const network = trainableNetwork(spec, batch, { engine });
  fillBatch(network, data, data.training, rows, targets);
  return verdictAtStart(network, spec.network, strategy, seed, () => void computeGradients(network, data, targets));
}

/** Goes forward and backward once. @returns the mean loss of the batch. */
function computeGradients(network: TrainableNetwork, data: CheckedData, targets: Float64Array): number {
  const { samples, gradient } = network;
  const outputs = network.forward("train");
  const { loss } = lossOf(data.task)({ outputs, count: data.outputs, columns: samples, samples, targets }, gradient);
  network.backward();
  return loss / samples;
}

/** How many targets a sample has. */
const targetsOf = ({ task, outputs }: CheckedData): number => (task === "classification" ? 1 : outputs);

/** Fills the network's input with these samples, and `targets` with their targets. */
function fillBatch(
  { input, columns, samples }: TrainableNetwork,
  data: CheckedData,
  from: CheckedSamples,
  rows: ArrayLike<number>,
  targets: Float64Array,
): void {
  const positions = columns / samples;
  const channels = data.features / positions;
  const stride = columnsOf(columns);
  const width = targetsOf(data);
  for (let j = 0; j < rows.length; ++j) {
    const row = rows[j] as number;
    for (let position = 0, at = row * data.features; position < positions; ++position) {
      for (let to = j * positions + position, channel = 0; channel < channels; ++channel, to += stride, ++at) {
        input[to] = from.inputs[at] as number;
      }
    }
    for (let k = 0; k < width; ++k) targets[j * width + k] = from.targets[row * width + k] as number;
  }
}

/** The loss and accuracy on all of these samples, a batch at a time. */
function evaluate(network: TrainableNetwork, data: CheckedData, from: CheckedSamples): Evaluation {
  const cost = lossOf(data.task);
  const targets = new Float64Array(network.samples * targetsOf(data));
  let [loss, correct] = [0, 0];
  for (let first = 0; first < from.count; first += network.samples) {
    const samples = Math.min(network.samples, from.count - first);
    const rows = Array.from({ length: samples }, (_, i) => first + i);
    fillBatch(network, data, from, rows, targets);
    const outputs = network.forward("evaluate");
    const result = cost({ outputs, count: data.outputs, columns: network.samples, samples, targets });
    loss += result.loss;
    correct += result.correct;
  }
  loss /= from.count;
  const explained =
    data.task === "regression"
      ? Math.max(0, 1 - loss / varianceOfTargets(from.targets, data.outputs))
      : correct / from.count;
  return { loss, accuracy: Number.isNaN(explained) ? 0 : explained };
}
