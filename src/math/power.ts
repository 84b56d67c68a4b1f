/** Powers of any real number, by portable functions, for the expressions and formulas that people write. */
import { pow } from "./functions.js";

/**
 * x^y as IEEE 754 has it: Infinity where it exceeds all doubles, NaN where it is no real number. Whole exponents go by
 * multiplication, so that the result is exact whenever a double can hold it.
 */
export function power(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= 1024) return wholePower(x, y);
  if (x > 0) return pow(x, y);
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY;
  return Number.isInteger(y) ? (y % 2 === 0 ? 1 : -1) * pow(-x, y) : Number.NaN;
}

function wholePower(x: number, y: number): number {
  let product = 1;
  for (let factor = x, left = Math.abs(y); left > 0; left = Math.floor(left / 2), factor *= factor) {
    if (left % 2 === 1) product *= factor;
  }
  if (y >= 0) return product;
  if (Math.abs(product) < Number.POSITIVE_INFINITY) return 1 / product;
  const first = Math.ceil(y / 2); // x^-y exceeds all doubles, but x^y may be one
  return wholePower(x, first) * wholePower(x, y - first);
}
