/** The plots of a race: all losses and accuracies in one, and a map of layers for each start. */
import type { LayerMonitor } from "nn-init/train";
import { COLOURS } from "../../src/chart/colour.js";
import { LayerMap } from "../../src/chart/compare.figure.js";
import { Figure } from "../../src/chart/figure.js";
import { Frame } from "../../src/chart/frame.js";
import { linearScale, logScale, numberText } from "../../src/chart/scale.js";
import { Line, type Style } from "../../src/chart/series.js";
import { Chart } from "../part/chart.js";
import type { Contestant } from "./loop.js";
import { MEASURES, type Measure, STARTS } from "./setup.js";

/** Colour and dashes tell eight starts apart, each in the same way in every plot. */
const STYLES: Readonly<Record<Contestant["name"], Style>> = {
  zero: { colour: COLOURS.faint, dash: "2 3" },
  small: { colour: COLOURS.theory, dash: "2 3" },
  large: { colour: COLOURS.theory, dash: "8 4" },
  xavier: { colour: COLOURS.measured, dash: "6 4" },
  he: { colour: COLOURS.measured },
  orthogonal: { colour: COLOURS.third },
  recommended: { colour: COLOURS.ink },
  lsuv: { colour: COLOURS.third, dash: "6 4" },
};

const legendOf = (contestants: readonly Contestant[]) =>
  contestants.map(({ name }) => ({ name: STARTS[name], style: STYLES[name] }));

const PIECES = 60; // of a curve: a batch's loss alone is mostly noise
const [LEAST, MOST] = [1e-3, 30]; // losses that are drawn

interface PlotProps {
  readonly contestants: readonly Contestant[];
  readonly steps: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

function curveOf({ losses }: Contestant, steps: number) {
  const size = Math.max(1, Math.ceil(steps / PIECES));
  return Array.from({ length: Math.ceil(losses.length / size) }, (_, k) => {
    const piece = losses.slice(k * size, (k + 1) * size);
    const y = meanOf(piece);
    return { x: k * size + piece.length / 2, y: y >= LEAST && y <= MOST ? y : null };
  });
}

export function Losses({ contestants, steps }: PlotProps) {
  const curves = contestants.map((one) => curveOf(one, steps));
  const known = curves.flatMap((curve) => curve.flatMap(({ y }) => y ?? []));
  const [low, high] = [Math.min(0.5, ...known), Math.max(3, ...known)];
  return (
    <Chart title="Training loss" table={() => tableOf(contestants, ({ losses }, step) => losses[step] ?? null, steps)}>
      <Figure caption="Of the batches, averaged over a few steps; lower is better." legend={legendOf(contestants)}>
        <Frame
          title="Training loss of all starts"
          description={contestants.map(({ name }, i) => described(name, curves[i]?.at(-1)?.y)).join(" ")}
          x={{ scale: linearScale([0, steps], { round: false, whole: true }), title: "step" }}
          y={{ scale: logScale([low, high]), title: "loss" }}
        >
          {(area) =>
            contestants.map(({ name }, i) => (
              <Line key={name} area={area} points={curves[i] ?? []} style={STYLES[name]} />
            ))
          }
        </Frame>
      </Figure>
    </Chart>
  );
}

const described = (name: string, last: number | null | undefined): string =>
  last == null ? `${name} has none yet.` : `${name} is at ${numberText(last, 3)}.`;

export function Accuracies({ contestants, steps }: PlotProps) {
  const curves = contestants.map(({ monitored }) =>
    monitored.map(({ step, validation }) => ({ x: step, y: 100 * validation.accuracy })),
  );
  const table = () =>
    tableOf(
      contestants,
      ({ monitored }, at) => {
        const found = monitored.find(({ step }) => step === at);
        return found === undefined ? null : 100 * found.validation.accuracy;
      },
      steps,
    );
  return (
    <Chart title="Accuracy on data that is not trained on, %" table={table}>
      <Figure caption="On the validation data; higher is better." legend={legendOf(contestants)}>
        <Frame
          title="Validation accuracy of all starts"
          description={contestants.map(({ name }, i) => described(name, curves[i]?.at(-1)?.y)).join(" ")}
          x={{ scale: linearScale([0, steps], { round: false, whole: true }), title: "step" }}
          y={{ scale: linearScale([0, 100], { round: false }), title: "accuracy, %" }}
        >
          {(area) =>
            contestants.map(({ name }, i) => (
              <Line key={name} area={area} points={curves[i] ?? []} style={STYLES[name]} />
            ))
          }
        </Frame>
      </Figure>
    </Chart>
  );
}

const ROWS = 31; // of a table of steps

function tableOf(
  contestants: readonly Contestant[],
  of: (one: Contestant, step: number) => number | null,
  steps: number,
) {
  const measured = contestants.flatMap(({ monitored }) => monitored.map(({ step }) => step));
  const at = measured.length > 0 ? [...new Set(measured)].sort((a, b) => a - b) : [0];
  return {
    head: ["step", ...contestants.map(({ name }) => name)],
    rows: at
      .filter((step) => step < steps)
      .slice(0, 2 * ROWS)
      .map((step) => [step, ...contestants.map((one) => of(one, step))]),
  };
}

interface Drawn {
  readonly key: keyof LayerMonitor;
  /** Of powers of ten; a share is drawn from 0 to 1. */
  readonly range?: readonly [low: number, high: number];
  /** What no colour and full colour stand for. */
  readonly caption: string;
}

const DRAWN: Readonly<Record<Measure, Drawn>> = {
  gradient: { key: "gradientNorm", range: [-8, 2], caption: "No colour: 1e-8 or less. Full colour: 100 or more." },
  dead: { key: "dead", caption: "Units with the same output for every sample; full colour is all." },
  saturated: { key: "saturated", caption: "Where the activation function is flat; full colour is all." },
  variance: { key: "variance", range: [-8, 4], caption: "No colour: 1e-8 or less. Full colour: 10,000 or more." },
  update: {
    ...{ key: "updateRatio", range: [-6, 0] },
    caption: "What one step changes of a layer's weights. No colour: a millionth or less. Full colour: all.",
  },
};

interface MapsProps extends PlotProps {
  readonly measure: Measure;
}

/** A map of layers by steps for each start. */
export function LayerMaps({ contestants, steps, measure }: MapsProps) {
  const { range, key, caption } = DRAWN[measure];
  const measured = (layer: LayerMonitor) => layer[key] as number;
  const of = (layer: LayerMonitor) => (range === undefined ? measured(layer) : Math.log10(measured(layer)));
  const text = (layer: LayerMonitor) =>
    range === undefined ? `${numberText(100 * measured(layer), 3)}%` : numberText(measured(layer), 2);
  return (
    <div class="plots">
      {contestants.map((one) => (
        <Chart key={one.name} title={STARTS[one.name]} table={() => layersOf(one, key)}>
          {one.monitored.length === 0 ? (
            <p class="small">Nothing is measured yet.</p>
          ) : (
            <LayerMap {...{ of, range: range ?? [0, 1], text, caption, steps }} title={MEASURES[measure]} run={one} />
          )}
        </Chart>
      ))}
    </div>
  );
}

const layersOf = ({ monitored }: Contestant, key: keyof LayerMonitor) => ({
  head: ["step", ...(monitored[0]?.layers.map((_, i) => `layer ${i + 1}`) ?? [])],
  rows: monitored.map(({ step, layers }) => [step, ...layers.map((layer) => layer[key])]),
});
