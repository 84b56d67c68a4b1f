/** The frame of a plot: its box, its axes with ticks and titles, and its name and description for those who do not see it. */
import type { ComponentChildren } from "preact";
import { COLOURS } from "./colour.js";
import type { AxisScale, Tick } from "./scale.js";

export const FONT = 11; // pixels
const LETTER = 0.64 * FONT; // the width of a digit in the widest usual font
const GAP = 6; // between an axis and its labels

/** About how wide a text is, in pixels: no font can be asked without a browser. */
export const textWidth = (text: string): number => LETTER * text.length;

/** Hundredths of pixels are all that a screen can show. */
export const pixels = (x: number): number => Math.round(100 * x) / 100;

/** The rectangle inside the axes, in pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** What is drawn inside a frame asks here for its place. */
export interface Area extends Box {
  /** Pixels from the left; undefined for what has no place on the axis. */
  x(value: number | null): number | undefined;
  /** Pixels from the top; undefined likewise. */
  y(value: number | null): number | undefined;
  spot(x: number | null, y: number | null): Spot | undefined;
}

export function areaOf(box: Box, x: AxisScale, y: AxisScale): Area {
  const between = (place: number | undefined, from: number, to: number) =>
    place === undefined ? undefined : pixels(from + place * (to - from));
  const area: Area = {
    ...box,
    x: (value) => between(x.place(value), box.left, box.right),
    y: (value) => between(y.place(value), box.bottom, box.top),
    spot(atX, atY) {
      const [left, top] = [area.x(atX), area.y(atY)];
      return left === undefined || top === undefined ? undefined : { x: left, y: top };
    },
  };
  return area;
}

/** As many ticks as there is room for: at least one, about `most`. */
function fitting(scale: AxisScale, length: number, most: number, room: (label: string) => number): readonly Tick[] {
  for (let count = most; count > 1; --count) {
    const ticks = scale.ticks(count);
    if (ticks.every((tick, i) => i === 0 || apart(scale, ticks[i - 1] as Tick, tick, length, room))) return ticks;
  }
  return scale.ticks(1).slice(0, 1);
}

function apart(scale: AxisScale, a: Tick, b: Tick, length: number, room: (label: string) => number): boolean {
  const distance = length * ((scale.place(b.value) ?? 0) - (scale.place(a.value) ?? 0));
  return distance >= (room(a.label) + room(b.label)) / 2;
}

interface AxisProps {
  readonly scale: AxisScale;
  readonly title?: string;
}

interface FrameProps {
  /** A few words, which a screen reader says first, and a pointer over the plot shows. */
  readonly title: string;
  /** What is to be seen, in words. */
  readonly description: string;
  readonly x: AxisProps;
  readonly y: AxisProps;
  /** Pixels, labels included. */
  readonly width?: number;
  readonly height?: number;
  readonly grid?: boolean;
  readonly children: (area: Area) => ComponentChildren;
}

const MOST_ROWS = 6;
const MOST_COLUMNS = 8;
const LEAST_LEFT = 44; // so that plots below each other begin at one place

export function Frame({ title, description, x, y, width = 384, height = 240, grid = true, children }: FrameProps) {
  const top = y.title === undefined ? 8 : 24;
  const bottom = height - (x.title === undefined ? 22 : 38);
  const rows = fitting(y.scale, bottom - top, MOST_ROWS, () => 1.6 * FONT);
  const left = Math.max(LEAST_LEFT, ...rows.map(({ label }) => textWidth(label) + GAP + 2));
  const columns = fitting(x.scale, width - left - 12, MOST_COLUMNS, (label) => textWidth(label) + 10);
  const right = width - Math.max(10, textWidth(columns.at(-1)?.label ?? "") / 2 + 1);
  const area = areaOf({ left, top, right, bottom }, x.scale, y.scale);
  return (
    <Picture title={title} description={description} width={width} height={height}>
      <Columns ticks={columns} area={area} grid={grid} />
      <Rows ticks={rows} area={area} grid={grid} />
      {children(area)}
      {x.title !== undefined && (
        <text x={pixels((left + right) / 2)} y={height - 4} text-anchor="middle">
          {x.title}
        </text>
      )}
      {y.title !== undefined && (
        <text x={0} y={FONT}>
          {y.title}
        </text>
      )}
    </Picture>
  );
}

interface PictureProps {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly children: ComponentChildren;
}

/** An SVG image that a page can scale. */
export function Picture({ title, description, width, height, children }: PictureProps) {
  return (
    <svg
      role="img"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      font-family="system-ui, sans-serif"
      font-size={FONT}
      fill={COLOURS.ink}
    >
      <title>{title}</title>
      <desc>{description}</desc>
      {children}
    </svg>
  );
}

interface TicksProps {
  readonly ticks: readonly Tick[];
  readonly area: Area;
  readonly grid: boolean;
}

export function Columns({ ticks, area, grid }: TicksProps) {
  const { left, top, right, bottom } = area;
  const places = ticks.map(({ value }) => area.x(value) ?? left);
  return (
    <g text-anchor="middle">
      {grid && <Rules path={places.map((x) => `M${x},${top}V${bottom}`).join("")} faint />}
      <Rules path={`M${left},${bottom}H${right}${places.map((x) => `M${x},${bottom}v4`).join("")}`} />
      {ticks.map(({ label }, i) => (
        <text x={places[i]} y={bottom + 5 + FONT}>
          {label}
        </text>
      ))}
    </g>
  );
}

function Rows({ ticks, area, grid }: TicksProps) {
  const { left, top, right, bottom } = area;
  const places = ticks.map(({ value }) => area.y(value) ?? bottom);
  return (
    <g text-anchor="end">
      {grid && <Rules path={places.map((y) => `M${left},${y}H${right}`).join("")} faint />}
      <Rules path={`M${left},${top}V${bottom}${places.map((y) => `M${left},${y}h-4`).join("")}`} />
      {ticks.map(({ label }, i) => (
        <text x={left - GAP} y={pixels((places[i] as number) + 0.36 * FONT)}>
          {label}
        </text>
      ))}
    </g>
  );
}

const Rules = ({ path, faint = false }: { readonly path: string; readonly faint?: boolean }) => (
  <path d={path} stroke={COLOURS.faint} fill="none" stroke-opacity={faint ? 0.3 : 1} />
);
