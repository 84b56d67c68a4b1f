/** A grid of cells in two colours, the stronger the further from the border between them. */
import type { Colour } from "./colour.js";
import { type Area, pixels } from "./frame.js";

export interface Cell {
  readonly colour: Colour;
  /** From 0 to 1. Few different ones keep the image small: cells that are alike are drawn as one. */
  readonly opacity: number;
}

interface HeatMapProps {
  readonly area: Area;
  /** Row by row from the bottom, all of one length; undefined where nothing is known. */
  readonly rows: readonly (readonly (Cell | undefined)[])[];
  /** What a pointer is told of the cells [begin, end) of a row. */
  readonly tip: (row: number, begin: number, end: number) => string;
}

/** Fills the frame's area. */
export function HeatMap({ area, rows, tip }: HeatMapProps) {
  // Edges are rounded, not sizes: what one row ends at, the next one begins at, so that no seam is left between them.
  const edge = (row: number) => pixels(area.bottom - (row / rows.length) * (area.bottom - area.top));
  return (
    <g shape-rendering="crispEdges">
      {rows.map((cells, row) => {
        const side = (cell: number) => pixels(area.left + (cell / cells.length) * (area.right - area.left));
        const [top, bottom] = [edge(row + 1), edge(row)];
        return runs(cells).map(({ begin, end, cell }) => (
          <rect
            x={side(begin)}
            y={top}
            width={pixels(side(end) - side(begin))}
            height={pixels(bottom - top)}
            fill={cell.colour}
            fill-opacity={cell.opacity}
          >
            <title>{tip(row, begin, end)}</title>
          </rect>
        ));
      })}
    </g>
  );
}

interface CellRun {
  readonly begin: number;
  readonly end: number;
  readonly cell: Cell;
}

/** Neighbours that are alike, together. */
function runs(cells: readonly (Cell | undefined)[]): CellRun[] {
  const found: CellRun[] = [];
  for (let begin = 0, end = 0; begin < cells.length; begin = end) {
    const cell = cells[begin];
    for (end = begin + 1; end < cells.length && alike(cells[end], cell); ) ++end;
    if (cell !== undefined) found.push({ begin, end, cell });
  }
  return found;
}

const alike = (a: Cell | undefined, b: Cell | undefined): boolean =>
  a?.colour === b?.colour && a?.opacity === b?.opacity;
