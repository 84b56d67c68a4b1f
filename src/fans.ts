/**
 * How many inputs feed one output of a layer, and how many outputs one input feeds, from the weight's shape.
 * Axes, not formats: an axis that is neither in, out nor batch belongs to the receptive field (a convolution's kernel),
 * and its length counts for both fans.
 */
import { checkOneOf, checkOptions, wrongType, wrongValue } from "./check.js";
import { checkShape } from "./shape.js";

/** Indices of axes; negative ones count from the end. */
export interface Axes {
  readonly in: number | readonly number[];
  readonly out: number | readonly number[];
  /** Axes of independent weights (experts, heads): they count for no fan. */
  readonly batch?: number | readonly number[];
}

/** `io`: [...kernel, in, out], as Keras, JAX and TensorFlow.js; `oi`: [out, in, ...kernel], as PyTorch and ONNX. */
export type Layout = "io" | "oi";
export const LAYOUTS: Readonly<Record<Layout, Axes>> = { io: { in: -2, out: -1 }, oi: { in: 1, out: 0 } };

/** Where a shape's fans are: one of the two. */
export interface Placement {
  readonly layout?: Layout;
  readonly axes?: Axes;
}

export interface Fans {
  readonly in: number;
  readonly out: number;
}

export function fans(shape: readonly number[], placement: Placement): Fans {
  checkShape(shape);
  checkPlacement(placement);
  const { layout, axes } = placement;
  if (shape.length < 2) {
    throw wrongValue("shape", "two axes or more, from which the fans are computed (or an explicit std)", shape);
  }
  const given = axes ?? LAYOUTS[layout as Layout];
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
  const inputs = product("in", given.in);
  const outputs = product("out", given.out);
  product("batch", given.batch ?? []);
  let field = 1;
  for (let axis = 0; axis < shape.length; ++axis) if (!used.has(axis)) field *= shape[axis] as number;
  return { in: inputs * field, out: outputs * field };
}

/** Exactly one of layout and axes, each well formed. */
export function checkPlacement({ layout, axes }: Placement): void {
  if ((layout === undefined) === (axes === undefined)) {
    throw wrongType("layout, axes", "one of the two", [layout, axes]);
  }
  if (axes === undefined) checkOneOf("layout", layout, ["io", "oi"]);
  else {
    checkOptions("axes", axes, ["in", "out", "batch"]);
    for (const name of ["in", "out"] as const) checkAxes(`axes.${name}`, axes[name]);
    if (axes.batch !== undefined) checkAxes("axes.batch", axes.batch);
  }
}

function checkAxes(name: string, axes: unknown): void {
  for (const axis of Array.isArray(axes) ? axes : [axes]) {
    if (typeof axis !== "number") throw wrongType(name, "an axis or a list of axes", axes);
    if (!Number.isInteger(axis)) throw wrongValue(name, "a whole number", axis);
  }
}
