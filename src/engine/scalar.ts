/** The twins, one block after the other, on memory of their own. Needs no WebAssembly. */
import { isNear, truncatedEdge, truncatedWideEdge, uniformEdge } from "../edge.js";
import type { Engine } from "../engine.js";
import type { Fill } from "../fill.js";
import { BLOCK, bits } from "../kernel/bits.js";
import { constant } from "../kernel/constant.js";
import { normal } from "../kernel/normal.js";
import { truncated, truncatedWide } from "../kernel/truncated.js";
import { uniform } from "../kernel/uniform.js";
import { cut } from "./cut.js";

export const scalar: Engine = {
  name: "scalar",
  draw(fill, key, start, out) {
    const values = new Float32Array(BLOCK);
    const words = new Int32Array(values.buffer);
    const map = law(fill, words, values);
    cut(start, out.length, 1, ({ blockLow, blockHigh, begin, end, at }) => {
      if (fill.law !== "constant") {
        bits(words, end, blockLow, blockHigh, key.seedLow, key.seedHigh, key.streamLow, key.streamHigh);
      }
      map(end);
      out.set(values.subarray(begin, end), at);
    });
  },
};

/** The law's twin with its parameters: words to values, the first `count`. */
function law(fill: Fill, words: Int32Array, values: Float32Array): (count: number) => void {
  switch (fill.law) {
    case "constant":
      return (count) => constant(values, count, fill.value);
    case "uniform": {
      const edge = uniformEdge(fill.low, fill.high);
      return (count) => uniform(words, values, count, edge);
    }
    case "normal": {
      const mean = Math.fround(fill.mean);
      const std = Math.fround(fill.std);
      return (count) => normal(words, values, count, mean, std);
    }
    case "truncated": {
      if (!isNear(fill)) {
        const edge = truncatedWideEdge(fill);
        return (count) => truncatedWide(words, values, count, edge);
      }
      const edge = truncatedEdge(fill);
      return (count) => truncated(words, values, count, edge);
    }
  }
}
