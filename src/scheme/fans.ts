/**
 * How many inputs feed one output of a layer, and how many outputs one input feeds, from the weight's shape.
 * Axes, not formats: an axis that is neither in, out nor batch belongs to the receptive field (a convolution's kernel),
 * and its length counts for both fans.
 */
import {
  checkAboveZero,
  checkBoolean,
  checkOneOf,
  checkOptions,
  checkPositive,
  wrongType,
  wrongValue,
} from "../check.js";
import { checkShape } from "../shape.js";
import { axesOf, parse } from "./equation.js";

/** Indices of axes; negative ones count from the end. */
export interface Axes {
  readonly in: number | readonly number[];
  readonly out: number | readonly number[];
  /** Axes of independent weights (experts, heads, the channels of a depthwise convolution): they count for no fan. */
  readonly batch?: number | readonly number[];
}

/** `io`: [...kernel, in, out], as Keras, JAX and TensorFlow.js; `oi`: [out, in, ...kernel], as PyTorch and ONNX. */
export type Layout = "io" | "oi";
export const LAYOUTS: Readonly<Record<Layout, Axes>> = { io: { in: -2, out: -1 }, oi: { in: 1, out: 0 } };

export const LAYOUT_NAMES: readonly Layout[] = ["io", "oi"];

/** Whose formula to follow where it differs from the layer's true fans. */
export type Compat = "torch" | "keras" | "jax";
export const COMPATS: readonly Compat[] = ["torch", "keras", "jax"];

/** Where a shape's fans are: one of `layout`, `axes`, `equation` and `fans`, and what kind of convolution it is. */
export interface Placement {
  readonly layout?: Layout;
  readonly axes?: Axes;
  /** The layer as an einsum of data and weight: "btd,dnh->btnh". */
  readonly equation?: string;
  /** The fans themselves, whatever the shape. */
  readonly fans?: Fans;
  /** Of a convolution: the weight's in axis (of a transposed one, its out axis) is that of one group. Default 1. */
  readonly groups?: number;
  /** Transposed ("deconvolution"): `oi` then is [in, out, ...kernel], as in PyTorch; `io` [...kernel, out, in], as in Keras. */
  readonly transposed?: boolean;
  /** Of a convolution: an input feeds a stride-th of the taps; of a transposed one: so many feed an output. Default 1. */
  readonly stride?: number | readonly number[];
  /**
   * The framework's own fans: by the shape's places alone, without groups, transposition and stride, and in Keras of vectors
   * and scalars too.
   */
  readonly compat?: Compat | undefined;
}

export const PLACEMENT = ["layout", "axes", "equation", "fans", "groups", "transposed", "stride", "compat"];
export const PLACES = ["layout", "axes", "equation", "fans"] as const;

export interface Fans {
  readonly in: number;
  readonly out: number;
}

/**
 * @throws TypeError, RangeError naming the option, for axes that the shape has not, groups that do not divide, an
 * equation of another rank, or a shape of less than two axes (unless an equation or the fans are given).
 */
export function fans(shape: readonly number[], placement: Placement): Fans {
  checkShape(shape);
  checkPlacement(placement);
  const { layout, axes, equation, fans: given, compat } = placement;
  if (given !== undefined) return given;
  if (compat === "keras" && shape.length < 2) return { in: shape[0] ?? 1, out: shape[0] ?? 1 };
  if (equation !== undefined) return fansOf(sizes(shape, axesOf(equation, shape.length)));
  if (shape.length < 2) {
    throw wrongValue("shape", "two axes or more, from which the fans are computed (or explicit fans, or a std)", shape);
  }
  const usual = LAYOUTS[layout ?? "io"];
  if (compat !== undefined) return fansOf(sizes(shape, axes ?? usual));

  const { groups = 1, transposed = false, stride = 1 } = placement;
  const found = sizes(shape, axes ?? (transposed ? { in: usual.out, out: usual.in } : usual));
  // One axis has the channels of all groups, and one fan only a stride-th of the taps: the same one.
  const whole = transposed ? "in" : "out";
  if (found[whole] % groups !== 0) throw wrongValue("groups", `a divisor of the ${whole} axis`, groups);
  const all = fansOf(found);
  return { ...all, [whole]: all[whole] / groups / strides(stride) };
}

interface Sizes extends Fans {
  /** Of the receptive field. */
  readonly field: number;
}

const fansOf = (found: Sizes): Fans => ({ in: found.in * found.field, out: found.out * found.field });

/** The product of the axes of each kind. */
function sizes(shape: readonly number[], axes: Axes): Sizes {
  const used = new Set<number>();
  const product = (name: string, list: number | readonly number[]): number => {
    let size = 1;
    for (const axis of typeof list === "number" ? [list] : list) {
      const index = axis < 0 ? axis + shape.length : axis;
      if (index < 0 || index >= shape.length) throw wrongValue(`axes.${name}`, `an axis of ${shape.length}`, axis);
      if (used.has(index)) throw wrongValue(`axes.${name}`, "an axis that is not named twice", axis);
      used.add(index);
      size *= shape[index] as number;
    }
    return size;
  };
  const inputs = product("in", axes.in);
  const outputs = product("out", axes.out);
  product("batch", axes.batch ?? []);
  let field = 1;
  for (let axis = 0; axis < shape.length; ++axis) if (!used.has(axis)) field *= shape[axis] as number;
  return { in: inputs, out: outputs, field };
}

const strides = (stride: number | readonly number[]): number =>
  typeof stride === "number" ? stride : stride.reduce((product, one) => product * one, 1);

/** Exactly one place, well formed, and options that go with it. */
export function checkPlacement(placement: Placement): void {
  if (typeof placement !== "object" || placement === null) {
    throw wrongType("placement", 'where the fans are, such as { layout: "oi" }', placement);
  }
  const given = PLACES.filter((name) => placement[name] !== undefined);
  if (given.length !== 1) throw wrongType(PLACES.join(", "), "one of them", given);
  const { layout, axes, equation, fans, groups, transposed, stride, compat } = placement;
  if (layout !== undefined) checkOneOf("layout", layout, LAYOUT_NAMES);
  if (axes !== undefined) {
    checkOptions("axes", axes, ["in", "out", "batch"]);
    for (const name of ["in", "out"] as const) checkAxes(`axes.${name}`, axes[name]);
    if (axes.batch !== undefined) checkAxes("axes.batch", axes.batch);
  }
  if (equation !== undefined) parse(equation);
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
      throw wrongType(name, "layout or axes beside it", given[0]);
    }
  }
}

function checkAxes(name: string, axes: unknown): void {
  for (const axis of Array.isArray(axes) ? axes : [axes]) {
    if (typeof axis !== "number") throw wrongType(name, "an axis or a list of axes", axes);
    if (!Number.isInteger(axis)) throw wrongValue(name, "a whole number", axis);
  }
}
