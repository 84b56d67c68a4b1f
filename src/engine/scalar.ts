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
    const transform = transformOf(distribution, words, dtype);
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
type TwinTransform = (count: number) => void;

/** The twin of the distribution's kernel, called with its parameters. */
function transformOf(distribution: Independent, words: Int32Array, dtype: DType): TwinTransform {
  const wide = dtype === "f64";
  const floats = new Float32Array(words.buffer);
  const doubles = new Float64Array(words.buffer);
  switch (distribution.kind) {
    case "constant":
      return (count) => constant(wide ? doubles : floats, count, distribution.value);
    case "uniform": {
      const parameters = uniformParameters(distribution.low, distribution.high, dtype);
      return (count) =>
        wide ? uniform64(words, doubles, count, parameters) : uniform(words, floats, count, parameters);
    }
    case "normal": {
      const { mean, std } = distribution;
      return (count) =>
        wide
          ? normal64(words, doubles, count, mean, std)
          : normal(words, floats, count, Math.fround(mean), Math.fround(std));
    }
    case "truncated": {
      if (isNarrow(distribution, dtype)) {
        const parameters = truncatedParameters(distribution, dtype);
        return (count) => truncated(words, floats, count, parameters);
      }
      const parameters = truncatedWideParameters(distribution, dtype);
      return (count) =>
        wide ? truncated64(words, doubles, count, parameters) : truncatedWide(words, floats, count, parameters);
    }
  }
}
