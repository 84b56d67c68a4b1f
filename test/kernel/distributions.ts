/** Distributions with ordinary and extreme parameters. Every twin test runs over them. */
import type { Independent } from "../../src/distribution.js";

export const DISTRIBUTIONS: {
  readonly [Name in Independent["kind"]]: readonly Extract<Independent, { kind: Name }>[];
} = {
  constant: [0, 1, -0.1, 3.4e38, 1e-45, -0].map((value) => ({ kind: "constant", value })),
  uniform: (
    [
      [-1, 1],
      [0, 1],
      [-0.1, 0.3],
      [100, 101],
      [1, 1.0000001],
      [1, 1.00000001],
      [-1e-28, 1e-28],
      [-1e-29, 1e-29],
      [-1e-30, 1e-30],
      [-1e-40, 1e-40],
      [-1e-44, 1e-44],
      [0, 1e-44],
      [-1e-50, 1],
      [-3.4e38, 3.4e38],
      [-5, -4.999],
      [0.1, 0.30000000000000004],
      [-(2 ** -95), 2 ** -95],
      [-(2 ** -94.9), 2 ** -94.9],
      [2 ** 100, 2 ** 101],
      [1, 1 + 2 ** -50],
      [-1e-46, 1e-47], // in f32 every value is 0 or -0, and none is replaced by a bound that equals it
    ] as const
  ).map(([low, high]) => ({ kind: "uniform", low, high })),
  normal: (
    [
      [0, 1],
      [0, 0.02],
      [1, 1],
      [-5, 1e-3],
      [0, 1e-38],
      [0, 1e-44],
      [0, 1e-50],
      [0, 1e37],
      [1e30, 1e20],
      [-0, 3],
    ] as const
  ).map(([mean, std]) => ({ kind: "normal", mean, std })),
  truncated: (
    [
      [0, 1, -2, 2],
      [0, 0.02, -2, 2],
      [0.1, 0.02, -2, 2],
      [0, 1, -1, 1],
      [0, 1, -0.1, 0.1],
      [0, 1, -1e-6, 1e-6],
      [0, 1e-30, -2, 2],
      [0, 1e-44, -2, 2],
      [0, 1, -2.0000001, 2.0000001],
      [0, 0.02, -3, 3],
      [0, 0.02, -100, 100],
      [0, 1, 0, 2],
      [0, 1, -2, 0],
      [0, 1, -1, 6],
      [0, 1, -6, 1],
      [0, 1, 1, 1.5],
      [0, 1, 5, 6],
      [0, 1, -6, -5],
      [0, 1, 10, 12],
      [0, 1, 30, 1e30],
      [0, 1, 37, 40],
      [0, 1, 6, 8],
      [0, 1, -39, -6],
      [0, 1, 50, 51],
      [0, 1, -1e6, -1e5],
      [-40, 1, 40, 41],
      [0, 1, -40, 1e-9],
      [3, 2, -1e99, 1e99],
      [1e8, 1e-3, -1, 1],
      [0, 1, 1.44, 1.45],
      [0, 1, 1, 1.0000000001],
      [-0, 5e-46, -2, 2], // as above, and in the next two
      [0, 1e-47, -3, 3],
      [-0, 5e-324, -0.4, 0.4],
    ] as const
  ).map(([mean, std, low, high]) => ({ kind: "truncated", mean, std, low, high })),
};
