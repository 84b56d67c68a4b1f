/** The plane as a map, its border and depth scales as lines, and the point that is dragged. */
import { contours } from "d3-contour";
import { useMemo, useRef } from "preact/hooks";
import { COLOURS } from "../../src/chart/colour.js";
import { type Area, Frame, pixels } from "../../src/chart/frame.js";
import { HeatMap } from "../../src/chart/heatmap.js";
import { Legend } from "../../src/chart/legend.js";
import { CHAOTIC, ORDERED, phaseCell } from "../../src/chart/phase.js";
import { linearScale, numberText } from "../../src/chart/scale.js";
import type { Plane } from "../task/plane.js";

/** A place of the plane: standard deviations of weights (times the root of the fan in) and of biases. */
export interface PlanePoint {
  readonly weight: number;
  readonly bias: number;
}

const [WIDTH, HEIGHT] = [400, 310];

/** Lines of equal chi_1: the border, and where gradients change e-fold in so many layers. */
const LINES = [
  { log: 0, width: 2.5, dash: undefined, name: "chi_1 = 1: the border" },
  { log: 1 / 20, width: 1.2, dash: "6 3", name: "depth scale 20 layers" },
  { log: 1 / 5, width: 1.2, dash: "2 3", name: "depth scale 5 layers" },
] as const;

interface PlaneMapProps {
  readonly plane: Plane;
  readonly name: string;
  readonly point: PlanePoint;
  onDrag(point: PlanePoint): void;
  onChange(point: PlanePoint): void;
}

export function PlaneMap({ plane, name, point, onDrag, onChange }: PlaneMapProps) {
  const area = useRef<Area | undefined>(undefined);
  const box = useRef<HTMLDivElement>(null);
  const map = useMemo(
    () => <PlaneImage plane={plane} name={name} onArea={(now) => (area.current = now)} />,
    [plane, name],
  );
  const last = useRef(point);
  const at = ({ clientX, clientY }: PointerEvent): PlanePoint | undefined => {
    const { left, top, width, height } = (box.current as HTMLDivElement).getBoundingClientRect();
    const inner = area.current;
    if (inner === undefined) return undefined;
    const x = (((clientX - left) / width) * WIDTH - inner.left) / (inner.right - inner.left);
    const y = (inner.bottom - ((clientY - top) / height) * HEIGHT) / (inner.bottom - inner.top);
    return inside(plane, { weight: x * plane.weight, bias: y * plane.bias });
  };
  const move = (event: PointerEvent) => {
    const to = at(event);
    if (to === undefined) return;
    last.current = to;
    onDrag(to);
  };
  return (
    <>
      <Legend
        entries={[
          { name: "order: gradients vanish", style: ORDERED },
          { name: "chaos: gradients explode", style: CHAOTIC },
          ...LINES.map(({ name, dash }) => ({ name, style: { colour: COLOURS.ink, ...(dash && { dash }) } })),
        ]}
      />
      <div
        ref={box}
        class="plane"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          event.currentTarget.querySelector<HTMLElement>(".handle")?.focus({ preventScroll: true });
          move(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && move(event)}
        onPointerUp={() => onChange(last.current)}
      >
        {map}
        <Handle {...{ plane, point, onChange }} place={area.current} />
      </div>
    </>
  );
}

/** A point with at most four significant digits, inside of the plane. */
const inside = ({ weight, bias }: Plane, point: PlanePoint): PlanePoint => ({
  weight: Number(Math.min(weight, Math.max(weight / 200, point.weight)).toPrecision(4)),
  bias: Number(Math.min(bias, Math.max(0, point.bias)).toFixed(4)),
});

const STEP = 100; // of an axis for an arrow key
const MOVES: Readonly<Record<string, readonly [weight: number, bias: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
};

interface HandleProps {
  readonly plane: Plane;
  readonly point: PlanePoint;
  readonly place: Area | undefined;
  onChange(point: PlanePoint): void;
}

