/**
 * How large the network is while a slider is dragged: as large as answers within the time of a few frames. The sizes go up and down
 * by what the last answers took, for each activation function and kind of network, because these differ by a factor of ten.
 */
import type { NetworkState } from "../network.js";

export interface CoarseSize {
  readonly width: number;
  readonly samples: number;
}

/** From the smallest to the largest. */
const SIZES: readonly CoarseSize[] = [
  { width: 16, samples: 4 },
  { width: 16, samples: 8 },
  { width: 24, samples: 8 },
  { width: 32, samples: 8 },
  { width: 32, samples: 16 },
  { width: 48, samples: 16 },
  { width: 64, samples: 16 },
  { width: 64, samples: 32 },
  { width: 96, samples: 32 },
  { width: 128, samples: 32 },
  { width: 128, samples: 64 },
  { width: 192, samples: 64 },
  { width: 256, samples: 64 },
];

const [SHORT, LONG] = [14, 34]; // milliseconds: below it grows, above it shrinks

/** About what a size takes, in milliseconds, on a slow machine: products and activation functions. */
const guess = ({ width, samples }: CoarseSize, depth: number, positions: number): number =>
  depth * positions * samples * width * (6e-7 * width + 1e-4);

interface CoarseSizes {
  sizeFor(state: NetworkState): CoarseSize;
  /** Tells what an answer took. */
  took(state: NetworkState, milliseconds: number): void;
}

export function coarseSizes(): CoarseSizes {
  const levels = new Map<string, number>();
  const nameOf = ({ network, activation, formula, depth }: NetworkState) =>
    [network, activation, activation === "own" ? formula : "", Math.ceil(depth / 25)].join(" ");
  const levelFor = (state: NetworkState): number => {
    const known = levels.get(nameOf(state));
    if (known !== undefined) return known;
    const positions = state.network === "dense" ? 1 : 16;
    const first = SIZES.findLastIndex((size) => guess(size, state.depth, positions) < SHORT);
    return Math.max(0, first);
  };
  return {
    sizeFor(state) {
      const { width, samples } = SIZES[levelFor(state)] as CoarseSize;
      return { width: Math.min(width, state.width), samples };
    },
    took(state, milliseconds) {
      const level = levelFor(state);
      const change = milliseconds > 2 * LONG ? -2 : milliseconds > LONG ? -1 : milliseconds < SHORT ? 1 : 0;
      if (levels.size > 200) levels.clear();
      levels.set(nameOf(state), Math.min(SIZES.length - 1, Math.max(0, level + change)));
    },
  };
}
