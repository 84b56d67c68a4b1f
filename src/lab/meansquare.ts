/** Mean squares of activation functions and their derivatives under normal pre-activations, to 1e-8. */
import { wrongValue } from "../check.js";
import { digits } from "../math/digits.js";
import { integral, roughMeanSquare, smoothMean, steepAt } from "../math/kronrod.js";
import { normalMean, normalMeanSquare } from "../math/quadrature.js";
import { slopeSquare } from "../math/slope.js";
import { density } from "../math/transcendental.js";
import type { ActivationFunction } from "./activation.js";

/**
 * E f(sqrt(q) Z)^2: the length map without its weights (Poole et al., eq. 3).
 *
 * @throws RangeError if it is not found.
 */
export function outputMeanSquare(activation: ActivationFunction, q: number): number {
  return found(squareOf(activation, activation.f, q), activation, q);
}

/**
 * E f'(sqrt(q) Z)^2: chi_1 without its weights (Poole et al., eq. 6; Schoenholz et al., eq. 5).
 *
 * @throws RangeError if it is not found, or does not exist because f jumps.
 */
export function slopeMeanSquare(activation: ActivationFunction, q: number): number {
  if (activation.numerical !== true) return found(squareOf(activation, activation.derivative, q), activation, q);
  const root = Math.sqrt(q);
  const { value, place } = slopeSquare((z) => activation.f(root * z));
  if (place === undefined) return found(value / q, activation, q);
  const where = Number((root * place).toFixed(4));
  throw wrongValue("activation", `a derivative next to it (near x = ${where} it jumps or is too steep)`, activation.f);
}

function squareOf({ f, breaks, homogeneous }: ActivationFunction, of: (x: number) => number, q: number): number {
  if (homogeneous) return ((f(1) * f(1) + f(-1) * f(-1)) / 2) * (of === f ? q : 1);
  const root = Math.sqrt(q);
  if (breaks === undefined) return normalMeanSquare((z) => of(root * z));
  return smoothMean(
    (z) => squared(of(root * z)),
    breaks.map((x) => x / root),
  );
}

/** E f(sqrt(q) Z)^2 for tables: to 1e-9 for named functions, otherwise as `outputMeanSquare`. */
export const roughOutput = (activation: ActivationFunction, q: number): number =>
  isRough(activation) ? roughly(activation, activation.f, q) : outputMeanSquare(activation, q);

/** E f'(sqrt(q) Z)^2, likewise. */
export const roughSlope = (activation: ActivationFunction, q: number): number =>
  isRough(activation) ? roughly(activation, activation.derivative, q) : slopeMeanSquare(activation, q);

const isRough = ({ breaks, homogeneous }: ActivationFunction): boolean => breaks !== undefined && homogeneous !== true;

const roughly = (activation: ActivationFunction, of: (x: number) => number, q: number): number =>
  found(roughMeanSquare(of, Math.sqrt(q), activation.breaks), activation, q);

const squared = (x: number): number => x * x;

function found(value: number, { f }: ActivationFunction, q: number): number {
  if (!Number.isNaN(value)) return value;
  throw wrongValue("activation", `a function with a mean square that can be found, at variance ${digits(q)}`, f);
}

/**
 * Where f has kinks, jumps or steep slopes for pre-activations with mean square q, as far as the quadrature finds them. If
 * several lie within 1e-3 sqrt(q), only the sharpest counts.
 */
export function breaksOf({ f, breaks }: ActivationFunction, q: number): readonly number[] {
  if (breaks !== undefined) return breaks;
  const root = Math.sqrt(q);
  const halved: { readonly z: number; readonly depth: number }[] = [];
  normalMean((z) => f(root * z), { onHalved: (begin, end, depth) => halved.push({ z: (begin + end) / 2, depth }) });
  halved.sort((a, b) => b.depth - a.depth);
  const kept: number[] = [];
  for (const { z } of halved) if (kept.every((other) => Math.abs(z - other) > 1e-3)) kept.push(z);
  return kept.map((z) => root * z);
}

const WHOLE = Array.from({ length: 17 }, (_, i) => i - 8);

/**
 * E (f(u1) - f(u2))^2 / 2 for normal variables with mean square q and correlation 1 - t: what two inputs differ in. Relative
 * error 1e-8 from t = 1e-10 on and 1e-6 below, since no two close numbers are subtracted. u1 and u2 are taken apart into their half sum and
 * half difference, which are independent. NaN if a million evaluations do not find it.
 */
export function halfSquareDifference(
  f: (x: number) => number,
  breaks: readonly number[],
  q: number,
  t: number,
): number {
  const [sum, difference] = [Math.sqrt(q * (1 - t / 2)), Math.sqrt((q * t) / 2)];
  const tolerance = Math.max(1e-11, 3e-15 / Math.sqrt(t)); // differences of close values have as many digits
  const given = (d: number): number => {
    const shift = difference * d;
    const places = [0, ...breaks].flatMap((x) => [(x - shift) / sum, (x + shift) / sum]);
    const borders = q > 10 ? steepAt(places) : places;
    const square = (z: number): number => squared(f(sum * z + shift) - f(sum * z - shift)) * density(z);
    return integral(square, [...WHOLE, ...borders], tolerance, 3000);
  };
  // The mean over d in (-8, 8), by symmetry twice that over (0, 8); and half of the square.
  return integral((d) => given(d) * density(d), [0, 1 / 16, 0.5, 1.5, 3, 5, 8], 30 * tolerance, 500);
}
