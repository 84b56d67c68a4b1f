/** Numbers as text for sentences and tables. */

/** x rounded to `count` significant digits, without trailing zeros. */
export const digits = (x: number, count = 6): string => String(Number(x.toPrecision(count)));

/** Whether a decimal number becomes infinite as a double, or 0 though it is not. */
export function isLost(text: string): boolean {
  const value = Number(text);
  return !Number.isFinite(value) || (value === 0 && /^[+-]?[0.]*[1-9]/.test(text));
}
