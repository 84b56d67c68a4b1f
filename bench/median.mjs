/** The middle one of some numbers, and the larger of two middle ones. */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
