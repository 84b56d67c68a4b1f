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
  const height = (area.bottom - area.top) / rows.length;
  return (
    <g shape-rendering="crispEdges">
      {rows.map((cells, row) => {
        const width = (area.right - area.left) / cells.length;
        return runs(cells).map(({ begin, end, cell }) => (
          <rect
            x={pixels(area.left + begin * width)}
            y={pixels(area.bottom - (row + 1) * height)}
            width={pixels((end - begin) * width)}
            height={pixels(height)}
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
