/** The twins, one block after the other, on memory of their own. Needs no WebAssembly. */

import type { Pointwise } from "../distribution.js";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { BLOCK, bits } from "../kernel/bits.js";
import { constant } from "../kernel/constant.js";
import { normal } from "../kernel/normal.js";
import { normal64 } from "../kernel/normal64.js";
import { orthogonal, PANEL, panels, reflect, slabWidth } from "../kernel/orthogonal.js";
import { truncated, truncated64, truncatedWide } from "../kernel/truncated.js";
import { uniform, uniform64 } from "../kernel/uniform.js";
import type { Engine } from "./choose.js";
import { normals } from "./orthogonal.js";
import { isNear, truncatedEdge, truncatedWideEdge, uniformEdge } from "./parameters.js";
import { cut, elementsIn } from "./pieces.js";
import { isPoints, type Matrix, type Tensor } from "./source.js";
import { deliver, numbersFor, rounding } from "./working.js";

export const scalar: Engine = {
  name: "scalar",
  draw(tensor, start, out) {
    if (!isPoints(tensor)) {
      drawMatrix(tensor as Tensor<Matrix>, start, out);
      return;
    }
    const { fill, key, dtype } = tensor;
    const words = new Int32Array(BLOCK);
    const perElement = FORMATS[dtype].words;
    const values = view(dtype, words.buffer, 0, elementsIn(perElement));
    const map = dtype === "f64" ? law64(fill, words) : law(fill, words, dtype);
    const round = rounding(dtype);
    cut(start, out.length, elementsIn(perElement), 1, ({ blockLow, blockHigh, begin, end, at }) => {
      if (fill.law !== "constant") {
        const { seedLow, seedHigh, streamLow, streamHigh } = key;
        bits(words, end * perElement, blockLow, blockHigh, seedLow, seedHigh, streamLow, streamHigh);
      }
      map(end);
      round?.(values as Uint16Array, end, words); // in place
      out.set(values.subarray(begin, end), at);
    });
  },
};

function drawMatrix(tensor: Tensor<Matrix>, start: number, out: Values): void {
  const { fill, dtype } = tensor;
  const rows = Math.max(fill.rows, fill.columns);
  const columns = Math.min(fill.rows, fill.columns);
  const { count, elements } = panels(rows, columns);
  const vectors = numbersFor(dtype, elements);
  scalar.draw(normals(tensor), fill.origin, vectors);
  const signs = numbersFor(dtype, count * PANEL);
  const triangles = numbersFor(dtype, count * PANEL * PANEL);
  const reflectors = { rows, columns, vectors, triangles, signs };
  for (let block = 0; block < count; ++block) reflect(reflectors, block);
  const q = numbersFor(dtype, rows * columns);
  const width = slabWidth(q.BYTES_PER_ELEMENT);
  for (let first = 0; first < columns; first += width) {
    orthogonal(q, reflectors, first, fill.gain, fill.rows >= fill.columns);
  }
  deliver(q.slice(start, start + out.length), dtype, out);
}

type Step = (count: number) => void;

/** The law's twin with its parameters: words to values of 32 bits, the first `count`. */
function law(fill: Pointwise, words: Int32Array, dtype: DType): Step {
  const values = new Float32Array(words.buffer);
  switch (fill.law) {
    case "constant":
      return (count) => constant(values, count, fill.value);
    case "uniform": {
      const edge = uniformEdge(fill.low, fill.high, dtype);
      return (count) => uniform(words, values, count, edge);
    }
    case "normal": {
      const mean = Math.fround(fill.mean);
      const std = Math.fround(fill.std);
      return (count) => normal(words, values, count, mean, std);
    }
    case "truncated": {
      if (!isNear(fill, dtype)) {
        const edge = truncatedWideEdge(fill, dtype);
        return (count) => truncatedWide(words, values, count, edge);
      }
      const edge = truncatedEdge(fill, dtype);
      return (count) => truncated(words, values, count, edge);
    }
  }
}

/** Words to values of 64 bits. */
function law64(fill: Pointwise, words: Int32Array): Step {
  const values = new Float64Array(words.buffer);
  switch (fill.law) {
    case "constant":
      return (count) => constant(values, count, fill.value);
    case "uniform": {
      const edge = uniformEdge(fill.low, fill.high, "f64");
      return (count) => uniform64(words, values, count, edge);
    }
    case "normal":
      return (count) => normal64(words, values, count, fill.mean, fill.std);
    case "truncated": {
      const edge = truncatedWideEdge(fill, "f64");
      return (count) => truncated64(words, values, count, edge);
    }
  }
}
