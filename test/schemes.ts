/** What the tests of arrays, arenas, slices and threads draw: a scheme for each kernel of independent elements. */
import { constant, normal, type Scheme, truncatedNormal, uniform } from "../src/index.js";

export const KEYED = { seed: 42, name: "fc1.kernel" } as const;

export const INDEPENDENT: readonly Scheme[] = [
  normal({ std: 0.02 }),
  normal({ mean: 1, std: 0.02 }),
  uniform({ low: 0, high: 1 }),
  uniform({ low: -0.1, high: 0.1 }),
  truncatedNormal({ std: 0.02 }),
  truncatedNormal({ std: 0.02, low: -3, high: 3 }),
  truncatedNormal({ std: 0.02, low: 0, high: 3 }),
  constant(-0.3),
];
