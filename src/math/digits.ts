/** Numbers as sentences and tables have them. */

/** To so many digits, without trailing zeros. */
export const digits = (x: number, count = 6): string => String(Number(x.toPrecision(count)));
