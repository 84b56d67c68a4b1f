/** The figures of an experiment's page: measurements, theory, and the recommended scheme for comparison. */
import type { LabRun, LayerReport } from "../lab/report.js";
import { COLOURS } from "./colour.js";
import { Figure } from "./figure.js";
import { Frame } from "./frame.js";
import { Histogram } from "./histogram.js";
import { linearScale, logScale, numberText } from "./scale.js";
import { Line, Marks, type Style } from "./series.js";

/** One of the schemes that a figure compares. */
export interface Side {
  readonly label: string;
  readonly run: LabRun;
}

/** How each side is drawn. */
const STYLES: readonly Style[] = [
  { colour: COLOURS.measured, mark: "circle" },
  { colour: COLOURS.third, mark: "triangle" },
];

export const short = (x: number | null): string => (x === null ? "none" : numberText(x, 3));
const style = (i: number): Style => STYLES[i] as Style;
export const line = (i: number): Style => ({ colour: style(i).colour }); // without marks

export const layersScale = (sides: readonly Side[]) =>
  linearScale(sides[0]?.run.layers.map(({ layer }) => layer) ?? [], { round: false, whole: true });

const SATURATED = "5 4"; // dashes
const EQUAL = "1 3";

/** Shares of dead units and of saturated values; and of units that are equal to others, where there are any. */
export function Shares({ sides, caption }: { readonly sides: readonly Side[]; readonly caption: string }) {
  const lines = sides.flatMap(({ label, run }, i) => {
    const layers = run.layers.slice(0, -1);
    if (layers.length === 0) return [];
    const pointsOf = (key: "dead" | "saturated" | "equal") =>
      layers.map((layer) => ({ x: layer.layer, y: 100 * layer[key] }));
    const hasEqual = layers.some(({ equal }) => equal > 0);
    return [
      { name: `${label}: dead units`, style: line(i), points: pointsOf("dead") },
      { name: `${label}: saturated`, style: { ...line(i), dash: SATURATED }, points: pointsOf("saturated") },
      ...(hasEqual
        ? [{ name: `${label}: equal units`, style: { ...line(i), dash: EQUAL }, points: pointsOf("equal") }]
        : []),
    ];
  });
  if (lines.length === 0) return null;
  const last = lines.map(({ name, points }) => `${name}, ${short(points.at(-1)?.y ?? 0)}%`);
  return (
    <Figure caption={caption} legend={lines}>
      <Frame
        title="Shares of dead units and of saturated values, layer by layer"
        description={`At the last layer shown: ${last.join("; ")}.`}
        x={{ scale: layersScale(sides), title: "layer" }}
        y={{ scale: linearScale([0, 100]), title: "share, %" }}
      >
        {(area) => lines.map(({ points, style }) => <Line area={area} points={points} style={style} />)}
      </Frame>
    </Figure>
  );
}

const PANELS = 6;

/** Histograms of a few layers, side by side. */
export function Panels({ side: { label, run }, index }: { readonly side: Side; readonly index: number }) {
  const count = Math.min(PANELS, run.layers.length);
  const chosen = Array.from({ length: count }, (_, i) => {
    const place = Math.round((i * (run.layers.length - 1)) / Math.max(1, count - 1));
    return run.layers[place] as LayerReport;
  }).filter(({ histogram }) => histogram.some((share) => share > 0));
  if (chosen.length === 0) return null;
  return (
    <Figure
      caption={`Histograms of a few layers, in units of their root mean square: ${label}.`}
      legend={[{ name: label, style: { colour: style(index).colour, opacity: 0.7 } }]}
    >
      <div class="panels">
        {chosen.map(({ layer, histogram }) => (
          <Histogram
            title={`Histogram of layer ${layer}`}
            description={`${short(100 * Math.max(...histogram))}% of the values are in the fullest bin.`}
            low={-4}
            high={4}
            shares={histogram}
            colour={style(index).colour}
            barWidth={2}
            height={64}
            labels={[-4, 0, 4]}
            heading={`layer ${layer}`}
          />
        ))}
      </div>
    </Figure>
  );
}

/** The Jacobian's singular values. */
export function Spectrum({ sides, caption }: { readonly sides: readonly Side[]; readonly caption: string }) {
  const lines = sides.map(({ label, run }, i) => ({
    name: label,
    style: style(i),
    points: (run.jacobian?.singularValues ?? []).map((y, place) => ({ x: place + 1, y })),
  }));
  const drawn = lines.filter(({ points }) => points.some(({ y }) => y > 0 && Number.isFinite(y)));
  if (drawn.length === 0) return null;
  const all = drawn.flatMap(({ points }) => points);
  const ends = drawn.map(({ name, points }) => {
    return `${name}: from ${short(points[0]?.y ?? null)} to ${short(points.at(-1)?.y ?? null)}.`;
  });
  return (
    <Figure caption={caption} legend={drawn}>
      <Frame
        title="Singular values of the Jacobian, largest first"
        description={ends.join(" ")}
        x={{
          scale: linearScale(
            all.map(({ x }) => x),
            { round: false, whole: true },
          ),
          title: "index",
        }}
        y={{ scale: logScale(all.map(({ y }) => y)), title: "singular value" }}
      >
        {(area) =>
          drawn.map(({ points, style }) => (
            <>
              <Line area={area} points={points} style={style} width={1} />
              <Marks area={area} points={points} style={style} width={4} />
            </>
          ))
        }
      </Frame>
    </Figure>
  );
}
