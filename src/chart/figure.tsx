/** A figure of a page: what it shows, the legend above it, and the caption below. */
import type { ComponentChildren } from "preact";
import { Legend, type LegendEntry } from "./legend.js";

interface FigureProps {
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
  readonly children: ComponentChildren;
}

export const Figure = ({ caption, legend, children }: FigureProps) => (
  <figure>
    <Legend entries={legend} />
    {children}
    <figcaption>{caption}</figcaption>
  </figure>
);
