/** The engine of the twins: plain TypeScript, one block at a time, without WebAssembly. */
import type { Independent } from "../distribution.js";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { BLOCK, bits } from "../kernel/bits.js";
import { constant } from "../kernel/constant.js";
import { normal } from "../kernel/normal.js";
import { normal64 } from "../kernel/normal64.js";
import { orthogonal, PANEL, panels, reflect, slabWidth } from "../kernel/orthogonal.js";
import { truncated, truncated64, truncatedWide } from "../kernel/truncated.js";
import { uniform, uniform64 } from "../kernel/uniform.js";
import type { Engine } from "./engine.js";
import { isNarrow, truncatedParameters, truncatedWideParameters, uniformParameters } from "./parameters.js";
import { elementsPerBlock, forEachPiece } from "./pieces.js";
import { isIndependent, normalSource, type OrthogonalMatrix, type Source } from "./source.js";
import { roundingTwin, workingArray, writeRounded } from "./working.js";

export const scalar: Engine = {
  name: "scalar",
  draw(source, start, out) {
    if (!isIndependent(source)) {
      drawMatrix(source as Source<OrthogonalMatrix>, start, out);
      return;
    }
    const { distribution, key, dtype } = source;
    const words = new Int32Array(BLOCK);
    const perElement = FORMATS[dtype].words;
    const size = elementsPerBlock(perElement);
    const values = view(dtype, words.buffer, 0, size);
    const transform = dtype === "f64" ? transform64(distribution, words) : transform32(distribution, words, dtype);
    const round = roundingTwin(dtype);
    forEachPiece(start, out.length, size, 1, ({ blockLow, blockHigh, begin, end, at }) => {
      if (distribution.kind !== "constant") {
        const { seedLow, seedHigh, streamLow, streamHigh } = key;
        bits(words, end * perElement, blockLow, blockHigh, seedLow, seedHigh, streamLow, streamHigh);
      }
      transform(end);
      round?.(values as Uint16Array, end, words); // in place
      out.set(values.subarray(begin, end), at);
    });
  },
};

function drawMatrix(source: Source<OrthogonalMatrix>, start: number, out: Values): void {
  const { distribution, dtype } = source;
  const rows = Math.max(distribution.rows, distribution.columns);
  const columns = Math.min(distribution.rows, distribution.columns);
  const { count, elements } = panels(rows, columns);
  const vectors = workingArray(dtype, elements);
  scalar.draw(normalSource(source), distribution.origin, vectors);
  const signs = workingArray(dtype, count * PANEL);
  const triangles = workingArray(dtype, count * PANEL * PANEL);
  const reflectors = { rows, columns, vectors, triangles, signs };
  for (let panel = 0; panel < count; ++panel) reflect(reflectors, panel);
  const q = workingArray(dtype, rows * columns);
  const width = slabWidth(q.BYTES_PER_ELEMENT);
  for (let first = 0; first < columns; first += width) {
    orthogonal(q, reflectors, first, distribution.gain, distribution.rows >= distribution.columns);
  }
  writeRounded(q.slice(start, start + out.length), dtype, out);
}

/** Turns words into `count` elements, in place. */
type Transform = (count: number) => void;

/** The twin of the distribution's kernel for values of 32 bits, called with its parameters. */
function transform32(distribution: Independent, words: Int32Array, dtype: DType): Transform {
  const values = new Float32Array(words.buffer);
  switch (distribution.kind) {
    case "constant":
      return (count) => constant(values, count, distribution.value);
    case "uniform": {
      const parameters = uniformParameters(distribution.low, distribution.high, dtype);
      return (count) => uniform(words, values, count, parameters);
    }
    case "normal": {
      const mean = Math.fround(distribution.mean);
      const std = Math.fround(distribution.std);
      return (count) => normal(words, values, count, mean, std);
    }
    case "truncated": {
      if (!isNarrow(distribution, dtype)) {
        const parameters = truncatedWideParameters(distribution, dtype);
        return (count) => truncatedWide(words, values, count, parameters);
      }
      const parameters = truncatedParameters(distribution, dtype);
      return (count) => truncated(words, values, count, parameters);
    }
  }
}

/** The twin of the distribution's kernel for values of 64 bits, called with its parameters. */
function transform64(distribution: Independent, words: Int32Array): Transform {
  const values = new Float64Array(words.buffer);
  switch (distribution.kind) {
    case "constant":
      return (count) => constant(values, count, distribution.value);
    case "uniform": {
      const parameters = uniformParameters(distribution.low, distribution.high, "f64");
      return (count) => uniform64(words, values, count, parameters);
    }
    case "normal":
      return (count) => normal64(words, values, count, distribution.mean, distribution.std);
    case "truncated": {
      const parameters = truncatedWideParameters(distribution, "f64");
      return (count) => truncated64(words, values, count, parameters);
    }
  }
}
