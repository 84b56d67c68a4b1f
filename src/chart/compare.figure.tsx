/** Figures of a comparison by layer: heat maps of layer by step, and histograms before and after. */
import type { LayerMonitor } from "../train/measure.js";
import type { TrainingRun } from "../train/run.js";
import { COLOURS } from "./colour.js";
import { Figure } from "./figure.js";
import { Frame } from "./frame.js";
import { type Cell, HeatMap } from "./heatmap.js";
import { Histogram } from "./histogram.js";
import { linearScale } from "./scale.js";

const LEVELS = 8; // of opacity

export interface LayerMapProps {
  readonly title: string;
  readonly run: Pick<TrainingRun, "monitored">;
  readonly steps: number;
  /** What is coloured; it need not be finite. */
  readonly of: (layer: LayerMonitor) => number;
  /** Where the colour begins, and where it is full. */
  readonly range: readonly [low: number, high: number];
  readonly text: (layer: LayerMonitor) => string;
  readonly caption: string;
}

/** Layers from the first at the bottom, steps from the left. */
export function LayerMap({ title, run, steps, of, range, text, caption }: LayerMapProps) {
  const { monitored } = run;
  const depth = monitored[0]?.layers.length ?? 0;
  const cell = (layer: LayerMonitor | undefined): Cell | undefined => {
    if (layer === undefined || Number.isNaN(of(layer))) return undefined;
    const share = Math.min(1, Math.max(0, (of(layer) - range[0]) / (range[1] - range[0])));
    return { colour: COLOURS.measured, opacity: Math.round(LEVELS * share) / LEVELS };
  };
  const last = monitored.at(-1)?.step ?? 0;
  // A run that ended early fills only its part of the steps.
  const columns = Math.round((monitored.length * steps) / Math.max(1, last + 1));
  const rows = Array.from({ length: depth }, (_, l) =>
    Array.from({ length: Math.min(columns, 60) }, (_, k) => cell(monitored[k]?.layers[l])),
  );
  const tip = (row: number, begin: number, end: number) => {
    const [from, to] = [monitored[begin], monitored[end - 1]];
    const layer = from?.layers[row];
    return layer === undefined ? "" : `layer ${row + 1}, steps ${from?.step} to ${to?.step}: ${text(layer)}`;
  };
  return (
    <Figure caption={caption} legend={[{ name: title, style: { colour: COLOURS.measured, opacity: 1 } }]}>
      <Frame
        title={`${title}, layer by step`}
        description={caption}
        x={{ scale: linearScale([0, steps], { round: false, whole: true }), title: "step" }}
        y={{ scale: linearScale([0.5, depth + 0.5], { round: false, whole: true }), title: "layer" }}
        grid={false}
      >
        {(area) => <HeatMap area={area} rows={rows} tip={tip} />}
      </Frame>
    </Figure>
  );
}

const PANELS = 3; // layers: the first, one in the middle, the last

/** Histograms of the signals of a few layers in the first step, and in the last. */
export function Histograms({ name, run }: { readonly name: string; readonly run: TrainingRun }) {
  const { before, after } = run.histograms;
  const chosen = [
    ...new Set(Array.from({ length: PANELS }, (_, i) => Math.round((i * (before.length - 1)) / (PANELS - 1)))),
  ];
  const panels = chosen.flatMap((layer) => [
    { layer, heading: `layer ${layer + 1}, before`, shares: before[layer], colour: COLOURS.measured },
    { layer, heading: `layer ${layer + 1}, after`, shares: after[layer], colour: COLOURS.third },
  ]);
  const drawn = panels.filter(({ shares }) => shares?.some((share) => share > 0));
  if (drawn.length === 0) return null;
  return (
    <Figure
      caption={`${name}: signals of a few layers, in units of their root mean square, in the first and in the last step.`}
      legend={[
        { name: "before", style: { colour: COLOURS.measured, opacity: 0.7 } },
        { name: "after", style: { colour: COLOURS.third, opacity: 0.7 } },
      ]}
    >
      <div class="panels">
        {drawn.map(({ heading, shares, colour }) => (
          <Histogram
            title={`Histogram of ${heading}`}
            description={`${Math.round(100 * Math.max(...(shares ?? [])))}% of the values are in the fullest bin.`}
            low={-4}
            high={4}
            shares={shares ?? []}
            colour={colour}
            barWidth={2}
            height={64}
            labels={[-4, 0, 4]}
            heading={heading}
          />
        ))}
      </div>
    </Figure>
  );
}
