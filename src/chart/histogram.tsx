/** A small histogram: bars of equal width, and a line for what was expected. */
import { COLOURS, type Colour } from "./colour.js";
import { type Area, areaOf, Columns, FONT, Picture, pixels } from "./frame.js";
import { linearScale, numberText } from "./scale.js";
import { Line } from "./series.js";

interface Bins {
  /** The ends of the first and of the last bin; all are equally wide. */
  readonly low: number;
  readonly high: number;
  /** The share of values in each bin. */
  readonly shares: readonly number[];
  readonly expected?: readonly number[] | null;
}

interface HistogramProps extends Bins {
  readonly title: string;
  readonly description: string;
  readonly colour?: Colour;
  /** Whole pixels, so that bars are sharp. */
  readonly barWidth: number;
  readonly height: number;
  /** Numbers to write below the bars. */
  readonly labels?: readonly number[];
  /** What to write above them. */
  readonly heading?: string;
}

const GAP = 1; // between bars that are wide enough for one, in pixels
const WIDE = 4;
const SIDE = 16; // room for half a label

export function Histogram({ title, description, colour = COLOURS.measured, labels = [], ...props }: HistogramProps) {
  const { low, high, shares, expected, barWidth, height, heading } = props;
  const [side, above, below] = [labels.length && SIDE, heading === undefined ? 0 : FONT + 7, labels.length && FONT + 8];
  const box = { left: side, right: side + barWidth * shares.length, top: above + 2, bottom: above + 2 + height };
  const bins = linearScale([0, shares.length], { round: false });
  const area = areaOf(box, bins, linearScale([0, ...shares, ...(expected ?? [])], { round: false }));
  const ticks = labels.map((x) => ({
    value: ((x - low) / (high - low)) * shares.length,
    label: numberText(x, 4),
  }));
  return (
    <Picture title={title} description={description} width={box.right + side} height={box.bottom + 2 + below}>
      {heading !== undefined && (
        <text x={(box.left + box.right) / 2} y={FONT} text-anchor="middle">
          {heading}
        </text>
      )}
      <BinBars area={area} bins={props} colour={colour} barWidth={barWidth} />
      {expected && (
        <Line
          area={area}
          points={expected.map((y, i) => ({ x: i + 0.5, y }))}
          style={{ colour: COLOURS.theory }}
          width={1.5}
        />
      )}
      {labels.length > 0 && <Columns ticks={ticks} area={area} grid={false} />}
    </Picture>
  );
}

interface BinBarsProps {
  readonly area: Area;
  readonly bins: Bins;
  readonly colour: Colour;
  readonly barWidth: number;
}

const BinBars = ({ area, bins, colour, barWidth }: BinBarsProps) => (
  <g fill={colour} fill-opacity={0.7} shape-rendering="crispEdges">
    {bins.shares.map((share, i) => {
      const top = area.y(share) ?? area.bottom;
      return (
        top < area.bottom && (
          <rect
            x={area.left + i * barWidth}
            y={top}
            width={barWidth < WIDE ? barWidth : barWidth - GAP}
            height={pixels(area.bottom - top)}
          >
            <title>{binText(bins, i)}</title>
          </rect>
        )
      );
    })}
  </g>
);

function binText({ low, high, shares, expected }: Bins, i: number): string {
  const end = (t: number) => numberText(low * (1 - t / shares.length) + high * (t / shares.length), 3);
  const percent = (share: number) => `${numberText(100 * share, 3)}%`;
  const other = expected ? `, expected ${percent(expected[i] as number)}` : "";
  return `${end(i)} to ${end(i + 1)}: ${percent(shares[i] as number)}${other}`;
}
