/** Nodes that move values without changing them, such as Transpose and Split: what a stored tensor becomes on its way. */
import type { OnnxNode } from "./proto.js";
import type { GraphScope } from "./scope.js";
import { concatenation, cut, reshaped, squeezed, transposed, unsqueezed, type View } from "./view.js";

/** The numbers of a small stored tensor of whole numbers. */
export function intsOf(scope: GraphScope, name: string): readonly number[] | undefined {
  const [leaf, ...others] = scope.view(name)?.leaves ?? [];
  return others.length > 0 ? undefined : leaf?.stored.tensor.ints;
}

/**
 * The numbers of an attribute, or since an opset of an input: of axes, sizes and the like.
 *
 * @returns undefined where none are given, null where they are known only when the model runs.
 */
function numbersOf(
  scope: GraphScope,
  node: OnnxNode,
  attribute: string,
  input: number,
): readonly number[] | null | undefined {
  const name = node.inputs[input];
  if (name !== undefined && name !== "") return intsOf(scope, name) ?? null;
  return scope.attribute(node, attribute)?.ints;
}

/** The outputs of a node that moves values without changing them; undefined if it does not, or in a way not followed. */
export function passedBy(scope: GraphScope, node: OnnxNode): readonly View[] | undefined {
  const [name = ""] = node.inputs;
  const view = scope.view(name);
  if (node.op === "Concat") return listed(concatenated(scope, node));
  if (view === undefined) return undefined;
  switch (node.op) {
    case "Identity":
    case "Cast":
    case "CastLike":
      return [view];
    case "Transpose": {
      const perm = scope.attribute(node, "perm")?.ints ?? [...view.shape.keys()].reverse();
      return listed(transposed(view, perm));
    }
    case "Unsqueeze": {
      const axes = numbersOf(scope, node, "axes", 1);
      return axes ? listed(unsqueezed(view, axes)) : undefined;
    }
    case "Squeeze": {
      const axes = numbersOf(scope, node, "axes", 1);
      return axes === null ? undefined : listed(squeezed(view, axes));
    }
    case "Reshape": {
      const target = numbersOf(scope, node, "shape", 1);
      return target ? listed(reshaped(view, target)) : undefined;
    }
    case "Flatten": {
      const axis = scope.int(node, "axis", 1);
      const rows = view.shape.slice(0, axis).reduce((size, length) => size * length, 1);
      return listed(reshaped(view, [rows, -1]));
    }
    case "Slice":
      return listed(sliced(scope, node, view));
    case "Split":
      return split(scope, node, view);
    default:
      return undefined;
  }
}

const listed = (view: View | undefined): readonly View[] | undefined => view && [view];

function concatenated(scope: GraphScope, node: OnnxNode): View | undefined {
  const views = node.inputs.map((name) => scope.view(name));
  if (!views.every((view) => view !== undefined)) return undefined;
  return concatenation(views, scope.int(node, "axis", 1));
}

function sliced(scope: GraphScope, node: OnnxNode, view: View): View | undefined {
  const starts = numbersOf(scope, node, "starts", 1);
  const ends = numbersOf(scope, node, "ends", 2);
  const given = numbersOf(scope, node, "axes", 3);
  const steps = numbersOf(scope, node, "steps", 4);
  if (!starts || !ends || given === null || steps === null || steps?.some((step) => step !== 1)) return undefined;
  const axes = given ?? [...starts.keys()];
  let made: View | undefined = view;
  for (const [i, axis] of axes.entries()) {
    if (made !== undefined) made = cut(made, axis, starts[i] ?? 0, ends[i] ?? 0);
  }
  return made;
}

function split(scope: GraphScope, node: OnnxNode, view: View): readonly View[] | undefined {
  const axis = scope.int(node, "axis", 0);
  const length = view.shape.at(axis) ?? 0;
  const count = node.outputs.length;
  const even = Math.ceil(length / count);
  const given = numbersOf(scope, node, "split", 1);
  const sizes = given === undefined ? node.outputs.map((_, i) => Math.min(even, length - i * even)) : given;
  if (sizes?.length !== count) return undefined;
  let end = 0;
  const parts = sizes.map((size) => {
    end += size;
    return cut(view, axis, end - size, end);
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}
