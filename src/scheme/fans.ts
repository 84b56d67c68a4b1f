/**
 * Fan in and fan out of a layer, from the shape of its weight: how many inputs feed one output, and how many outputs
 * one input feeds. An axis that is neither input, output nor batch belongs to the receptive field (a convolution's
 * kernel), and its length counts for both fans.
 */
import {
  checkAboveZero,
  checkAxis,
  checkBoolean,
  checkOneOf,
  checkOptions,
  checkPositive,
  wrongType,
  wrongValue,
} from "../check.js";
import { checkShape, sizeOf } from "../shape.js";
import { type Equation, parseEquation, weightAxes } from "./equation.js";

/**
 * Which axes of a weight are inputs and outputs: indices, where negative ones count from the end. Axes that are not
 * listed belong to the receptive field, such as the kernel of a convolution, and count for both fans.
 */
export interface Axes {
  /** Axes that the layer sums over; [] if there is none. */
  readonly in: number | readonly number[];
  /** Axes of the layer's outputs; [] if there is none. */
  readonly out: number | readonly number[];
  /** Axes of independent weights (experts, heads, the channels of a depthwise convolution). They count for no fan. */
  readonly batch?: number | readonly number[] | undefined;
}

/**
 * Order of a weight's axes: "io" is [...kernel, in, out], as in Keras, JAX and TensorFlow.js; "oi" is
 * [out, in, ...kernel], as in PyTorch and ONNX.
 */
export type Layout = "io" | "oi";
export const LAYOUT_NAMES: readonly Layout[] = ["io", "oi"];
export const LAYOUTS: Readonly<Record<Layout, Axes>> = { io: { in: -2, out: -1 }, oi: { in: 1, out: 0 } };

/** A framework whose own numbers are reproduced, even where they differ from the layer's true fans. */
export type Compat = "torch" | "keras" | "jax";
export const COMPATS: readonly Compat[] = ["torch", "keras", "jax"];

/**
 * Where the fans of a weight are found: exactly one of `layout`, `axes`, `equation` and `fans`. With `layout` or
 * `axes`, the other options describe a convolution.
 */
export interface Placement {
  /** The order of the axes. */
  readonly layout?: Layout | undefined;
  /** The axes themselves, for a weight that has no such order. */
  readonly axes?: Axes | undefined;
  /** The layer as an einsum of data and weight, such as "btd,dnh->btnh". */
  readonly equation?: string | undefined;
  /** The fans themselves, whatever the shape is. */
  readonly fans?: Fans | undefined;
  /**
   * Number of groups of a grouped convolution. The weight's input axis then holds the channels of one group (for a
   * transposed convolution, its output axis does). Default 1.
   */
  readonly groups?: number | undefined;
  /**
   * Whether the convolution is transposed ("deconvolution"). The layout "oi" then is [in, out, ...kernel], as in
   * PyTorch, and "io" is [...kernel, out, in], as in Keras. Default false.
   */
  readonly transposed?: boolean | undefined;
  /**
   * Stride of the convolution: one number for all kernel axes, or one for each. Along each axis, an input reaches only
   * 1/stride of the kernel positions, so fan out is divided by the product (fan in, when transposed). Default 1.
   */
  readonly stride?: number | readonly number[] | undefined;
  /**
   * Computes the fans as this framework does, from the axes alone: groups, transposed and stride are ignored. With
   * "keras", vectors and scalars have fans as well. Default: the layer's true fans.
   */
  readonly compat?: Compat | undefined;
}

/** The options of which exactly one is given. */
export const PLACEMENT_CHOICES = ["layout", "axes", "equation", "fans"] as const;
export const PLACEMENT_KEYS = [...PLACEMENT_CHOICES, "groups", "transposed", "stride", "compat"];

/** Fan in and fan out of a layer. They need not be whole: a stride divides one of them. */
export interface Fans {
  /** How many inputs feed one output. */
  readonly in: number;
  /** How many outputs one input feeds. */
  readonly out: number;
}

/**
 * Fan in and fan out of the layer that a weight belongs to, kernel positions included.
 *
 * @param shape lengths of the weight's axes: at least two, unless `placement` has an equation or the fans.
 * @param placement which axes are inputs and outputs, and for a convolution its groups, stride and direction.
 * @throws TypeError, RangeError naming the option: for axes that the shape does not have, groups that do not divide
 * their axis, or an equation whose weight has another number of axes.
 * @example
 * ```js
 * import { fans } from "nn-init";
 *
 * console.log(fans([784, 512], { layout: "io" })); // { in: 784, out: 512 }
 * console.log(fans([64, 8, 3, 3], { layout: "oi", groups: 4 })); // { in: 72, out: 144 }
 * console.log(fans([512, 8, 64], { equation: "btd,dnh->btnh" })); // { in: 512, out: 512 }
 * ```
 */
export function fans(shape: readonly number[], placement: Placement): Fans {
  checkShape(shape, "placement");
  if (typeof placement !== "object") throw wrongType("placement", 'an object such as { layout: "io" }', placement);
  checkOptions("placement", placement, PLACEMENT_KEYS);
  return fansOf(shape, { ...placement }); // each option is read once
}

