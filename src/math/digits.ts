/** Numbers as text for sentences and tables. */

/** x rounded to `count` significant digits, without trailing zeros. */
export const digits = (x: number, count = 6): string => String(Number(x.toPrecision(count)));
