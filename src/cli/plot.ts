/** Plots as SVG, by Vega-Lite. The command loads this module only to write a page. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/**
 * Colours, as variables that the page's style sets for light and dark mode. They are Okabe and Ito's palette, which
 * colour-blind readers can tell apart; dashes and shapes of points carry the same information.
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

/** Compiles a specification once and draws it for many sets of data. */
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
