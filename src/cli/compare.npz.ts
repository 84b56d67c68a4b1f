/** Data from a file: the arrays `x` and `y` of an `.npz` archive. Archives are untrusted: everything is checked. */
import { closeSync, fstatSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { wrongValue } from "../check.js";
import { inFile } from "../checkpoint/place.js";
import { cannotRead } from "../file/json.js";
import { openRegular } from "../file/regular.js";
import { type NpzArray, readNpz } from "../format/npz.reader.js";
import { type Samples, splitData, type TrainingData } from "../train/data.js";
import { isOfWholeNumbers, singlesOf } from "./compare.numbers.js";

const MOST_BYTES = 2 ** 30; // of the archive
const MOST_NUMBERS = 2 ** 27; // of x: half a gibibyte in single precision
const MOST_FEATURES = 2 ** 20;
const MOST_OUTPUTS = 2 ** 16;

/**
 * Reads `x`, samples x features (or more axes), and `y`: whole numbers are classes, floats what a regression predicts. Cut into
 * parts as `splitData` does, with seed 0, in memory that threads share.
 *
 * @throws Error naming the file, the array, and the place in it.
 */
export function readOwnData(path: string): TrainingData {
  const file = bytesOfFile(path);
  return inFile(path, () => dataOfArrays(basename(path), readNpz(file)));
}

function bytesOfFile(path: string): Uint8Array {
  try {
    const file = openRegular(path);
    try {
      const { size } = fstatSync(file);
      if (size > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} bytes, got ${size}`);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function dataOfArrays(name: string, arrays: readonly NpzArray[]): TrainingData {
  const [x, y] = ["x", "y"].map((wanted) => {
    const found = arrays.find((array) => array.name === wanted);
    if (found !== undefined) return found;
    throw wrongValue("arrays", `one named ${wanted}`, arrays.map((array) => array.name).slice(0, 20));
  }) as [NpzArray, NpzArray];
  const features = featuresOf(x);
  checkTargets(y, x.shape[0] as number);
  const targets = singlesOf(y);
  const isClasses = isOfWholeNumbers(y);
  const what = isClasses ? { classes: classesOf(targets) } : { outputs: y.shape[1] ?? 1 };
  const data = splitData({ inputs: singlesOf(x), targets }, { name, features, ...what });
  return {
    ...data,
    ...{ training: shared(data.training), validation: shared(data.validation) },
    test: shared(data.test),
  };
}

function featuresOf({ shape }: NpzArray): number {
  const features = shape.slice(1).reduce((product, length) => product * length, 1);
  if (shape.length < 2 || shape.includes(0)) {
    throw wrongValue("x: shape", "[samples, features], or more axes, none of them 0", shape);
  }
  if (features > MOST_FEATURES) throw wrongValue("x: shape", `at most ${MOST_FEATURES} features`, shape);
  if (features * (shape[0] as number) > MOST_NUMBERS)
    throw wrongValue("x: shape", `at most ${MOST_NUMBERS} numbers`, shape);
  return features;
}

function checkTargets(y: NpzArray, samples: number): void {
  const { shape } = y;
  const isWhole = isOfWholeNumbers(y);
  const most = isWhole ? 1 : MOST_OUTPUTS;
  const [count, outputs = 1] = shape;
  if (count === samples && shape.length < 3 && outputs >= 1 && outputs <= most) return;
  const kinds = isWhole ? `[${samples}] for classes` : `[${samples}] or [${samples}, outputs] for a regression`;
  throw wrongValue("y: shape", `${kinds}, as x has ${samples} samples`, shape);
}

/** Classes are numbered from 0, and each has samples. */
function classesOf(targets: ArrayLike<number>): number {
  const isPresent = new Uint8Array(MOST_OUTPUTS);
  let classes = 0;
  for (let i = 0; i < targets.length; ++i) {
    const target = targets[i] as number;
    if (!(target >= 0 && target < MOST_OUTPUTS)) {
      throw wrongValue(`y[${i}]`, `a class, a whole number from 0 to ${MOST_OUTPUTS - 1}`, target);
    }
    classes = Math.max(classes, target + 1);
    isPresent[target] = 1;
  }
  const absent = isPresent.subarray(0, classes).indexOf(0);
  if (absent >= 0) throw wrongValue("y", `classes numbered from 0 to ${classes - 1}`, `no sample of class ${absent}`);
  if (classes < 2) throw wrongValue("y", "two classes or more: with one there is nothing to learn", "only class 0");
  return classes;
}

const shared = ({ inputs, targets }: Samples): Samples => ({
  inputs: sharedCopy(inputs),
  targets: sharedCopy(targets),
});

function sharedCopy(values: ArrayLike<number>): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}
