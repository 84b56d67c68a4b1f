/** The charts of a run: layer by layer, A against B. */
import type { LabRun, LayerReport, SeedBand } from "nn-init/lab";
import { Curve } from "../../src/chart/lab.curve.js";
import { Shares, type Side, Spectrum } from "../../src/chart/lab.figure.js";
import { type Cell, Chart } from "../part/chart.js";
import { schemeName } from "./names.js";
import type { Shown } from "./run.js";

/** The scheme that was asked for, and the one beside it. */
export function sidesOf({ report, beside }: Shown): readonly Side[] {
  const own: Side = { label: `A: ${schemeName(report.scheme)}`, run: report };
  const other: LabRun | null | undefined = beside ?? report.recommendation?.run;
  if (!other) return [{ ...own, label: schemeName(report.scheme) }];
  return [own, { label: `B: ${schemeName(other.scheme)}`, run: other }];
}

/** Whether an exact run has nothing beside it. */
export const isAlone = (shown: Shown): boolean => shown.coarse === undefined && sidesOf(shown).length === 1;

type Quantity = (layer: LayerReport) => SeedBand;

interface CurveChartProps {
  readonly sides: readonly Side[];
  readonly heading: string;
  readonly title: string;
  readonly of: Quantity;
  readonly log: boolean;
  readonly caption: string;
}

const CurveChart = ({ heading, ...curve }: CurveChartProps) => (
  <Chart title={heading} table={() => bandTable(curve.sides, curve.of)}>
    <Curve {...curve} />
  </Chart>
);

function bandTable(sides: readonly Side[], of: Quantity) {
  const head = [
    "layer",
    ...sides.flatMap(({ label }) => ["mean", "low", "high", "theory"].map((word) => `${label}, ${word}`)),
  ];
  const rows = (sides[0]?.run.layers ?? []).map(({ layer }, i): Cell[] => [
    layer,
    ...sides.flatMap(({ run }): Cell[] => {
      const { mean, low, high, theory } = of(run.layers[i] as LayerReport);
      return [mean, low, high, theory];
    }),
  ]);
  return { head, rows };
}

/** The three charts that say most. */
export const Curves = ({ sides }: { readonly sides: readonly Side[] }) => (
  <>
    <CurveChart
      sides={sides}
      heading="Signals"
      title="signal variance"
      of={({ forward }) => forward}
      log
      caption="Mean square of each layer's signal. The band spans the seeds; dashes are mean-field theory."
    />
    <CurveChart
      sides={sides}
      heading="Gradients"
      title="gradient variance"
      of={({ backward }) => backward}
      log
      caption="Mean square of the gradient at each layer, relative to the last layer. It travels from right to left."
    />
    <CurveChart
      sides={sides}
      heading="Two inputs"
      title="correlation of two inputs"
      of={({ correlation }) => correlation}
      log={false}
      caption="Cosine between two inputs that start at 0.5. At 1 the network cannot tell them apart; at 0 it has lost their similarity."
    />
  </>
);

export const Units = ({ sides }: { readonly sides: readonly Side[] }) => (
  <Chart title="Dead, saturated and equal units" table={() => shareTable(sides)}>
    <Shares
      sides={sides}
      caption="Dead: units that pass no gradient for any sample. Saturated: values where a bounded activation is flat. Equal: units that have the values of another one."
    />
  </Chart>
);

const SHARES = ["dead", "saturated", "equal"] as const;

function shareTable(sides: readonly Side[]) {
  return {
    head: ["layer", ...sides.flatMap(({ label }) => SHARES.map((share) => `${label}, ${share} %`))],
    rows: (sides[0]?.run.layers ?? []).map(({ layer }, i): Cell[] => [
      layer,
      ...sides.flatMap(({ run }) => SHARES.map((share) => 100 * (run.layers[i] as LayerReport)[share])),
    ]),
  };
}

export function Values({ sides }: { readonly sides: readonly Side[] }) {
  if (sides.every(({ run }) => run.jacobian === null)) return null;
  const most = Math.max(...sides.map(({ run }) => run.jacobian?.singularValues.length ?? 0));
  const table = () => ({
    head: ["index", ...sides.map(({ label }) => label)],
    rows: Array.from({ length: most }, (_, i): Cell[] => [
      i + 1,
      ...sides.map(({ run }) => run.jacobian?.singularValues[i] ?? null),
    ]),
  });
  return (
    <Chart title="Singular values of the Jacobian" table={table}>
      <Spectrum
        sides={sides}
        caption="How much the network stretches each direction, largest first. If they are nearly equal, signals pass in every direction."
      />
    </Chart>
  );
}
