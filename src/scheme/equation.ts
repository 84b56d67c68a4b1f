/** Einsum equations of layers, data,weight->result, such as "btd,dnh->btnh", and what they say about the weight. */
import { wrongType, wrongValue } from "../check.js";

const MAX_LENGTH = 1000; // characters; there are 52 labels

const FORM = /^((?:[a-z]|\.\.\.)*),([a-z]+)->((?:[a-z]|\.\.\.)*)$/i;

/** The labels of each operand, a letter for each axis. `...` in the data and the result stands for any further axes. */
export interface Equation {
  readonly text: string;
  readonly data: string;
  readonly weight: string;
  readonly result: string;
}

/** @throws TypeError, RangeError for anything but an equation of data and weight. */
export function parseEquation(equation: unknown): Equation {
  if (typeof equation !== "string") throw wrongType("equation", 'a string such as "btd,dnh->btnh"', equation);
  if (equation.length > MAX_LENGTH) throw wrongValue("equation", `at most ${MAX_LENGTH} characters`, equation.length);
  const match = FORM.exec(equation.replaceAll(" ", ""));
  if (match === null) throw wrongValue("equation", 'data,weight->result, such as "btd,dnh->btnh"', equation);
  const [, data, weight, result] = match as unknown as [string, string, string, string];
  for (const labels of [data, weight, result]) {
    const repeated = [...labels.replace("...", "")].find((label, i, all) => label === "." || all.indexOf(label) !== i);
    if (repeated !== undefined) throw wrongValue("equation", `"${repeated}" once in "${labels}"`, equation);
  }
  const unknown = [...result.replace("...", "")].find((label) => !data.includes(label) && !weight.includes(label));
  const missing = unknown ?? (result.includes("...") && !data.includes("...") ? "..." : undefined);
  if (missing !== undefined) throw wrongValue("equation", `"${missing}" of the result in data or weight`, equation);
  return { text: equation, data, weight, result };
}

/** Indices of a weight's axes, by what they are. */
interface WeightAxes {
  readonly in: readonly number[];
  readonly out: readonly number[];
  readonly batch: readonly number[];
}

/**
 * Sorts the axes of the weight: those that are summed over are `in`, those that only the result shares are `out`, and
 * those that data and result share are `batch`.
 *
 * @throws RangeError if the weight has not `rank` axes.
 */
export function weightAxes({ text, data, weight, result }: Equation, rank: number): WeightAxes {
  if (weight.length !== rank) {
    throw wrongValue("equation", `${rank} axes in the weight "${weight}", as in the shape`, text);
  }
  const where = (holds: (label: string) => boolean) =>
    [...weight].flatMap((label, axis) => (holds(label) ? [axis] : []));
  return {
    in: where((label) => !result.includes(label)),
    out: where((label) => result.includes(label) && !data.includes(label)),
    batch: where((label) => result.includes(label) && data.includes(label)),
  };
}
