/**
 * Scales: where numbers lie on an axis, and the axis's ticks. The numbers can be of any size: a single one, the smallest and
 * the largest doubles, none at all.
 */
import { scaleLinear, scaleLog } from "d3-scale";

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface AxisScale {
  /** From 0 to 1; undefined for what has no place on the axis, such as NaN, and 0 among logarithms. */
  place(x: number | null): number | undefined;
  /** About `most` ticks, at round numbers; at least one. */
  ticks(most: number): readonly Tick[];
}

/** The least and the greatest of the finite numbers; undefined if there is none. */
function extent(values: readonly number[]): [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of values) if (Number.isFinite(x)) [low, high] = [Math.min(low, x), Math.max(high, x)];
  return low <= high ? [low, high] : undefined;
}

/** A number with so many significant digits, without trailing zeros, in its shorter form: 0.02, 1500, 1e-7, 2.5e38. */
export function numberText(x: number, significant: number): string {
  if (!Number.isFinite(x) || x === 0) return String(x + 0);
  const [mantissa, exponent] = x.toExponential(significant - 1).split("e") as [string, string];
  const short = `${Number(mantissa)}e${Number(exponent)}`;
  const plain = String(Number(x.toPrecision(significant)));
  const usual = Number(exponent) >= -4 && Number(exponent) <= 5;
  return usual || plain.length <= short.length ? plain : short;
}

const MOST_DIGITS = 15; // all that every double has

/** A tick's number, with the digits that tell it from the next tick. */
function tickText(x: number, step: number): string {
  const digits = Math.floor(Math.log10(Math.abs(x))) - Math.floor(Math.log10(step)) + 1;
  return numberText(x, Math.min(MOST_DIGITS, Math.max(1, digits)));
}

/** Ends with room on both sides of what is one number, up to rounding errors. */
function widened([low, high]: readonly [number, number]): [low: number, high: number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > 1e-9 * size && high - low > 1e-300) return [low, high];
  const room = size < 1e-290 ? 1 : size / 10;
  return [Math.max(-Number.MAX_VALUE, low - room), Math.min(Number.MAX_VALUE, high + room)];
}

/**
 * @param values the ends of the axis are the least and the greatest of these, or round numbers beyond them.
 * @param options.round whether to go on to round numbers; by default so. `whole`: whether there are ticks at whole numbers only.
 */
export function linearScale(
  values: readonly number[],
  { round = true, whole = false }: { readonly round?: boolean; readonly whole?: boolean } = {},
): AxisScale {
  const [low, high] = widened(extent(values) ?? [0, 1]);
  const unit = Math.max(-low, high) > Number.MAX_VALUE / 20 ? 10 : 1; // so that nothing overflows
  const scale = scaleLinear([low / unit, high / unit], [0, 1]);
  if (round) scale.nice(6);
  return {
    place: (x) => (x === null ? undefined : onAxis(scale(x / unit))),
    ticks(most) {
      const inner = scale.ticks(most).filter((x) => Number.isFinite(x * unit) && (!whole || Number.isInteger(x)));
      if (inner.length < 2) {
        const value = (inner[0] ?? low / unit) * unit;
        return [{ value, label: numberText(value, 4) }];
      }
      const step = (inner[1] as number) - (inner[0] as number);
      return inner.map((x) => ({ value: x * unit, label: tickText(x * unit, step * unit) }));
    },
  };
}

const SLACK = 1e-9; // of an axis, for rounding errors

const onAxis = (place: number | undefined): number | undefined =>
  place !== undefined && place >= -SLACK && place <= 1 + SLACK ? place : undefined;

/** The numbers 1, 2 and 5 times powers of ten, counted from 1, as far as there are doubles: from 5e-324 to beyond 1e308. */
const [FIRST, LAST] = [-970, 925];
const oneTwoFive = (i: number): number =>
  i >= LAST ? Number.MAX_VALUE : Number(`${[1, 2, 5][((i % 3) + 3) % 3]}e${Math.floor(i / 3)}`);

/** The last of these numbers that is not above x, which is above 0. */
function lastBelow(x: number): number {
  const [mantissa, exponent] = x.toExponential().split("e").map(Number) as [number, number];
  return 3 * exponent + (mantissa >= 5 ? 2 : mantissa >= 2 ? 1 : 0);
}

const STRIDES = [1, 2, 5, 10, 20, 50, 100, 200, 500]; // between labelled powers of ten

/** A logarithmic scale that ends at 1, 2 or 5 times powers of ten; numbers that have no logarithm are left out. */
export function logScale(values: readonly number[]): AxisScale {
  const [low, high] = extent(values.filter((x) => x > 0)) ?? [1, 1];
  let [first, last] = [lastBelow(low), lastBelow(high)];
  if (oneTwoFive(last) < high) last += 1;
  if (last - first < 2) [first, last] = [Math.max(FIRST, first - 1), Math.min(LAST, last + 1)];
  const scale = scaleLog([oneTwoFive(first), oneTwoFive(last)], [0, 1]);
  return {
    place: (x) => (x !== null && x > 0 ? onAxis(scale(x)) : undefined),
    ticks(most) {
      const tick = (i: number): Tick => ({ value: oneTwoFive(i), label: numberText(oneTwoFive(i), 1) });
      if (last - first < most) {
        return Array.from({ length: Math.min(LAST, last + 1) - first }, (_, i) => tick(first + i));
      }
      const [from, to] = [Math.ceil(first / 3), Math.floor(last / 3)]; // powers of ten
      const stride = STRIDES.find((stride) => (to - from) / stride < most) ?? 1000;
      const powers: Tick[] = [];
      for (let power = stride * Math.ceil(from / stride); power <= to; power += stride) powers.push(tick(3 * power));
      return powers.length === 0 ? [tick(first)] : powers;
    },
  };
}