function Handle({ plane, point, place, onChange }: HandleProps) {
  const { left, right, top, bottom } = place ?? { left: 44, right: WIDTH - 10, top: 24, bottom: HEIGHT - 38 };
  const x = left + Math.min(1, point.weight / plane.weight) * (right - left);
  const y = bottom - Math.min(1, point.bias / plane.bias) * (bottom - top);
  return (
    <button
      type="button"
      class="handle"
      style={{ left: `${(100 * x) / WIDTH}%`, top: `${(100 * y) / HEIGHT}%` }}
      aria-label={`Point at weights ${numberText(point.weight, 4)}, biases ${numberText(point.bias, 4)}. Arrow keys move it.`}
      onKeyDown={(event) => {
        const move = MOVES[event.key];
        if (move === undefined) return;
        event.preventDefault();
        const step = event.shiftKey ? STEP / 10 : STEP;
        const weight = point.weight + (move[0] * plane.weight) / step;
        onChange(inside(plane, { weight, bias: point.bias + (move[1] * plane.bias) / step }));
      }}
    />
  );
}

interface PlaneImageProps {
  readonly plane: Plane;
  readonly name: string;
  onArea(area: Area): void;
}

function PlaneImage({ plane, name, onArea }: PlaneImageProps) {
  const { points, weight, bias, chi1, fixedPoint } = plane;
  const rows = Array.from({ length: points }, (_, row) =>
    Array.from(chi1.subarray(row * points, (row + 1) * points), phaseCell),
  );
  const tip = (row: number, begin: number, end: number) => {
    const [first, last] = [row * points + begin, row * points + end - 1];
    return `chi_1 ${numberText(chi1[first] as number, 3)} to ${numberText(chi1[last] as number, 3)}, q* from ${numberText(fixedPoint[first] as number, 3)}`;
  };
  const order = chi1.reduce((sum, x) => sum + Number(x < 1), 0) / chi1.length;
  return (
    <Frame
      title={`Order and chaos of ${name}`}
      description={`${Math.round(100 * order)}% of the plane is ordered: there chi_1 is below 1.`}
      x={{ scale: linearScale([0, weight], { round: false }), title: "std of weights \u00d7 \u221a(fan in)" }}
      y={{ scale: linearScale([0, bias], { round: false }), title: "std of biases" }}
      width={WIDTH}
      height={HEIGHT}
      grid={false}
    >
      {(area) => {
        onArea(area);
        return (
          <>
            <HeatMap area={area} rows={rows} tip={tip} />
            {LINES.flatMap(({ log, width, dash }) =>
              [...new Set([log, -log])].map((level) => (
                <path
                  key={level}
                  d={isoline(plane, area, level)}
                  fill="none"
                  stroke={COLOURS.ink}
                  stroke-width={width}
                  stroke-dasharray={dash}
                />
              )),
            )}
          </>
        );
      }}
    </Frame>
  );
}

const MOST = 5; // of log chi_1, for lines

/** The line where log(chi_1) has this value, as a path. The edges of the plane are no part of it. */
function isoline({ points, chi1 }: Plane, area: Area, level: number): string {
  const logs = Array.from(chi1, (x) => Math.min(MOST, Math.max(-MOST, Math.log(x))));
  const { coordinates } = contours().size([points, points]).contour(logs, level);
  const at = ([x, y]: readonly number[]) => {
    const left = area.left + ((x as number) / points) * (area.right - area.left);
    const top = area.bottom - ((y as number) / points) * (area.bottom - area.top);
    return `${pixels(left)},${pixels(top)}`;
  };
  const isEdge = ([x, y]: readonly number[]) =>
    [x, y].some((z) => (z as number) <= 0.5 || (z as number) >= points - 0.5);
  const path: string[] = [];
  for (const ring of coordinates.flat()) {
    ring.forEach((spot, i) => {
      const before = ring[i - 1];
      path.push(`${before === undefined || (isEdge(before) && isEdge(spot)) ? "M" : "L"}${at(spot)}`);
    });
  }
  return path.join("");
}
