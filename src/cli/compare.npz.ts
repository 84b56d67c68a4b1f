/** Data from a file: the arrays `x` and `y` of an `.npz` archive. Archives are untrusted: everything is checked. */
import { closeSync, fstatSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { wrongValue } from "../check.js";
import { inFile } from "../checkpoint/place.js";
import { cannotRead } from "../file/json.js";
import { openRegular } from "../file/regular.js";
import { floatOfHalf } from "../format/convert.js";
import { type NpzArray, readNpz } from "../format/npz.reader.js";
import { type Samples, splitData, type TrainingData } from "../train/data.js";

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
  const targets = numbersOf(y);
  const isClasses = kindOf(y).isWhole;
  const what = isClasses ? { classes: classesOf(targets) } : { outputs: y.shape[1] ?? 1 };
  const data = splitData({ inputs: numbersOf(x), targets }, { name, features, ...what });
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
  const { isWhole } = kindOf(y);
  const most = isWhole ? 1 : MOST_OUTPUTS;
  const [count, outputs = 1] = shape;
  if (count === samples && shape.length < 3 && outputs >= 1 && outputs <= most) return;
  const kinds = isWhole ? `[${samples}] for classes` : `[${samples}] or [${samples}, outputs] for a regression`;
  throw wrongValue("y: shape", `${kinds}, as x has ${samples} samples`, shape);
}

/** Classes are numbered from 0, and each has samples. */
function classesOf(targets: ArrayLike<number>): number {
  const counts = new Uint32Array(MOST_OUTPUTS);
  let classes = 0;
  for (let i = 0; i < targets.length; ++i) {
    const target = targets[i] as number;
    if (!(target >= 0 && target < MOST_OUTPUTS)) {
      throw wrongValue(`y[${i}]`, `a class, a whole number from 0 to ${MOST_OUTPUTS - 1}`, target);
    }
    classes = Math.max(classes, target + 1);
    counts[target] = 1;
  }
  const absent = counts.subarray(0, classes).indexOf(0);
  if (absent >= 0) throw wrongValue("y", `classes numbered from 0 to ${classes - 1}`, `no sample of class ${absent}`);
  if (classes < 2) throw wrongValue("y", "two classes or more: with one there is nothing to learn", "only class 0");
  return classes;
}

/** How the elements of an array are read. */
interface NumberKind {
  readonly bytes: number;
  readonly isWhole: boolean;
  read(view: DataView, at: number): number;
}

const whole = (bytes: number, read: NumberKind["read"]): NumberKind => ({ bytes, isWhole: true, read });
const float = (bytes: number, read: NumberKind["read"]): NumberKind => ({ bytes, isWhole: false, read });

const KINDS: ReadonlyMap<string, NumberKind> = new Map([
  ["|b1", whole(1, (view, at) => view.getUint8(at))],
  ["|u1", whole(1, (view, at) => view.getUint8(at))],
  ["|i1", whole(1, (view, at) => view.getInt8(at))],
  ["<u2", whole(2, (view, at) => view.getUint16(at, true))],
  ["<i2", whole(2, (view, at) => view.getInt16(at, true))],
  ["<u4", whole(4, (view, at) => view.getUint32(at, true))],
  ["<i4", whole(4, (view, at) => view.getInt32(at, true))],
  ["<u8", whole(8, (view, at) => Number(view.getBigUint64(at, true)))],
  ["<i8", whole(8, (view, at) => Number(view.getBigInt64(at, true)))],
  ["<f2", float(2, (view, at) => floatOfHalf(view.getUint16(at, true)))],
  ["<f4", float(4, (view, at) => view.getFloat32(at, true))],
  ["<f8", float(8, (view, at) => view.getFloat64(at, true))],
]);

function kindOf({ name, descr }: NpzArray): NumberKind {
  const kind = KINDS.get(descr);
  if (kind !== undefined) return kind;
  throw wrongValue(`${name}: type`, `one of ${[...KINDS.keys()].join(", ")}`, descr);
}

/** The numbers of an array, row-major, in single precision. */
function numbersOf(array: NpzArray): Float32Array {
  const { name, shape, bytes, fortranOrder } = array;
  const { bytes: size, read } = kindOf(array);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes.length / size;
  const [rows = 1] = shape;
  const width = count / rows;
  const offsets = fortranOrder ? columnOffsets(shape, width) : undefined;
  const values = new Float32Array(count);
  for (let row = 0, to = 0; row < rows; ++row) {
    for (let k = 0; k < width; ++k, ++to) {
      values[to] = read(view, size * (offsets === undefined ? to : row + (offsets[k] as number)));
      if (Number.isFinite(values[to])) continue;
      const place = `${name}[${[row, ...placeOf(shape, k)].join(", ")}]`;
      throw wrongValue(
        place,
        "a finite number of single precision; fill in what is missing, or leave the sample out",
        values[to],
      );
    }
  }
  return values;
}

/** The places of the first row's elements, if the first axis is the fastest one. */
const columnOffsets = (shape: readonly number[], width: number): Float64Array =>
  Float64Array.from({ length: width }, (_, k) => {
    let stride = shape[0] as number;
    return placeOf(shape, k).reduce((offset, index, axis) => {
      const there = offset + index * stride;
      stride *= shape[axis + 1] as number;
      return there;
    }, 0);
  });

/** The indices, but for the first one, of element `k` of a row. */
function placeOf(shape: readonly number[], k: number): readonly number[] {
  const place: number[] = [];
  let rest = k;
  for (let axis = shape.length - 1; axis > 0; --axis) {
    const length = shape[axis] as number;
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
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
