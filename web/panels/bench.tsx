/** The bench: this browser's numbers. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Bars } from "../../src/chart/bars.js";
import { COLOURS } from "../../src/chart/colour.js";
import { Figure } from "../../src/chart/lab.figure.js";
import { numberText } from "../../src/chart/scale.js";
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
import type { PanelProps } from "../panels.js";
import { Chart } from "../part/chart.js";
import { Select } from "../part/input.js";
import { useSay } from "../part/say.js";
import { Complaints, Share } from "../part/share.js";
import { type Runner, runner } from "../runner.js";
import { threadScript } from "../script.js";
import { oneOf } from "../state.js";
import type { BenchOutput } from "../task/bench.js";

const SIZE_NAMES = Object.fromEntries(SIZES.map((size) => [String(size), size.toLocaleString("en")]));
const FIELDS = { size: oneOf("z", SIZES.map(String), "65536") };
const ROUNDS = 12;

declare const VERSION: string;

interface Progress {
  readonly share: number;
  readonly cells: readonly Measured[];
}

export default function BenchPanel({ name }: PanelProps) {
  const { state, set, complaints } = usePanelState(name, FIELDS);
  const bench = useBench();
  const { cells, share, output, fault } = bench;
  const size = Number(state.size);
  const sentence = output && sentenceOf(output);
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
        {share === undefined ? (
          <button type="button" class="main" onClick={bench.start}>
            {output === undefined ? "Measure" : "Measure again"}
          </button>
        ) : (
          <>
            <button type="button" onClick={bench.cancel}>
              Cancel
            </button>
            <progress max={1} value={share} aria-label="Measuring" />
          </>
        )}
        {output !== undefined && (
          <button type="button" onClick={() => download(fileOf(output))}>
            Export as JSON
          </button>
        )}
      </div>
      {fault !== undefined && (
        <p class="note" role="alert">
          {fault}
        </p>
      )}
      {sentence !== undefined && <p class="verdict">{sentence}</p>}
      {output !== undefined &&
        Object.entries(output.absent).map(([engine, reason]) => (
          <p key={engine} class="small">
            {ENGINES[engine as BenchEngine]}: not measured, because {reason}.
          </p>
        ))}
      <Share command="npx nn-init bench" />
      <div class="alone">
        <Select
          label="Elements of a call"
          value={state.size}
          options={SIZE_NAMES}
          onChange={(next) => set({ size: next })}
        />
      </div>
      <h2 class="hidden">Speeds</h2>
      <div class="plots">
        {(Object.keys(DISTRIBUTIONS) as DistributionName[]).map((distribution) => (
          <Rates key={distribution} distribution={distribution} size={size} cells={cells} />
        ))}
      </div>
    </>
  );
}

/** A bench that starts when it is asked to. */
function useBench() {
  const own = useRef<Runner | undefined>(undefined);
  own.current ??= runner();
  const worker = own.current;
  const [progress, setProgress] = useState<Progress | undefined>();
  const [output, setOutput] = useState<BenchOutput | undefined>();
  const [fault, setFault] = useState<string | undefined>();
  useEffect(() => () => worker.cancel(), [worker]);
  const start = async () => {
    setFault(undefined);
    setOutput(undefined);
    setProgress({ share: 0, cells: [] });
    try {
      const input = { rounds: ROUNDS, thread: crossOriginIsolated ? threadScript().href : undefined };
      const onProgress = (told: unknown) => setProgress(told as Progress);
      const done = await worker.run("bench", input, { now: true, onProgress });
      setOutput(done?.output);
    } catch (error) {
      setFault((error as Error).message);
    }
    setProgress(undefined);
  };
  return {
    ...{ output, fault, start, share: progress?.share, cells: output?.cells ?? progress?.cells ?? [] },
    cancel: () => worker.cancel(),
  };
}

const HEAD_SIZE = 65_536;

/** The normal distribution at a size that stays in the cache, as the README has it. */
function sentenceOf({ cells }: BenchOutput): string {
  const rate = (engine: BenchEngine) => rateOf(cells, "normal", engine, HEAD_SIZE) ?? 0;
  const fast = rate("simd");
  const drawn =
    fast > 0
      ? `${text(fast)} normal values in a second by the SIMD kernels`
      : `${text(rate("scalar"))} normal values in a second by the twin`;
  const times = (Math.max(fast, rate("scalar")) / rate("loop")).toFixed(1);
  return `${drawn}: ${times} times the loop with Math.random.`;
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

const COLOUR: Readonly<Record<BenchEngine, (typeof COLOURS)[keyof typeof COLOURS]>> = {
  threads: COLOURS.third,
  simd: COLOURS.measured,
  scalar: COLOURS.ink,
  loop: COLOURS.theory,
  limit: COLOURS.faint,
};

function captionOf(bars: readonly { readonly name: string }[], limit: number | undefined): string {
  const words = bars.map(({ name }) => `${name}: ${ENGINES[name as BenchEngine]}`).join("; ");
  return limit === undefined
    ? `${words}.`
    : `${words}. Filling the memory alone: ${Math.round(limit / 1e6).toLocaleString("en")}.`;
}

interface RatesProps {
  readonly distribution: DistributionName;
  readonly size: number;
  readonly cells: readonly Measured[];
}

function Rates({ distribution, size, cells }: RatesProps) {
  const engines = Object.keys(ENGINES) as BenchEngine[];
  const limit = rateOf(cells, distribution, "limit", size);
  const bars = engines.flatMap((engine) => {
    if (engine === "limit") return []; // it would leave no room for the rest
    const rate = rateOf(cells, distribution, engine, size);
    return rate === undefined ? [] : [{ name: engine, value: rate / 1e6, colour: COLOUR[engine] }];
  });
  const title = DISTRIBUTIONS[distribution];
  const table = () => ({
    head: ["engine", ...SIZES.map((one) => `${one.toLocaleString("en")} elements`)],
    rows: engines.map((engine) => [
      ENGINES[engine],
      ...SIZES.map((one) => {
        const rate = rateOf(cells, distribution, engine, one);
        return rate === undefined ? null : Math.round(rate / 1e6);
      }),
    ]),
  });
  return (
    <Chart title={`${title}, million elements per second`} table={table}>
      {bars.length === 0 ? (
        <p class="small">Not measured yet.</p>
      ) : (
        <Figure caption={captionOf(bars, limit)} legend={[]}>
          <Bars
            title={`${title}, ${size.toLocaleString("en")} elements`}
            description={bars
              .map(({ name, value }) => `${name}: ${numberText(value, 3)} million per second.`)
              .join(" ")}
            bars={bars}
          />
        </Figure>
      )}
    </Chart>
  );
}
