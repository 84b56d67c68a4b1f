/** The bench: this browser's numbers. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { COLOURS } from "../../src/chart/colour.js";
import { Figure } from "../../src/chart/figure.js";
import { Frame } from "../../src/chart/frame.js";
import { logScale, numberText } from "../../src/chart/scale.js";
import { Line, Marks, type Style } from "../../src/chart/series.js";
import { usePanelState } from "../address.js";
import {
  type BenchEngine,
  type BenchResult,
  DISTRIBUTIONS,
  type DistributionName,
  ENGINES,
  type Measured,
  rateOf,
  SIZES,
} from "../bench/cells.js";
import { thisBrowser } from "../bench/machine.js";
import { download } from "../model/save.js";
import { useWork } from "../model/work.js";
import type { PanelProps } from "../panels.js";
import { Chart } from "../part/chart.js";
import { Fault } from "../part/fault.js";
import { Select } from "../part/input.js";
import { useSay } from "../part/say.js";
import { Complaints, Share } from "../part/share.js";
import { threadScript } from "../script.js";
import { oneOf } from "../state.js";
import type { BenchOutput, BenchProgress } from "../task/bench.js";
import type { InputOf } from "../task.js";

const SIZE_NAMES = Object.fromEntries(SIZES.map((size) => [String(size), size.toLocaleString("en")]));
const FIELDS = { size: oneOf("z", SIZES.map(String), "65536") };
const ROUNDS = 12;

declare const VERSION: string;

export default function BenchPanel({ name }: PanelProps) {
  const { state, set, complaints } = usePanelState(name, FIELDS);
  const [input, setInput] = useState<InputOf<"bench"> | undefined>();
  const { output, told, progress, fault, cancel } = useWork("bench", input);
  const start = () => setInput({ rounds: ROUNDS, thread: crossOriginIsolated ? threadScript().href : undefined });
  const cells = output?.cells ?? (told as BenchProgress | undefined)?.cells ?? [];
  const sentence = output && sentenceOf(output, Number(state.size));
  useSay(sentence);
  return (
    <>
      <h1>How fast is this browser?</h1>
      <p>
        The same weights drawn by the kernels in WebAssembly SIMD, by their twin in TypeScript, and, for comparison, by
        the loop that people write with <code>Math.random</code>, which cannot be seeded. A run takes about half a
        minute. Leave the page in front meanwhile.
      </p>
      <Complaints of={complaints} />
      <div class="row">
        {progress === undefined ? (
          <button type="button" class="main" onClick={start}>
            {output === undefined ? "Measure" : "Measure again"}
          </button>
        ) : (
          <>
            <button type="button" onClick={cancel}>
              Cancel
            </button>
            <progress max={1} value={progress} aria-label="Measuring" />
          </>
        )}
        {output !== undefined && (
          <button type="button" onClick={() => download(fileOf(output))}>
            Export as JSON
          </button>
        )}
      </div>
      {fault !== undefined && <Fault>{fault}</Fault>}
      {sentence !== undefined && (
        <>
          <p class="verdict">{sentence}</p>
          <div class="alone">
            <Select
              label="Elements of a call"
              value={state.size}
              options={SIZE_NAMES}
              onChange={(next) => set({ size: next })}
            />
          </div>
        </>
      )}
      {output !== undefined &&
        Object.entries(output.absent).map(([engine, reason]) => (
          <p key={engine} class="small">
            {ENGINES[engine as BenchEngine]}: not measured, because {reason}.
          </p>
        ))}
      <Share command="npx nn-init bench" />
      <h2 class="hidden">Speeds</h2>
      <div class="plots">
        {(Object.keys(DISTRIBUTIONS) as DistributionName[]).map((distribution) => (
          <Rates key={distribution} distribution={distribution} cells={cells} />
        ))}
      </div>
    </>
  );
}

/** The normal distribution at one size. */
function sentenceOf({ cells }: BenchOutput, size: number): string {
  const rate = (engine: BenchEngine) => rateOf(cells, "normal", engine, size) ?? 0;
  const fast = rate("simd");
  const drawn =
    fast > 0
      ? `${text(fast)} normal values in a second by the SIMD kernels`
      : `${text(rate("scalar"))} normal values in a second by the twin`;
  const times = numberText(Math.max(fast, rate("scalar")) / rate("loop"), 2);
  return `${drawn}: ${times} times the loop with Math.random, in calls of ${size.toLocaleString("en")} elements.`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, "billion"],
  [1e6, "million"],
  [1e3, "thousand"],
];

