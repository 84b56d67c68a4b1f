/** Structured distributions from shapes: which matrix a weight holds, and where in the weight it lies. */
import { checkFinite, checkNotNegative, checkNumber, checkOneOf, checkPositive, wrongValue } from "../check.js";
import type { Structured } from "../distribution.js";
import { checkShape, sizeOf } from "../shape.js";
import { LAYOUT_NAMES, type Layout } from "./fans.js";
import type { DiracOptions, IdentityOptions, OrthogonalOptions, SparseOptions } from "./options.js";

export function checkGainAndLayout({ gain, layout }: OrthogonalOptions): void {
  if (gain !== undefined) checkFinite("gain", gain);
  checkLayout(layout);
}

function checkLayout(layout: unknown): void {
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
}

/** Checks that a shape has from `min` to `max` axes, none of them empty, and returns its number of elements. */
function checkAxes(shape: readonly number[], min: number, max: number): number {
  const elements = checkShape(shape);
  if (shape.length < min || shape.length > max) {
    const range =
      max === min ? `${min} axes` : max === Number.POSITIVE_INFINITY ? `${min} axes or more` : `${min} to ${max} axes`;
    throw wrongValue("shape", range, shape);
  }
  if (elements === 0) throw wrongValue("shape", "no empty axis", shape);
  return elements;
}

/** Checks that the rows and columns of a matrix can be counted in 32 bits. */
function checkSides(shape: readonly number[], rows: number, columns: number): void {
  if (Math.max(rows, columns) > 0x40000000) throw wrongValue("shape", "rows and columns up to 2^30", shape);
}

export function orthogonalDistribution(
  { gain = 1, layout = "io" }: OrthogonalOptions,
  shape: readonly number[],
): Structured {
  const elements = checkAxes(shape, 2, Number.POSITIVE_INFINITY);
  const rows = layout === "io" ? sizeOf(shape.slice(0, -1)) : (shape[0] as number);
  checkSides(shape, rows, elements / rows);
  return { kind: "orthogonal", rows, columns: elements / rows, gain, offset: 0, stride: 1, elements };
}

/**
 * The matrix of inputs and outputs at the centre of a convolution kernel: where it lies and how far apart its elements
 * are.
 *
 * @param upper which of the two central positions along an axis of even length: 0 for the lower, 1 for the upper.
 */
function centreOf(shape: readonly number[], layout: Layout, upper: 0 | 1) {
  const elements = checkAxes(shape, 3, 5);
  const io = layout === "io";
  const field = io ? shape.slice(0, -2) : shape.slice(2);
  const [rows, columns] = (io ? shape.slice(-2) : shape) as [number, number];
  checkSides(shape, rows, columns);
  const position = field.reduce((index, length) => index * length + Math.floor((length - 1 + upper) / 2), 0);
  const [offset, stride] = io ? [position * rows * columns, 1] : [position, sizeOf(field)];
  const matrix = { rows, columns, elements, offset, stride };
  return { matrix, io, inputs: io ? rows : columns, outputs: io ? columns : rows };
}

export function deltaOrthogonalDistribution(
  { gain = 1, layout = "io" }: OrthogonalOptions,
  shape: readonly number[],
): Structured {
  const { matrix, inputs, outputs } = centreOf(shape, layout, 0); // the lower, as in JAX
  if (inputs > outputs) throw wrongValue("shape", `not more inputs than outputs (${outputs})`, inputs);
  return { kind: "orthogonal", gain, ...matrix };
}

export function identityDistribution({ gain = 1 }: IdentityOptions, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  const count = Math.min(rows, columns);
  return { kind: "diagonal", value: gain, offset: 0, step: columns + 1, count, repeat: 0, repeats: 1, elements };
}

export function checkDirac({ groups, layout }: DiracOptions): void {
  if (groups !== undefined) checkPositive("groups", groups);
  checkLayout(layout);
}

export function diracDistribution({ groups = 1, layout = "oi" }: DiracOptions, shape: readonly number[]): Structured {
  const { matrix, io, inputs, outputs } = centreOf(shape, layout, 1); // the upper, as in PyTorch
  if (outputs % groups !== 0) throw wrongValue("groups", `a divisor of the outputs (${outputs})`, groups);
  const { columns, offset, stride, elements } = matrix;
  const perGroup = outputs / groups;
  const count = Math.min(inputs, perGroup);
  const step = (columns + 1) * stride;
  const repeat = perGroup * (io ? 1 : inputs * stride);
  return { kind: "diagonal", value: 1, offset, step, count, repeat, repeats: groups, elements };
}

export function checkSparse({ sparsity, std = 0.01, axis = 0 }: SparseOptions): void {
  checkNumber("sparsity", sparsity);
  if (!(sparsity >= 0 && sparsity < 1)) throw wrongValue("sparsity", "a share from 0 to less than 1", sparsity);
  checkNotNegative("std", std);
  if (axis !== 0 && axis !== 1) throw wrongValue("axis", "0 or 1", axis);
}

export function sparseDistribution(
  { sparsity, std = 0.01, axis = 0 }: SparseOptions,
  shape: readonly number[],
): Structured {
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
