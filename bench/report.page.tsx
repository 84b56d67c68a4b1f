/** The page of plots that `npm run bench:report` writes, from the measurements of bench/fill.mjs and bench/against/run.mjs. */

import { Bars } from "../src/chart/bars.js";
import { COLOURS } from "../src/chart/colour.js";
import { Frame } from "../src/chart/frame.js";
import { Legend } from "../src/chart/legend.js";
import { logScale, numberText } from "../src/chart/scale.js";
import { Line, Marks, type Style } from "../src/chart/series.js";
import { page } from "../src/cli/page.js";

/** What `npm run bench -- --json FILE` writes. */
interface Own {
  readonly machine: string;
  readonly results: readonly {
    readonly distribution: string;
    readonly engine: string;
    readonly to: string;
    readonly size: number;
    readonly seconds: number;
  }[];
  readonly extra: {
    readonly normals64: number;
    readonly first: number;
    readonly gpt2: { readonly one: number; readonly all: number };
  };
}

/** What `npm run bench:against -- --json FILE` writes. */
interface Rivals {
  readonly machine: string;
  readonly size: number;
  /** In 10^9 floats a second. */
  readonly rates: readonly { readonly name: string; readonly distribution: string; readonly rate: number }[];
}

const STYLES: readonly (readonly [engine: string, Style])[] = [
  ["memory.fill", { colour: COLOURS.faint, dash: "6 4", mark: "diamond" }],
  ["threads", { colour: COLOURS.theory, mark: "triangle" }],
  ["simd", { colour: COLOURS.measured, mark: "circle" }],
];

const COMPARED = ["uniform", "normal", "truncated"];
const DISTRIBUTIONS = ["constant", ...COMPARED, "wide"];

export const reportPage = (own: Own, rivals: Rivals): string =>
  page({
    title: "nn-init: speed",
    children: (
      <>
        <h1>nn-init: speed</h1>
        <p>{own.machine}. The best of many interleaved turns.</p>
        <h2>Beside other libraries</h2>
        <div class="plots">
          {COMPARED.map((distribution) => (
            <Beside rivals={rivals} distribution={distribution} />
          ))}
        </div>
        <p>
          {rivals.machine}. All were measured in one run, and every call draws {rivals.size.toLocaleString("en")}{" "}
          floats.
        </p>
        <h2>By size</h2>
        <p>
          Drawn into an arena, with the options object and all checks. <code>memory.fill</code> writes as many bytes and
          computes nothing, so no kernel can be faster.
        </p>
        <div class="plots">
          {DISTRIBUTIONS.map((distribution) => (
            <BySize results={own.results} distribution={distribution} />
          ))}
        </div>
        <h2>Small tensors and whole models</h2>
        <p>
          A tensor of 64 normals: {(own.extra.normals64 * 1e6).toFixed(2)} {"\u00b5"}s. Import and a first tensor:{" "}
          {(own.extra.first * 1e3).toFixed(0)} ms. GPT-2 small in memory: {own.extra.gpt2.one.toFixed(3)} s; all
          threads: {own.extra.gpt2.all.toFixed(3)} s.
        </p>
      </>
    ),
  });

function Beside({ rivals, distribution }: { readonly rivals: Rivals; readonly distribution: string }) {
  const bars = rivals.rates
    .filter((rate) => rate.distribution === distribution && !rate.name.includes("all cores"))
    .sort((a, b) => b.rate - a.rate)
    .map(({ name, rate }) => ({
      name,
      value: rate,
      colour: name === "nn-init" ? COLOURS.measured : COLOURS.faint,
    }));
  if (bars[0] === undefined) return null;
  return (
    <figure>
      <h3>{distribution}</h3>
      <Bars title={`Rates of ${distribution}`} description={`The fastest is ${bars[0].name}.`} bars={bars} />
      <figcaption>10^9 floats a second, on one core.</figcaption>
    </figure>
  );
}

function BySize({ results, distribution }: { readonly results: Own["results"]; readonly distribution: string }) {
  const lines = STYLES.map(([engine, style]) => ({
    name: engine,
    style,
    points: results
      .filter((result) =>
        engine === "memory.fill"
          ? result.distribution === engine
          : result.distribution === distribution && result.engine === engine && result.to === "arena",
      )
      .map(({ size, seconds }) => ({ x: size, y: (4 * size) / seconds / 1e9 })),
  }));
  const all = lines.flatMap(({ points }) => points);
  if (lines.slice(1).every(({ points }) => points.length === 0)) return null; // but for memory.fill
  const highest = lines.map(({ name, points }) => `${name}: ${numberText(Math.max(...points.map(({ y }) => y)), 3)}`);
  return (
    <figure>
      <div>
        <h3>{distribution}</h3>
        <Legend entries={lines} />
      </div>
      <Frame
        title={`Rates of ${distribution} by size`}
        description={`The highest rates in GB/s are ${highest.join(", ")}.`}
        x={{ scale: logScale(all.map(({ x }) => x)), title: "floats" }}
        y={{ scale: logScale(all.map(({ y }) => y)), title: "GB/s" }}
      >
        {(area) =>
          lines.map(({ points, style }) => (
            <>
              <Line area={area} points={points} style={style} />
              <Marks area={area} points={points} style={style} width={6} />
            </>
          ))
        }
      </Frame>
      <figcaption />
    </figure>
  );
}
