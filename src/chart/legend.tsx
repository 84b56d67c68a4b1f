/** What the lines and colours of a plot mean: a list of the page, whose long names wrap. */
import type { Cell } from "./heatmap.js";
import { Mark, type Style } from "./series.js";

export interface LegendEntry {
  readonly name: string;
  /** A line, with its dashes and marks, or the colour of a region. */
  readonly style: Style | Cell;
}

export const Legend = ({ entries }: { readonly entries: readonly LegendEntry[] }) => (
  <ul class="legend">
    {entries.map(({ name, style }) => (
      <li>
        <svg aria-hidden="true" width={22} height={12}>
          {"opacity" in style ? (
            <rect width={22} height={12} fill={style.colour} fill-opacity={style.opacity} />
          ) : (
            <Swatch style={style} />
          )}
        </svg>
        {name}
      </li>
    ))}
  </ul>
);

const Swatch = ({ style }: { readonly style: Style }) => (
  <>
    <path d="M0,6H22" stroke={style.colour} stroke-width={2} stroke-dasharray={style.dash} />
    {style.mark && <Mark spot={{ x: 11, y: 6 }} style={style} size={8} />}
  </>
);
