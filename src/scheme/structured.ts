/** Structured laws from shapes: which matrix a weight is, and where in the weight it lies. */
import { checkFinite, checkNotNegative, checkOneOf, checkPositive, wrongType, wrongValue } from "../check.js";
import type { Structured } from "../distribution.js";
import { checkShape, sizeOf } from "../shape.js";
import { LAYOUT_NAMES, type Layout } from "./fans.js";

interface Gained {
  readonly gain?: number;
  readonly layout?: Layout;
}

export function checkGainAndLayout({ gain, layout }: Gained): void {
  if (gain !== undefined) checkFinite("gain", gain);
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
}

/** Elements of a shape of so many axes, none of them empty. */
function checkAxes(shape: readonly number[], least: number, most: number): number {
  const elements = checkShape(shape);
  if (shape.length < least || shape.length > most) {
    const expected = most === least ? `${least} axes` : most === 5 ? `${least} to 5 axes` : `${least} axes or more`;
    throw wrongValue("shape", expected, shape);
  }
  if (elements === 0) throw wrongValue("shape", "no empty axis", shape);
  return elements;
}

/** Sides of a matrix, short enough for their indices. */
function checkSides(shape: readonly number[], rows: number, columns: number): void {
  if (Math.max(rows, columns) > 0x40000000) throw wrongValue("shape", "rows and columns up to 2^30", shape);
}

export function orthogonalDistribution({ gain = 1, layout = "io" }: Gained, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, Number.POSITIVE_INFINITY);
  const rows = layout === "io" ? sizeOf(shape.slice(0, -1)) : (shape[0] as number);
  checkSides(shape, rows, elements / rows);
  return { kind: "orthogonal", rows, columns: elements / rows, gain, offset: 0, stride: 1, elements };
}

/** A convolution kernel's middle as a matrix, where it lies, and how far apart its elements are. */
function middle(shape: readonly number[], layout: Layout, even: number) {
  const elements = checkAxes(shape, 3, 5);
  const io = layout === "io";
  const field = io ? shape.slice(0, -2) : shape.slice(2);
  const [rows, columns] = (io ? shape.slice(-2) : shape) as [number, number];
  checkSides(shape, rows, columns);
  // Of two taps in the middle, the `even` one: 0 or 1.
  const tap = field.reduce((index, length) => index * length + Math.floor((length - 1 + even) / 2), 0);
  const matrix = { rows, columns, elements, offset: io ? tap * rows * columns : tap, stride: io ? 1 : sizeOf(field) };
  return { matrix, io, inputs: io ? rows : columns, outputs: io ? columns : rows };
}

export function deltaOrthogonalDistribution({ gain = 1, layout = "io" }: Gained, shape: readonly number[]): Structured {
  const { matrix, inputs, outputs } = middle(shape, layout, 0); // as in JAX
  if (inputs > outputs) throw wrongValue("shape", `not more inputs than outputs (${outputs})`, inputs);
  return { kind: "orthogonal", gain, ...matrix };
}

export function identityDistribution({ gain = 1 }: Gained, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  const count = Math.min(rows, columns);
  return { kind: "diagonal", value: gain, offset: 0, step: columns + 1, count, repeat: 0, repeats: 1, elements };
}

interface Dirac {
  readonly groups?: number;
  readonly layout?: Layout;
}

export function checkDirac({ groups, layout }: Dirac): void {
  if (groups !== undefined) checkPositive("groups", groups);
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
}

export function diracDistribution({ groups = 1, layout = "oi" }: Dirac, shape: readonly number[]): Structured {
  const { matrix, io, inputs, outputs } = middle(shape, layout, 1); // as in PyTorch
  if (outputs % groups !== 0) throw wrongValue("groups", `a divisor of the outputs (${outputs})`, groups);
  const { columns, offset, stride, elements } = matrix;
  const [each, step] = [outputs / groups, (columns + 1) * stride];
  const repeat = each * (io ? 1 : inputs * stride);
  return { kind: "diagonal", value: 1, offset, step, count: Math.min(inputs, each), repeat, repeats: groups, elements };
}

interface Sparse {
  readonly sparsity: number;
  readonly std?: number;
  readonly axis?: 0 | 1;
}

export function checkSparse({ sparsity, std = 0.01, axis = 0 }: Sparse): void {
  if (typeof sparsity !== "number") throw wrongType("sparsity", "a number", sparsity);
  if (!(sparsity >= 0 && sparsity < 1)) throw wrongValue("sparsity", "a share from 0 to less than 1", sparsity);
  checkNotNegative("std", std);
  if (axis !== 0 && axis !== 1) throw wrongValue("axis", "0 or 1", axis);
}

export function sparseDistribution({ sparsity, std = 0.01, axis = 0 }: Sparse, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  const zeros = Math.ceil(sparsity * (axis === 0 ? rows : columns));
  return { kind: "sparse", rows, columns, std, zeros, perRow: axis === 1, elements };
}

export function hadamardDistribution(_: object, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  if (rows <= columns) return identityDistribution({}, shape);
  checkSides(shape, rows, columns);
  let size = 1;
  while (size < rows) size *= 2;
  return { kind: "hadamard", columns, size, elements };
}
