/** Plots as SVG, by Vega-Lite: the command loads this module only when a page is asked for. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/**
 * Colours are names that the page's style gives a value, of Okabe and Ito's palette, told apart by all eyes, for light and
 * for dark; patterns of lines and shapes of points say the same once more.
 */
export const COLOURS = {
  measured: "var(--measured)",
  theory: "var(--theory)",
  third: "var(--third)",
  fourth: "var(--fourth)",
  ink: "var(--ink)",
  faint: "var(--faint)",
} as const;

const config = {
  background: "transparent",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    ...{ labelColor: COLOURS.ink, titleColor: COLOURS.ink, domainColor: COLOURS.faint, tickColor: COLOURS.faint },
    ...{ gridColor: COLOURS.faint, gridOpacity: 0.3, titleFontWeight: "normal" as const },
  },
  legend: { labelColor: COLOURS.ink, titleColor: COLOURS.ink },
  title: { color: COLOURS.ink, fontWeight: "normal" as const },
};

/** Draws one specification of which only the data change, again and again. */
export function plotter(spec: TopLevelSpec): (values?: readonly object[]) => Promise<string> {
  const runtime = parse(compile({ config, ...spec } as TopLevelSpec).spec);
  return async (values) => {
    const view = new View(runtime, { renderer: "none" });
    if (values !== undefined) view.data("values", [...values]);
    const svg = await view.toSVG();
    view.finalize();
    return svg;
  };
}
