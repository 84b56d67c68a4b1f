/** The plane of weight and bias scales, and the border between order and chaos in it (Poole et al. 2016, figure 1). */
import { checkAboveZero, checkRequired, wrongValue } from "../check.js";
import { exp, log } from "../math/functions.js";
import type { Activation } from "../scheme/gain.js";
import { type ActivationFunction, activationFunction, withinCalls } from "./activation.js";
import { fixedPointOf } from "./fixedpoint.js";
import { chi1At } from "./meanfield.js";
import { roughOutput, roughSlope } from "./meansquare.js";

/** The options of `phasePlane`. */
export interface PhasePlaneOptions {
  /** The name of an activation function, or any function of one number. */
  readonly activation: Activation | ((x: number) => number);
  /** Upper end of the axis of weights, which begins at 0. Default 3. */
  readonly weight?: number | undefined;
  /** Upper end of the axis of biases, which begins at 0. Default 1. */
  readonly bias?: number | undefined;
  /** Number of points on each axis: 1 to 500. Default 40. */
  readonly points?: number | undefined;
  /** The slope of leakyRelu for negative inputs. Default 0.01. */
  readonly slope?: number | undefined;
  /** The derivative of an activation function of your own. Default: it is computed numerically; one with jumps needs it. */
  readonly derivative?: ((x: number) => number) | undefined;
}

/** A point of the plane. */
export interface PhasePoint {
  /** Standard deviation of a weight, times the root of its fan in. */
  readonly weight: number;
  /** Standard deviation of a bias. */
  readonly bias: number;
  /** q*, the mean square that pre-activations tend to from 1: 0 where signals vanish, Infinity where they explode. */
  readonly fixedPoint: number;
  /** chi_1 at q*: below 1 gradients vanish (order), above 1 they explode (chaos). */
  readonly chi1: number;
}

const MOST_POINTS = 500;

/**
 * Mean field theory on a square grid of weight and bias scales, for a picture of the border between order and chaos. Errors are
 * about 1e-6; `meanField` is exact, but takes as long for one point as this for a thousand.
 *
 * @param options the activation function, the ends of both axes, the number of points.
 * @returns the middles of the cells, row by row; weights vary fastest.
 * @throws TypeError, RangeError naming the option; RangeError for an activation function whose mean squares do not exist or are
 * not found.
 * @example
 * ```js
 * import { phasePlane } from "nn-init/lab";
 *
 * const plane = phasePlane({ activation: "tanh", weight: 2, bias: 0.5, points: 2 });
 * console.log(plane.map(({ chi1 }) => chi1.toFixed(3)).join(" ")); // 0.240 1.123 0.194 1.027
 * ```
 */
export function phasePlane(options: PhasePlaneOptions): PhasePoint[] {
  checkRequired("options", options, ["activation", "weight", "bias", "points", "slope", "derivative"]);
  const most = {
    weight: checkAboveZero("weight", options.weight ?? 3),
    bias: checkAboveZero("bias", options.bias ?? 1),
  };
  const points = options.points ?? 40;
  if (!Number.isInteger(points) || points < 1 || points > MOST_POINTS) {
    throw wrongValue("points", `a whole number from 1 to ${MOST_POINTS}`, points);
  }
  const { output, slope } = tables(
    withinCalls(activationFunction(options.activation, options.slope, options.derivative)),
  );
  const at = (i: number, end: number) => ((i + 0.5) / points) * end;
  return Array.from({ length: points * points }, (_, i) => {
    const weight = at(i % points, most.weight);
    const bias = at(Math.floor(i / points), most.bias);
    const map = (q: number): number => weight * weight * output(q) + bias * bias;
    const fixedPoint = fixedPointOf(map, 1, bias * bias).value;
    return { weight, bias, fixedPoint, chi1: chi1At(fixedPoint, (q) => weight * weight * slope(q)) };
  });
}

const [FIRST, LAST] = [log(1e-17), log(1e22)];
const STEPS = 8; // of the tables, to a factor e of q

type Tables = Readonly<Record<"output" | "slope", (q: number) => number>>;

/** By the function, if it has a name: another plane of it needs the same entries. */
const known = new WeakMap<ActivationFunction["f"], Tables>();

/** Mean squares of outputs and of slopes as functions of q, by tables. */
function tables(activation: ActivationFunction): Tables {
  const found = known.get(activation.f);
  if (found !== undefined) return found;
  const made = {
    output: interpolated((q) => roughOutput(activation, q)),
    slope: interpolated((q) => roughSlope(activation, q)),
  };
  if (activation.breaks !== undefined) known.set(activation.f, made);
  return made;
}

/** By a cubic through four points of a table on logarithmic axes; what is not positive is taken as 1e-300. */
function interpolated(of: (q: number) => number): (q: number) => number {
  const table = new Map<number, number>(); // filled where it is needed
  const value = (i: number): number => {
    const known = table.get(i);
    if (known !== undefined) return known;
    const made = log(Math.max(1e-300, of(exp(FIRST + i / STEPS))));
    table.set(i, made);
    return made;
  };
  return (q) => {
    const place = (Math.min(LAST, Math.max(FIRST, log(q))) - FIRST) * STEPS;
    const i = Math.floor(place);
    const t = place - i;
    const [a, b, c, d] = [value(i - 1), value(i), value(i + 1), value(i + 2)];
    const first = -a / 3 - b / 2 + c - d / 6;
    const second = a / 2 - b + c / 2;
    const third = (d - a) / 6 + (b - c) / 2;
    return exp(b + t * (first + t * (second + t * third)));
  };
}
