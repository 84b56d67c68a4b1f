/** Values that follow from their places: docs/stream.md, "Computed values". */
import { log, pow } from "../math/functions.js";
import { cos, sin } from "../math/transcendental.js";
import type { Placed } from "./computed.js";

type PlacedOf<Kind extends Placed["kind"]> = Extract<Placed, { kind: Kind }>;

/** Writes elements [start, start + out.length), in binary64. */
export function writePlaced(placed: Placed, start: number, out: Float64Array): void {
  switch (placed.kind) {
    case "sinusoidal":
      writeSinusoids(placed, start, out);
      break;
    case "relativePosition":
      writeRelativePositions(placed, start, out);
      break;
    default: {
      const { length, inner } = placed;
      // Each number is computed once for the elements that share it and lie next to each other.
      for (let i = 0, index = start; i < out.length; ) {
        const next = Math.min(out.length, i + inner - (index % inner));
        out.fill(alongAxis(placed, Math.floor(index / inner) % length), i, next);
        index += next - i;
        i = next;
      }
    }
  }
}

/** The number that place i of the axis stands for. */
export function alongAxis(placed: PlacedOf<"arange" | "logArange" | "powers">, i: number): number {
  const number = placed.start + i * placed.step;
  if (placed.kind === "arange") return number;
  return placed.kind === "logArange" ? log(number) : pow(placed.base, number);
}

function writeSinusoids(
  { width, base, span, interleaved }: PlacedOf<"sinusoidal">,
  start: number,
  out: Float64Array,
): void {
  const sines = Math.ceil(width / 2);
  const frequencyOf = (j: number): number => pow(base, -(j / span));
  const known = out.length > width ? Float64Array.from({ length: sines }, (_, j) => frequencyOf(j)) : undefined;
  for (let i = 0; i < out.length; ++i) {
    const position = Math.floor((start + i) / width);
    const column = (start + i) % width;
    const isSine = interleaved ? column % 2 === 0 : column < sines;
    const j = interleaved ? Math.floor(column / 2) : isSine ? column : column - sines;
    const angle = position * (known?.[j] ?? frequencyOf(j));
    out[i] = isSine ? sin(angle) : cos(angle);
  }
}

function writeRelativePositions(
  { height, width }: PlacedOf<"relativePosition">,
  start: number,
  out: Float64Array,
): void {
  const places = height * width;
  for (let i = 0; i < out.length; ++i) {
    const [from, to] = [Math.floor((start + i) / places), (start + i) % places];
    const down = Math.floor(from / width) - Math.floor(to / width) + height - 1;
    out[i] = down * (2 * width - 1) + (from % width) - (to % width) + width - 1;
  }
}
