/** What a frame can hold along its x axis: lines, bands, marks, and what a pointer is told. Missing values leave gaps. */
import { area as areaPath, line as linePath, symbol, symbolCircle, symbolDiamond2, symbolTriangle } from "d3-shape";
import type { Colour } from "./colour.js";
import { type Area, pixels, type Spot } from "./frame.js";

interface Point {
  readonly x: number;
  /** Null, NaN, an infinity, and 0 on a logarithmic axis, are gaps. */
  readonly y: number | null;
}

/** How a series is drawn, in the plot and in its legend. */
export interface Style {
  readonly colour: Colour;
  /** Lengths of dashes and of the gaps between them, as SVG takes them. */
  readonly dash?: string;
  readonly mark?: keyof typeof MARKS;
}

const MARKS = { circle: symbolCircle, triangle: symbolTriangle, diamond: symbolDiamond2 } as const;

const defined = (spot: Spot | undefined): boolean => spot !== undefined;
const x = (spot: Spot | undefined): number => spot?.x ?? 0; // of what is defined alone
const y = (spot: Spot | undefined): number => spot?.y ?? 0;

interface SeriesProps {
  readonly area: Area;
  readonly points: readonly Point[];
  readonly style: Style;
  readonly width?: number;
}

/** A line through the points. A point between two gaps becomes a dot. */
export function Line({ area, points, style, width = 2 }: SeriesProps) {
  const spots = points.map((point) => area.spot(point.x, point.y));
  const path = linePath<Spot | undefined>().defined(defined).x(x).y(y).digits(2)(spots);
  const single = spots.filter((spot, i) => spot && !spots[i - 1] && !spots[i + 1]) as Spot[];
  return (
    <>
      <path
        d={path ?? ""}
        fill="none"
        stroke={style.colour}
        stroke-width={width}
        stroke-dasharray={style.dash}
        stroke-linejoin="round"
      />
      {single.map((spot) => (
        <circle cx={spot.x} cy={spot.y} r={width + 0.5} fill={style.colour} />
      ))}
    </>
  );
}

interface BandRange {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** The region between the lowest and the highest values. */
export function Band({ area, ranges, colour }: { area: Area; ranges: readonly BandRange[]; colour: Colour }) {
  const spots = ranges.map(({ x, low, high }) => ({ low: area.spot(x, low), high: area.spot(x, high) }));
  const path = areaPath<(typeof spots)[number]>()
    .defined(({ low, high }) => low !== undefined && high !== undefined)
    .x(({ low }) => x(low))
    .y0(({ low }) => y(low))
    .y1(({ high }) => y(high))
    .digits(2);
  return <path d={path(spots) ?? ""} fill={colour} fill-opacity={0.22} />;
}

/** A mark at every point. */
export function Marks({ area, points, style, width = 5 }: SeriesProps) {
  const spots = points.map((point) => area.spot(point.x, point.y)).filter((spot) => spot !== undefined);
  return (
    <>
      {spots.map((spot) => (
        <Mark spot={spot} style={style} size={width} />
      ))}
    </>
  );
}

export function Mark({ spot, style, size }: { readonly spot: Spot; readonly style: Style; readonly size: number }) {
  const path = symbol(MARKS[style.mark ?? "circle"], size * size).digits(2)();
  return <path d={path ?? ""} fill={style.colour} transform={`translate(${spot.x},${spot.y})`} />;
}

const MOST_TIPS = 120; // narrower strips than a few pixels cannot be pointed at

/** Strips that cover the plot and tell a pointer, each, what is at one x. */
export function Tips({ area, tips }: { area: Area; tips: readonly { readonly x: number; readonly text: string }[] }) {
  const step = Math.ceil(tips.length / MOST_TIPS);
  const shown = tips.filter((_, i) => i % step === 0);
  const at = shown.map(({ x }) => area.x(x) ?? area.left);
  const borders = [area.left, ...at.slice(1).map((x, i) => (x + (at[i] as number)) / 2), area.right];
  return (
    <g fill="transparent">
      {shown.map(({ text }, i) => {
        const [left, right] = borders.slice(i, i + 2) as [number, number];
        const width = pixels(Math.max(0, right - left));
        return (
          <rect x={pixels(left)} y={area.top} width={width} height={area.bottom - area.top}>
            <title>{text}</title>
          </rect>
        );
      })}
    </g>
  );
}
