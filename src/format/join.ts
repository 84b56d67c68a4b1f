/** Tensors of a model that a format stores as one, one after the other. */
import type { DrawPiece } from "../checkpoint/draw.js";
import type { Draw } from "../engine/engine.js";

interface Joined {
  /** How many elements it has. */
  readonly size: number;
  readonly draw: DrawPiece;
}

/** @param elementBytes size of an element. */
export function joined(parts: readonly Joined[], elementBytes: number): DrawPiece {
  return function* (bytes, start): Generator<Draw, void> {
    const end = start + bytes.length / elementBytes;
    let begin = 0;
    for (const { size, draw } of parts) {
      const [low, high] = [Math.max(start, begin), Math.min(end, begin + size)];
      if (low < high) {
        yield* draw(bytes.subarray((low - start) * elementBytes, (high - start) * elementBytes), low - begin);
      }
      begin += size;
    }
  };
}

/** Elements that are 0, such as rows that pad a table. */
export const padding: DrawPiece = (bytes) => {
  bytes.fill(0);
  return [];
};
