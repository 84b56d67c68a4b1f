/** Structured laws from shapes: which matrix a weight is, and where in the weight it lies. */
import { checkFinite, checkNotNegative, checkOneOf, checkPositive, wrongType, wrongValue } from "./check.js";
import { LAYOUT_NAMES, type Layout } from "./fans.js";
import type { Structured } from "./fill.js";
import { checkShape } from "./shape.js";

interface Gained {
  readonly gain?: number;
  readonly layout?: Layout;
}

export function checkOrthogonal({ gain, layout }: Gained): void {
  if (gain !== undefined) checkFinite("gain", gain);
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
}

const product = (lengths: readonly number[]): number => lengths.reduce((size, length) => size * length, 1);

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

/** The longer side of a matrix that is made in memory of 4 GiB, or of one that has bits enough for its indices. */
const LONGEST = 2 ** 30;

function checkSides(shape: readonly number[], ...sides: number[]): void {
  if (Math.max(...sides) > LONGEST) throw wrongValue("shape", `rows and columns up to ${LONGEST}`, shape);
}

export function orthogonalFill({ gain = 1, layout = "io" }: Gained, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, Number.POSITIVE_INFINITY);
  const rows = layout === "io" ? product(shape.slice(0, -1)) : (shape[0] as number);
  checkSides(shape, rows, elements / rows);
  return { law: "orthogonal", rows, columns: elements / rows, gain, offset: 0, stride: 1, elements };
}

/** Where a convolution kernel's middle lies, and its channels. Of two taps in the middle, the `even` one: 0 or 1. */
function middle(shape: readonly number[], layout: Layout, even: number) {
  const field = layout === "io" ? shape.slice(0, -2) : shape.slice(2);
  const tap = field.reduce((index, length) => index * length + Math.floor((length - 1 + even) / 2), 0);
  const [first, second] = (layout === "io" ? shape.slice(-2) : shape.slice(0, 2)) as [number, number];
  // Channels lie together in io, and apart by a kernel in oi.
  return layout === "io"
    ? { rows: first, columns: second, offset: tap * first * second, stride: 1 }
    : { rows: first, columns: second, offset: tap, stride: product(field) };
}

export function deltaFill({ gain = 1, layout = "io" }: Gained, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 3, 5);
  const { rows, columns, offset, stride } = middle(shape, layout, 0); // as in JAX
  const [inputs, outputs] = layout === "io" ? [rows, columns] : [columns, rows];
  if (inputs > outputs) throw wrongValue("shape", `not more inputs than outputs (${outputs})`, inputs);
  checkSides(shape, rows, columns);
  return { law: "orthogonal", rows, columns, gain, offset, stride, elements };
}

export function identityFill({ gain = 1 }: Gained, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  const count = Math.min(rows, columns);
  return { law: "diagonal", value: gain, offset: 0, step: columns + 1, count, repeat: 0, repeats: 1, elements };
}

interface Dirac {
  readonly groups?: number;
  readonly layout?: Layout;
}

export function checkDirac({ groups, layout }: Dirac): void {
  if (groups !== undefined) checkPositive("groups", groups);
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
}

export function diracFill({ groups = 1, layout = "oi" }: Dirac, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 3, 5);
  const { rows, columns, offset, stride } = middle(shape, layout, 1); // as in PyTorch
  const [inputs, outputs] = layout === "io" ? [rows, columns] : [columns, rows];
  if (outputs % groups !== 0) throw wrongValue("groups", `a divisor of the outputs (${outputs})`, groups);
  const count = Math.min(inputs, outputs / groups);
  const repeat = (outputs / groups) * (layout === "io" ? 1 : inputs * stride);
  return { law: "diagonal", value: 1, offset, step: (columns + 1) * stride, count, repeat, repeats: groups, elements };
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

export function sparseFill({ sparsity, std = 0.01, axis = 0 }: Sparse, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  const zeros = Math.ceil(sparsity * (axis === 0 ? rows : columns));
  return { law: "sparse", rows, columns, std, zeros, across: axis === 1, elements };
}

export function zeroFill(_: object, shape: readonly number[]): Structured {
  const elements = checkAxes(shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  if (rows <= columns) return identityFill({}, shape);
  checkSides(shape, rows, columns);
  let size = 1;
  while (size < rows) size *= 2;
  return { law: "hadamard", columns, size, elements };
}