const text = (rate: number): string => {
  const [unit, word] = UNITS.find(([unit]) => rate >= unit) ?? [1, ""];
  return `${numberText(rate / unit, 3)} ${word}`.trim();
};

const fileOf = ({ cells, threads }: BenchOutput) => {
  const result: BenchResult = { format: "nn-init bench 1", machine: thisBrowser(VERSION, threads), cells };
  const name = "nn-init-bench.json";
  return { name, file: new Blob([`${JSON.stringify(result)}\n`], { type: "application/json" }) };
};

/** Dashes and marks tell the lines apart, too. */
const STYLES: Readonly<Record<BenchEngine, Style>> = {
  threads: { colour: COLOURS.third, mark: "diamond", dash: "8 3" },
  simd: { colour: COLOURS.measured, mark: "circle" },
  scalar: { colour: COLOURS.ink, mark: "triangle" },
  loop: { colour: COLOURS.theory, mark: "circle", dash: "5 3" },
  limit: { colour: COLOURS.faint, dash: "2 3" },
};

interface RatesProps {
  readonly distribution: DistributionName;
  readonly cells: readonly Measured[];
}

/** The rate by the size of a call: small ones pay for the call, large ones for the memory. */
function Rates({ distribution, cells }: RatesProps) {
  const engines = Object.keys(ENGINES) as BenchEngine[];
  const millions = (engine: BenchEngine, size: number): number | null => {
    const rate = rateOf(cells, distribution, engine, size);
    return rate === undefined ? null : rate / 1e6;
  };
  const lines = engines
    .map((engine) => ({
      ...{ engine, name: ENGINES[engine], style: STYLES[engine] },
      points: SIZES.map((size) => ({ x: size, y: millions(engine, size) })),
    }))
    .filter(({ points }) => points.some(({ y }) => y !== null));
  const title = DISTRIBUTIONS[distribution];
  const table = () => ({
    head: ["elements of a call", ...lines.map(({ name }) => `${name}, million per second`)],
    rows: SIZES.map((size) => [size.toLocaleString("en"), ...lines.map(({ engine }) => millions(engine, size))]),
  });
  const ends = lines.map(({ name, points }) => {
    const [least, most] = [points[0]?.y, points.at(-1)?.y].map((y) => (y == null ? "none" : numberText(y, 3)));
    return `${name}: ${least} in the smallest calls, ${most} in the largest.`;
  });
  return (
    <Chart title={title} table={table}>
      {lines.length === 0 ? (
        <p class="small">Not measured yet.</p>
      ) : (
        <Figure
          caption="Higher is better. Small calls pay for the call, large ones for the memory; both axes are logarithmic."
          legend={lines}
        >
          <Frame
            title={`${title}: speed by the size of a call`}
            description={ends.join(" ")}
            x={{ scale: logScale(SIZES), title: "elements of a call" }}
            y={{
              scale: logScale(lines.flatMap(({ points }) => points.flatMap(({ y }) => y ?? []))),
              title: "million per second",
            }}
          >
            {(area) =>
              lines.map(({ engine, points, style }) => (
                <Fragment key={engine}>
                  <Line area={area} points={points} style={style} />
                  {style.mark !== undefined && <Marks area={area} points={points} style={style} width={6} />}
                </Fragment>
              ))
            }
          </Frame>
        </Figure>
      )}
    </Chart>
  );
}
