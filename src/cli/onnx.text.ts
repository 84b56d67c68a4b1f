/** What stays as it is in an ONNX model, for a terminal. */

import { ruleFor } from "../adapter/onnx/refusal.js";
import type { LeftTensor } from "../adapter/onnx/weight.js";
import { counted } from "../chart/words.js";
import { printable } from "../check.js";

const MOST_NAMED = 2; // tensors of a reason

/** @returns lines, each with its end; none if everything is drawn in place. */
export function leftText(left: readonly LeftTensor[], rewritten: readonly string[]): string {
  const lines = [
    ...(left.length > 0 ? [`not drawn: ${counted(left.length, "tensor")}, whose values stay`, ...byReason(left)] : []),
    ...howToDraw(left),
    ...(rewritten.length > 0 ? [`written anew, as raw values: ${named(rewritten)}; the file has another length`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The rule that would decide a tensor. */
function howToDraw(left: readonly LeftTensor[]): readonly string[] {
  const drawable = left.find((tensor) => tensor.drawable);
  return drawable === undefined ? [] : [`  --plan draws one by a rule with its name: ${printable(ruleFor(drawable))}`];
}

function byReason(left: readonly LeftTensor[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, dims, why } of left) {
    reasons.set(why, [...(reasons.get(why) ?? []), `${name} [${dims.join(", ")}]`]);
  }
  return [...reasons].map(([why, names]) => `  ${why}: ${named(names)}`);
}

function named(names: readonly string[]): string {
  const first = names.slice(0, MOST_NAMED).map(printable).join(", ");
  return names.length > MOST_NAMED ? `${first} and ${names.length - MOST_NAMED} more` : first;
}
