/** How a point of the plane of order and chaos is coloured, in the command's page and in the interactive one. */
import { COLOURS } from "./colour.js";
import type { Cell } from "./heatmap.js";

/** Factors on gradients per layer, and how strongly a cell is coloured below each. */
const LEVELS = [
  { factor: 1.05, opacity: 0.2 },
  { factor: 1.2, opacity: 0.35 },
  { factor: 1.5, opacity: 0.5 },
  { factor: Number.POSITIVE_INFINITY, opacity: 0.65 },
] as const;

/** Chi_1 below 1, for legends. */
export const ORDERED: Cell = { colour: COLOURS.measured, opacity: 0.5 };
/** Chi_1 of 1 and more, for legends. */
export const CHAOTIC: Cell = { colour: COLOURS.theory, opacity: 0.5 };

/** Nothing where chi_1 is not known. */
export function phaseCell(chi1: number): Cell | undefined {
  if (Number.isNaN(chi1)) return undefined;
  const { colour } = chi1 < 1 ? ORDERED : CHAOTIC;
  const factor = Math.max(chi1, 1 / chi1);
  return { colour, opacity: (LEVELS.find((level) => factor <= level.factor) ?? LEVELS[3]).opacity };
}
