/** Data to train on: its checks, how it is split, and the order in which samples are taken. */
import { checkPositive, checkRequired, wrongType, wrongValue } from "../check.js";
import { fill } from "../init.js";
import type { Seed } from "../stream.js";
import type { Task } from "./loss.js";

/** Samples with their targets. */
export interface Samples {
  /** The features of one sample after those of another: samples x features finite numbers. */
  readonly inputs: ArrayLike<number>;
  /** For classes a whole number from 0 for each sample, for a regression samples x outputs finite numbers. */
  readonly targets: ArrayLike<number>;
}

/** What a network learns: three sets of samples that have none in common. */
export interface TrainingData {
  /** What it is called in reports. */
  readonly name: string;
  /** Numbers of each sample. */
  readonly features: number;
  /** The number of classes, from 2; undefined for a regression. */
  readonly classes?: number | undefined;
  /** How many numbers a regression predicts. Default 1. */
  readonly outputs?: number | undefined;
  /** The samples that weights are trained on. */
  readonly training: Samples;
  /** The samples that learning rates are chosen by. */
  readonly validation: Samples;
  /** The samples of which results are reported. */
  readonly test: Samples;
}

/** @internal Checked samples. */
export interface CheckedSamples {
  readonly count: number;
  readonly inputs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
}

/** @internal Checked data. */
export interface CheckedData {
  readonly name: string;
  readonly task: Task;
  readonly features: number;
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  readonly training: CheckedSamples;
  readonly validation: CheckedSamples;
  readonly test: CheckedSamples;
}

const KEYS = ["name", "features", "classes", "outputs", "training", "validation", "test"];

/** @internal @param batch samples of a step: there must be as many to train on. */
export function checkedData(data: TrainingData, batch: number): CheckedData {
  checkRequired("data", data, KEYS);
  const { training, validation, test, ...asked } = data;
  const shape = checkedShape("data.", asked);
  const checked = {
    ...{ name: shape.name, features: shape.features, outputs: shape.outputs, task: shape.task },
    training: checkedSamples("data.training", training, shape),
    validation: checkedSamples("data.validation", validation, shape),
    test: checkedSamples("data.test", test, shape),
  };
  if (checked.training.count < batch) {
    throw wrongValue("batch", `at most ${checked.training.count}, the samples that there are to train on`, batch);
  }
  if (shape.task === "classification") checkClasses("data.training.targets", checked.training);
  return checked;
}

interface DataShape extends Pick<CheckedData, "name" | "task" | "features" | "outputs"> {
  /** Begins the names of its fields in error messages. */
  readonly place: string;
}

function checkedShape(
  place: string,
  { name, classes, ...asked }: Pick<TrainingData, "name" | "features" | "classes" | "outputs">,
): DataShape {
  if (typeof name !== "string") throw wrongType(`${place}name`, "a string", name);
  const features = checkPositive(`${place}features`, asked.features);
  if (classes === undefined) {
    return { place, name, task: "regression", features, outputs: checkPositive(`${place}outputs`, asked.outputs ?? 1) };
  }
  if (checkPositive(`${place}classes`, classes) < 2) {
    throw wrongValue(`${place}classes`, "2 or more: with one class there is nothing to learn", classes);
  }
  if (asked.outputs !== undefined) {
    throw wrongValue(`${place}outputs`, "no number of outputs beside classes", asked.outputs);
  }
  return { place, name, task: "classification", features, outputs: classes };
}

function checkedSamples(name: string, given: Samples, { place, task, features, outputs }: DataShape): CheckedSamples {
  checkRequired(name, given, ["inputs", "targets"]);
  const isClassification = task === "classification";
  const { inputs, targets } = given;
  checkNumbers(`${name}.inputs`, inputs);
  checkNumbers(`${name}.targets`, targets);
  const count = inputs.length / features;
  if (count < 1 || !Number.isInteger(count)) {
    throw wrongValue(`${name}.inputs.length`, `a multiple of ${place}features, ${features}`, inputs.length);
  }
  const wanted = isClassification ? count : count * outputs;
  if (targets.length !== wanted) {
    const per = isClassification ? "one for each sample" : `${outputs} for each sample`;
    throw wrongValue(`${name}.targets.length`, `${wanted}, ${per}`, targets.length);
  }
  if (isClassification) {
    for (let i = 0; i < wanted; ++i) {
      const target = targets[i] as number;
      if (Number.isInteger(target) && target >= 0 && target < outputs) continue;
      throw wrongValue(`${name}.targets[${i}]`, `a class, a whole number from 0 to ${outputs - 1}`, target);
    }
  }
  return { count, inputs, targets };
}

function checkNumbers(name: string, values: ArrayLike<number>): void {
  if (typeof values !== "object" || values === null || typeof values.length !== "number") {
    throw wrongType(name, "an array of numbers", values);
  }
  for (let i = 0; i < values.length; ++i) {
    if (Number.isFinite(values[i])) continue;
    throw wrongValue(`${name}[${i}]`, "a finite number; fill in what is missing, or leave the sample out", values[i]);
  }
}

