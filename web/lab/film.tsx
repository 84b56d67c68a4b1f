/** The film: how values are distributed, layer after layer, and how two inputs turn towards or away from each other. */
import type { LayerReport } from "nn-init/lab";
import { useEffect, useState } from "preact/hooks";
import { COLOURS } from "../../src/chart/colour.js";
import { Frame, Picture } from "../../src/chart/frame.js";
import { HeatMap, type Cell as MapCell } from "../../src/chart/heatmap.js";
import { Histogram } from "../../src/chart/histogram.js";
import type { Side } from "../../src/chart/lab.figure.js";
import { linearScale, numberText } from "../../src/chart/scale.js";
import { Chart } from "../part/chart.js";

const FRAME = 120; // milliseconds of each layer
const END = 4; // of the histograms, in root mean squares
const LEVELS = 7; // of a cell's opacity

export function Film({ sides }: { readonly sides: readonly Side[] }) {
  const depth = sides[0]?.run.layers.length ?? 1;
  const [asked, setLayer] = useState(1);
  const [playing, setPlaying] = useState(false);
  const layer = Math.min(asked, depth);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setLayer((now) => (now >= depth ? 1 : now + 1)), FRAME);
    return () => clearInterval(timer);
  }, [playing, depth]);
  return (
    <section aria-labelledby="film">
      <h2 id="film">Layer after layer</h2>
      <div class="row">
        <button type="button" onClick={() => setPlaying(!playing)} aria-pressed={playing}>
          {playing ? "Pause" : "Play"}
        </button>
        <label class="row layer">
          <span>Layer</span>
          <input
            type="range"
            min={1}
            max={depth}
            value={layer}
            aria-valuetext={`layer ${layer} of ${depth}`}
            onInput={({ currentTarget }) => {
              setPlaying(false);
              setLayer(currentTarget.valueAsNumber);
            }}
          />
          <output>
            {layer} of {depth}
          </output>
        </label>
      </div>
      <div class="plots">
        {sides.map((side, i) => (
          <Strip key={side.label} side={side} layer={layer} index={i} />
        ))}
        {sides.map((side) => (
          <Angle key={side.label} side={side} layer={side.run.layers[layer - 1] as LayerReport} />
        ))}
      </div>
    </section>
  );
}

interface StripProps {
  readonly side: Side;
  readonly layer: number;
  readonly index: number;
}

const SIDE_COLOURS = [COLOURS.measured, COLOURS.third] as const;

/** The histograms of all layers as columns of a map, and that of one layer. */
function Strip({ side: { label, run }, layer, index }: StripProps) {
  const { layers } = run;
  const colour = SIDE_COLOURS[index] ?? COLOURS.measured;
  const bins = layers[0]?.histogram.length ?? 0;
  const rows = Array.from({ length: bins }, (_, bin) => layers.map(({ histogram }) => cellOf(histogram, bin, colour)));
  const shown = layers[layer - 1] as LayerReport;
  const table = () => ({
    head: ["layer", ...Array.from({ length: bins }, (_, bin) => numberText(middleOf(bin, bins), 3))],
    rows: layers.map(({ layer, histogram }) => [layer, ...histogram]),
  });
  return (
    <Chart title={`Values of each layer, ${label}`} table={table}>
      <figure>
        <Frame
          title={`Histograms of all layers, ${label}`}
          description={`At layer ${layer}, ${numberText(100 * Math.max(...shown.histogram), 3)}% of the values are in the fullest bin.`}
          x={{ scale: linearScale([0.5, layers.length + 0.5], { round: false, whole: true }), title: "layer" }}
          y={{ scale: linearScale([-END, END], { round: false }), title: "value / root mean square" }}
          grid={false}
        >
          {(area) => {
            const at = area.x(layer);
            return (
              <>
                <HeatMap area={area} rows={rows} tip={(bin, begin) => tipOf(layers, bins, bin, begin)} />
                {at !== undefined && (
                  <path d={`M${at},${area.top}V${area.bottom}`} stroke={COLOURS.ink} stroke-dasharray="3 3" />
                )}
              </>
            );
          }}
        </Frame>
        <Histogram
          title={`Histogram of layer ${layer}`}
          description={`Shares of values from -${END} to ${END} root mean squares.`}
          low={-END}
          high={END}
          shares={shown.histogram}
          colour={colour}
          barWidth={8}
          height={70}
          labels={[-END, 0, END]}
          heading={`layer ${layer}`}
        />
        <figcaption>
          Each column is the histogram of a layer: the darker, the more values. Below it, one of them.
        </figcaption>
      </figure>
    </Chart>
  );
}

const middleOf = (bin: number, bins: number): number => -END + ((bin + 0.5) * 2 * END) / bins;

function cellOf(histogram: readonly number[], bin: number, colour: MapCell["colour"]): MapCell | undefined {
  const most = Math.max(...histogram);
  const level = most > 0 ? Math.ceil((LEVELS * (histogram[bin] ?? 0)) / most) : 0;
  return level === 0 ? undefined : { colour, opacity: Math.round((100 * level) / LEVELS) / 100 };
}

const tipOf = (layers: readonly LayerReport[], bins: number, bin: number, at: number): string =>
  `layer ${at + 1}, near ${numberText(middleOf(bin, bins), 2)}: ${numberText(100 * (layers[at]?.histogram[bin] ?? 0), 2)}%`;

const RADIUS = 62;
const [WIDTH, HEIGHT] = [300, 96];

/** Two inputs as two arrows, which drift together or apart. */
function Angle({ side: { label }, layer }: { readonly side: Side; readonly layer: LayerReport }) {
  const { mean } = layer.correlation;
  const known = Number.isFinite(mean);
  const angle = known ? Math.acos(Math.min(1, Math.max(-1, mean))) : Number.NaN;
  const degrees = numberText((180 * angle) / Math.PI, 3);
  const arrow = (turn: number) => {
    const [x, y] = [Math.cos(turn), Math.sin(turn)];
    const [left, top] = [WIDTH / 2 - RADIUS / 2, HEIGHT / 2];
    return `M${left},${top}l${(RADIUS * x).toFixed(2)},${(-RADIUS * y).toFixed(2)}`;
  };
  return (
    <section class="chart">
      <h3>Two inputs at this layer, {label}</h3>
      <Picture
        title={`Two inputs at layer ${layer.layer}, ${label}`}
        description={known ? `They are ${degrees} degrees apart.` : "They have no direction."}
        width={WIDTH}
        height={HEIGHT}
      >
        {known && (
          <>
            <path d={arrow(angle / 2)} stroke={COLOURS.measured} stroke-width={3} stroke-linecap="round" />
            <path
              d={arrow(-angle / 2)}
              stroke={COLOURS.theory}
              stroke-width={3}
              stroke-linecap="round"
              stroke-dasharray="7 5"
            />
          </>
        )}
      </Picture>
      <p class="small">
        {known
          ? `The angle between them is ${degrees}°, their cosine ${numberText(mean, 3)}; it was 60° before the first layer.`
          : "Their signals have no direction: they are 0, or too large."}
      </p>
    </section>
  );
}
