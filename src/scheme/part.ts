/** Whether the parts of a split are layers whose fans, or matrices, can be known from their shapes. */
import { wrongValue } from "../check.js";
import { isNamed, LAYOUTS, type Layout, type Placement } from "./fans.js";
import { type AnyFormula, FORMULAS } from "./formula.js";
import type { UnsplitScheme } from "./options.js";

/** One part of a split tensor. */
interface AxisPart {
  /** Shape of the whole tensor. */
  readonly shape: readonly number[];
  /** The axis that it is split along, not negative. */
  readonly axis: number;
  /** Length of the part along that axis. */
  readonly length: number;
}

/**
 * Refuses a part of three axes or more that can be read in two ways. One of length 1 along an axis that the layout
 * takes as inputs or outputs is a single unit of a convolution, or one of several weights that the axis holds. A longer
 * one along an axis that counts as kernel is some positions of one layer, or several weights. A kernel axis of length 1
 * changes no fan, so it needs no answer.
 *
 * @throws RangeError naming `layout` or `axes`.
 */
export function checkPart(scheme: UnsplitScheme, { shape, axis, length }: AxisPart): void {
  if (shape.length < 3 || length === shape[axis]) return;
  const { layout, axes } = placementOf(scheme);
  if (layout === undefined && axes === undefined) return;
  const oi = layout === "oi";
  const others = [...shape.keys()].filter((other) => other !== axis);
  let way = "a tensor for each weight";
  if (scheme.scheme === "orthogonal") {
    if (length > 1 || axis !== (oi ? 0 : shape.length - 1)) return; // that axis is one side of the matrix
    way = `"${oi ? "io" : "oi"}"`;
  } else {
    const named = isNamed(axis, shape.length, axes ?? LAYOUTS[layout as Layout]);
    if (named ? axes !== undefined || length > 1 : length === 1) return;
    const [first, second] = oi ? others : others.reverse();
    if (FORMULAS[scheme.scheme].keys.includes("axes")) way = `axes: { batch: ${axis}, out: ${first}, in: ${second} }`;
  }
  const expected = `${way} or the like, to say what axis ${axis} is, whose parts have length ${length}`;
  throw wrongValue(axes === undefined ? "layout" : "axes", expected, layout ?? axes);
}

/** The layout or the axes that a scheme goes by, if it does. */
function placementOf(scheme: UnsplitScheme): {
  readonly layout?: Layout | undefined;
  readonly axes?: Placement["axes"];
} {
  const formula: AnyFormula = FORMULAS[scheme.scheme];
  if ("expand" in formula) return formula.expand(scheme as never);
  return {
    layout: (scheme as { readonly layout?: Layout }).layout ?? (formula as { readonly layout?: Layout }).layout,
  };
}