function checkClasses(name: string, { targets }: CheckedSamples): void {
  const first = targets[0];
  for (let i = 1; i < targets.length; ++i) if (targets[i] !== first) return;
  throw wrongValue(name, "two classes or more", `only class ${first}`);
}

/** @internal Numbers between 0 and 1, both excluded: odd multiples of 2^-53, the same for the same seed and name. */
export function uniforms(length: number, seed: Seed, name: string): Float64Array {
  const values = new Float64Array(length);
  fill(values, [length], { scheme: "uniform", low: 0, high: 1 }, { seed, name, dtype: "f64" });
  return values;
}

/** @internal The numbers below `count` in a random order. Fisher and Yates 1938, in the form of Knuth 1969, 3.4.2, algorithm P. */
export function permutation(count: number, seed: Seed, name: string): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const random = uniforms(count, seed, name);
  for (let i = count - 1; i > 0; --i) {
    const j = Math.floor((random[i] as number) * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

/** @internal The samples of each step. Every epoch has its own order; a rest that is smaller than a batch is left out. */
export function batches(count: number, batch: number, seed: Seed): () => Int32Array {
  let [epoch, at] = [0, 0];
  let order = permutation(count, seed, "order.0");
  return () => {
    if (at + batch > count) {
      epoch += 1;
      at = 0;
      order = permutation(count, seed, `order.${epoch}`);
    }
    at += batch;
    return order.subarray(at - batch, at);
  };
}

/** Shares of the training and the validation data; the rest is test data. */
const [TRAINING, VALIDATION] = [0.6, 0.2];

/**
 * Splits samples into training (60%), validation (20%) and test data, each class in these shares.
 *
 * @param samples all samples.
 * @param options what the samples are.
 * @returns data for `train` and `compare`.
 * @throws TypeError, RangeError naming the argument: values that are not finite, sizes that do not fit, too few samples for three
 * parts.
 * @example
 * ```js
 * import { splitData } from "nn-init/train";
 *
 * const inputs = Float32Array.from({ length: 200 }, (_, i) => i / 200);
 * const targets = inputs.map((x) => (x > 0.5 ? 1 : 0));
 * const data = splitData({ inputs, targets }, { name: "steps", features: 1, classes: 2 });
 * console.log(data.training.targets.length, data.validation.targets.length, data.test.targets.length); // 120 40 40
 * ```
 */
export function splitData(samples: Samples, options: DataSplitOptions): TrainingData {
  checkRequired("options", options, ["name", "features", "classes", "outputs", "seed"]);
  const { seed = 0, ...asked } = options;
  const shape = checkedShape("", asked);
  const whole = checkedSamples("samples", samples, shape);
  const { features, outputs } = shape;
  const isClassification = shape.task === "classification";
  if (isClassification) checkClasses("samples.targets", whole);
  const parts: [number[], number[], number[]] = [[], [], []];
  for (const [label, group] of groupsOf(whole, isClassification)) {
    const order = permutation(group.length, seed, `split.${label}`);
    const ends = [Math.round(TRAINING * group.length), Math.round((TRAINING + VALIDATION) * group.length)] as const;
    order.forEach((place, at) => {
      parts[at < ends[0] ? 0 : at < ends[1] ? 1 : 2].push(group[place] as number);
    });
  }
  if (parts.some((rows) => rows.length === 0)) {
    const enough = isClassification ? "4 or more of a class" : "4 or more";
    throw wrongValue("samples", `enough of them for training, validation and test data: ${enough}`, whole.count);
  }
  const width = isClassification ? 1 : outputs;
  const partOf = (rows: number[]): Samples => {
    rows.sort((a, b) => a - b);
    return { inputs: rowsOfArray(whole.inputs, rows, features), targets: rowsOfArray(whole.targets, rows, width) };
  };
  return { ...asked, training: partOf(parts[0]), validation: partOf(parts[1]), test: partOf(parts[2]) };
}

/** What the samples are that `splitData` splits. */
export interface DataSplitOptions {
  /** What the data is called in reports. */
  readonly name: string;
  /** Numbers of each sample. */
  readonly features: number;
  /** The number of classes, from 2; undefined for a regression. */
  readonly classes?: number | undefined;
  /** How many numbers a regression predicts. Default 1. */
  readonly outputs?: number | undefined;
  /** From 0 to 2^64 - 1. Default 0. */
  readonly seed?: Seed | undefined;
}

/** The numbers of the samples of each class that there is; of a regression, of all. */
function groupsOf({ count, targets }: CheckedSamples, isClassification: boolean): Map<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; ++i) {
    const label = isClassification ? (targets[i] as number) : 0;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [i]);
    else group.push(i);
  }
  return groups;
}

function rowsOfArray(from: ArrayLike<number>, rows: readonly number[], width: number): Float32Array {
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; ++k) values[i * width + k] = from[row * width + k] as number;
  });
  return values;
}
