/** The numbers of an array of NumPy's, of any type that is a number, in single precision. */
import { wrongValue } from "../check.js";
import { floatOfHalf } from "../format/convert.js";
import type { NpzArray } from "../format/npz.reader.js";

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

/** Whether its type has whole numbers alone. */
export const isOfWholeNumbers = (array: NpzArray): boolean => kindOf(array).isWhole;

/** The numbers of an array, row-major, in single precision. */
export function singlesOf(array: NpzArray): Float32Array {
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
      const place = `${name}[${[row, ...indicesOf(shape, k)].join(", ")}]`;
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
    return indicesOf(shape, k).reduce((offset, index, axis) => {
      const there = offset + index * stride;
      stride *= shape[axis + 1] as number;
      return there;
    }, 0);
  });

/** The indices, but for the first one, of element `k` of a row. */
function indicesOf(shape: readonly number[], k: number): readonly number[] {
  const place: number[] = [];
  let rest = k;
  for (let axis = shape.length - 1; axis > 0; --axis) {
    const length = shape[axis] as number;
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
}
