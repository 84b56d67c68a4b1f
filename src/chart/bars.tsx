/** Horizontal bars with a name before and a number behind each. */
import { COLOURS, type Colour } from "./colour.js";
import { FONT, Picture, pixels, textWidth } from "./frame.js";
import { linearScale, numberText } from "./scale.js";

interface Bar {
  readonly name: string;
  /** At least 0. */
  readonly value: number;
  readonly colour: Colour;
}

interface BarsProps {
  readonly title: string;
  readonly description: string;
  readonly bars: readonly Bar[];
  readonly width?: number;
}

const ROW = 20; // pixels
const THICK = 14;

export function Bars({ title, description, bars, width = 384 }: BarsProps) {
  const texts = bars.map(({ value }) => numberText(value, 3));
  const left = Math.max(0, ...bars.map(({ name }) => textWidth(name))) + 8;
  const right = width - Math.max(0, ...texts.map(textWidth)) - 8;
  const scale = linearScale([0, ...bars.map(({ value }) => value)], { round: false });
  return (
    <Picture title={title} description={description} width={width} height={ROW * bars.length + 4}>
      {bars.map(({ name, value, colour }, i) => {
        const length = Math.max(0, pixels((scale.place(value) ?? 0) * (right - left)));
        const baseline = ROW * i + THICK / 2 + 0.36 * FONT;
        return (
          <g>
            <text x={pixels(left - 6)} y={baseline} text-anchor="end">
              {name}
            </text>
            <rect x={pixels(left)} y={ROW * i} width={length} height={THICK} fill={colour} />
            <text x={pixels(left + length + 5)} y={baseline}>
              {texts[i]}
            </text>
          </g>
        );
      })}
      <path d={`M${pixels(left)},0V${ROW * bars.length}`} stroke={COLOURS.faint} />
    </Picture>
  );
}
