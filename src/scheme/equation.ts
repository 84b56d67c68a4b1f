/** The axes of a weight, from the einsum equation of its layer: "btd,dnh->btnh" is data, weight -> result. */
import { wrongType, wrongValue } from "../check.js";

const FORM = /^((?:[a-z]|\.\.\.)*),([a-z]+)->((?:[a-z]|\.\.\.)*)$/i;

/** Indices of a weight's axes, by what they are. */
interface EquationAxes {
  readonly in: readonly number[];
  readonly out: readonly number[];
  readonly batch: readonly number[];
}

/**
 * in: the weight's axes that are summed over; out: those of the result that the data have not; batch: those that all
 * three share. `...` may stand for axes of the data.
 *
 * @throws TypeError, RangeError for an equation that is not one of data and weight, or has other than `rank` weight axes.
 */
export function axesOf(equation: unknown, rank: number): EquationAxes {
  const [data, weight, result] = parse(equation);
  if (weight.length !== rank) {
    throw wrongValue("equation", `${rank} axes in the weight "${weight}", as in the shape`, equation);
  }
  const where = (holds: (label: string) => boolean) =>
    [...weight].flatMap((label, axis) => (holds(label) ? [axis] : []));
  return {
    in: where((label) => !result.includes(label)),
    out: where((label) => result.includes(label) && !data.includes(label)),
    batch: where((label) => result.includes(label) && data.includes(label)),
  };
}

/** Data, weight and result. */
export function parse(equation: unknown): [data: string, weight: string, result: string] {
  if (typeof equation !== "string") throw wrongType("equation", 'a string such as "btd,dnh->btnh"', equation);
  const match = FORM.exec(equation.replaceAll(" ", ""));
  if (match === null) throw wrongValue("equation", 'data,weight->result, such as "btd,dnh->btnh"', equation);
  const [, data, weight, result] = match as unknown as [string, string, string, string];
  for (const labels of [data, weight, result]) {
    const repeated = [...labels.replace("...", "")].find((label, i, all) => label === "." || all.indexOf(label) !== i);
    if (repeated !== undefined) throw wrongValue("equation", `"${repeated}" once in "${labels}"`, equation);
  }
  const unknown = [...result].find((label) => label !== "." && !data.includes(label) && !weight.includes(label));
  if (unknown !== undefined) throw wrongValue("equation", `"${unknown}" of the result in data or weight`, equation);
  if (result.includes("...") && !data.includes("...")) {
    throw wrongValue("equation", '"..." of the result in the data', equation);
  }
  return [data, weight, result];
}
