/** The figure of a quantity over the layers: measured, in a band over the seeds, and as theory predicts it. */
import type { LayerReport, SeedBand } from "../lab/report.js";
import { COLOURS } from "./colour.js";
import { Figure } from "./figure.js";
import { Frame } from "./frame.js";
import { layersScale, line, type Side, short } from "./lab.figure.js";
import { linearScale, logScale } from "./scale.js";
import { Band, Line, type Style, Tips } from "./series.js";

/** How the theory of each side is drawn. */
const THEORY: readonly Style[] = [
  { colour: COLOURS.theory, dash: "6 4" },
  { colour: COLOURS.theory, dash: "2 3" },
];
const theory = (i: number): Style => THEORY[i] as Style;

interface CurveProps {
  readonly sides: readonly Side[];
  readonly title: string;
  readonly of: (layer: LayerReport) => SeedBand;
  /** Whether the axis is logarithmic; otherwise it has 0 and 1. */
  readonly log: boolean;
  readonly caption: string;
}

/** The mean over the seeds in a band from lowest to highest, with the theory dashed. */
export function Curve({ sides, title, of, log, caption }: CurveProps) {
  const curves = sides.map((side) => curveOf(side, of, log));
  if (curves.every(({ drawn }) => drawn.length === 0)) return null;
  const values = curves.flatMap(({ drawn, predicted }) => [
    ...drawn.flatMap(({ mean, low, high }) => [mean, low, high]),
    ...predicted,
  ]);
  const legend = curves.flatMap(({ label, predicted }, i) => [
    { name: label, style: line(i) },
    ...(predicted.length > 0 ? [{ name: sides.length > 1 ? `theory of ${label}` : "theory", style: theory(i) }] : []),
  ]);
  const notes = curves.map((curve) => gapText(curve, log)).filter((text) => text !== "");
  return (
    <Figure caption={[caption, ...notes].join(" ")} legend={legend}>
      <Frame
        title={`${title}, layer by layer`}
        description={curves.map(curveText).join(" ")}
        x={{ scale: layersScale(sides), title: "layer" }}
        y={{ scale: log ? logScale(values) : linearScale([0, 1, ...values]), title }}
      >
        {(area) => (
          <>
            {curves.map(({ layers }, i) => (
              <Band area={area} ranges={layers} colour={line(i).colour} />
            ))}
            {curves.map(({ layers }, i) => (
              <Line area={area} points={layers.map(({ x, mean }) => ({ x, y: mean }))} style={line(i)} />
            ))}
            {curves.map(({ layers }, i) => {
              const points = layers.map(({ x, theory }) => ({ x, y: theory }));
              return <Line area={area} points={points} style={theory(i)} width={1.5} />;
            })}
            <Tips area={area} tips={tipsOf(curves)} />
          </>
        )}
      </Frame>
    </Figure>
  );
}

interface LayerBand extends SeedBand {
  /** The number of the layer. */
  readonly x: number;
}

/** A quantity of one side over the layers. */
interface SideCurve {
  readonly label: string;
  /** All layers; what cannot be drawn is NaN. */
  readonly layers: readonly LayerBand[];
  /** The layers that can be drawn, and the predictions that can. */
  readonly drawn: readonly LayerBand[];
  readonly predicted: readonly number[];
}

function curveOf({ label, run }: Side, of: CurveProps["of"], log: boolean): SideCurve {
  const usable = (x: number | null): x is number => x !== null && Number.isFinite(x) && (!log || x > 0);
  const whole = ({ mean, low, high }: SeedBand) => [mean, low, high].every(usable);
  const all = run.layers.map((layer): LayerBand => ({ x: layer.layer, ...of(layer) }));
  const nothing = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
  return {
    label,
    layers: all.map((band) => (whole(band) ? band : { ...band, ...nothing })),
    drawn: all.filter(whole),
    predicted: all.map(({ theory }) => theory).filter(usable),
  };
}

function gapText({ label, layers, drawn }: SideCurve, log: boolean): string {
  const missing = layers.length - drawn.length;
  if (missing === 0) return "";
  const reason = log ? "which have no finite value above 0" : "which have no finite value";
  return `Not drawn: ${missing} of the ${layers.length} layers of ${label}, ${reason}.`;
}

function curveText({ label, drawn }: SideCurve): string {
  const [first, last] = [drawn[0], drawn.at(-1)];
  if (first === undefined || last === undefined) return `${label}: nothing to draw.`;
  return `${label}: ${short(first.mean)} at layer ${first.x}, ${short(last.mean)} at layer ${last.x}.`;
}

function tipsOf(curves: readonly SideCurve[]) {
  const [{ layers }] = curves as [SideCurve];
  return layers.map(({ x }, i) => {
    const sides = curves.map(({ label, layers }) => {
      const { mean, low, high, theory } = layers[i] as LayerBand;
      if (Number.isNaN(mean)) return `${label}: not drawn`;
      return `${label}: ${short(mean)} (${short(low)} to ${short(high)}), theory ${short(theory)}`;
    });
    return { x, text: [`layer ${x}`, ...sides].join("\n") };
  });
}