/** Computes the fans for a shape and option names that are already checked. */
export function fansOf(shape: readonly number[], placement: Placement): Fans {
  const equation = checkPlacement(placement);
  const { layout, axes, fans: given, compat } = placement;
  if (given !== undefined) return given;
  if (compat === "keras" && shape.length < 2) return { in: shape[0] ?? 1, out: shape[0] ?? 1 };
  if (equation !== undefined) return timesField(sizesOf(shape, weightAxes(equation, shape.length)));
  if (shape.length < 2) {
    throw wrongValue("shape", "two axes or more, or fans, or a scheme with a std", shape);
  }
  const usual = LAYOUTS[layout ?? "io"];
  if (compat !== undefined) return timesField(sizesOf(shape, axes ?? usual));

  const { groups = 1, transposed = false, stride = 1 } = placement;
  const sizes = sizesOf(shape, axes ?? (transposed ? { in: usual.out, out: usual.in } : usual));
  // The axis that holds the channels of all groups belongs to the fan that the stride divides.
  const divided = transposed ? "in" : "out";
  if (sizes[divided] % groups !== 0) throw wrongValue("groups", `a divisor of the ${divided} axis`, groups);
  const ungrouped = timesField(sizes);
  return { ...ungrouped, [divided]: ungrouped[divided] / groups / strides(stride, sizes.kernel.length) };
}

/** How many positions of the kernel there are for each that an input reaches. */
function strides(stride: number | readonly number[], axes: number): number {
  if (typeof stride !== "number") {
    if (stride.length === axes) return sizeOf(stride);
    throw wrongValue("stride", `one number, or one for each kernel axis (${axes})`, stride);
  }
  if (axes === 0 && stride > 1) throw wrongValue("stride", "1 for a weight without kernel axes", stride);
  return sizeOf(Array(axes).fill(stride));
}

function timesField({ in: inputs, out, kernel }: Sizes): Fans {
  return { in: sizeOf([inputs, ...kernel]), out: sizeOf([out, ...kernel]) };
}

interface Sizes {
  /** The product of the lengths of the `in` axes. */
  readonly in: number;
  /** The product of the lengths of the `out` axes. */
  readonly out: number;
  /** The length of each kernel axis. */
  readonly kernel: readonly number[];
}

function sizesOf(shape: readonly number[], axes: Axes): Sizes {
  const used = new Set<number>();
  const sizeOfAxes = (kind: keyof Axes): number => {
    let size = 1;
    for (const axis of listed(axes[kind])) {
      const index = axis < 0 ? axis + shape.length : axis;
      const length = shape[index];
      if (length === undefined) throw wrongValue(`axes.${kind}`, `one of the ${shape.length} axes of the shape`, axis);
      if (used.has(index)) throw wrongValue(`axes.${kind}`, "each axis at most once", axis);
      used.add(index);
      size *= length;
    }
    return size;
  };
  const [inputs, outputs] = [sizeOfAxes("in"), sizeOfAxes("out")];
  sizeOfAxes("batch");
  return { in: inputs, out: outputs, kernel: shape.filter((_, axis) => !used.has(axis)) };
}

const listed = (axes: number | readonly number[] = []): readonly number[] => (typeof axes === "number" ? [axes] : axes);

/** Whether the layout or the axes name an axis: as one of inputs, outputs or independent weights, not of the kernel. */
export function isNamed(axis: number, rank: number, axes: Axes): boolean {
  const all = [...listed(axes.in), ...listed(axes.out), ...listed(axes.batch)];
  return all.some((named) => (named < 0 ? named + rank : named) === axis);
}

/**
 * Checks that exactly one choice is made and well formed, and that the other options go with it.
 *
 * @returns the equation, if that is the choice.
 */
export function checkPlacement(placement: Placement): Equation | undefined {
  const chosen = PLACEMENT_CHOICES.filter((name) => placement[name] !== undefined);
  if (chosen.length !== 1) throw wrongType(PLACEMENT_CHOICES.join(", "), "one of these options", chosen);
  const { layout, axes, equation, fans, groups, transposed, stride, compat } = placement;
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
  if (axes !== undefined) {
    checkOptions("axes", axes, ["in", "out", "batch"]);
    for (const name of ["in", "out"] as const) checkAxes(`axes.${name}`, axes[name]);
    if (axes.batch !== undefined) checkAxes("axes.batch", axes.batch);
  }
  if (fans !== undefined) {
    checkOptions("fans", fans, ["in", "out"]);
    for (const name of ["in", "out"] as const) checkAboveZero(`fans.${name}`, fans[name]);
  }
  if (compat !== undefined) checkOneOf("compat", compat, COMPATS);
  if (groups !== undefined) checkPositive("groups", groups);
  if (transposed !== undefined) checkBoolean("transposed", transposed);
  if (stride !== undefined) for (const one of Array.isArray(stride) ? stride : [stride]) checkPositive("stride", one);
  for (const name of ["groups", "transposed", "stride"] as const) {
    if (placement[name] !== undefined && layout === undefined && axes === undefined) {
      throw wrongType(name, "layout or axes next to it", chosen[0]);
    }
  }
  return equation === undefined ? undefined : parseEquation(equation);
}

function checkAxes(name: string, axes: unknown): void {
  for (const axis of Array.isArray(axes) ? axes : [axes]) checkAxis(name, axis, "an axis or a list of axes");
}
