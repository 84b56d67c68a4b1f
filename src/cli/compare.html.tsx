/** A comparison as a page: the best start, a table, and the same plots for each start, on the same scales. */

import { Accuracies, courseOfRuns, extentOfLosses, type LossExtent, Losses } from "../chart/compare.curve.js";
import { Histograms, LayerMap, type LayerMapProps } from "../chart/compare.figure.js";
import { digits } from "../math/digits.js";
import type { Comparison, StrategyResult } from "../train/comparison.js";
import { COLUMNS, comparisonHead, startCells } from "./compare.text.js";
import { page } from "./page.js";

export function comparePage(comparison: Comparison): string {
  const { strategies, best, data } = comparison;
  const extent = extentOfLosses(strategies);
  return page({
    title: `Starts compared on ${data}`,
    children: (
      <>
        <h1>
          Starts compared on {data}
          {best !== null && `: ${best.name} is the best`}
        </h1>
        {best !== null && <p class={`verdict ${best.predicted ? "ok" : "fail"}`}>{best.sentence}</p>}
        <p>{comparisonHead(comparison)}</p>
        <Numbers strategies={strategies} />
        {strategies.map((strategy) => (
          <StrategyPart strategy={strategy} extent={extent} steps={comparison.steps} />
        ))}
      </>
    ),
  });
}

/** The classes of a start's cells. */
const classesOf = ({ verdict }: StrategyResult) => [
  ...[undefined, undefined, "number", `verdict ${verdict.kind === "stable" ? "ok" : "fail"}`],
  ...["number", "number", "name"],
];

const Numbers = ({ strategies }: { readonly strategies: readonly StrategyResult[] }) => (
  <div class="wide">
    <table>
      <thead>
        <tr>
          {COLUMNS.map(({ head }) => (
            <th>{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {strategies.map((strategy) => (
          <tr>
            {startCells(strategy).map((cell, i) => (
              <td class={classesOf(strategy)[i]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const LAYER_MAPS: readonly Omit<LayerMapProps, "run" | "steps">[] = [
  {
    title: "gradient norm",
    of: ({ gradientNorm }) => Math.log10(gradientNorm),
    range: [-8, 2],
    text: ({ gradientNorm }) => digits(gradientNorm, 2),
    caption: "norm of each layer's gradient, step by step; full colour is 100, none 1e-8 or less.",
  },
  {
    title: "dead units",
    of: ({ dead }) => dead,
    range: [0, 1],
    text: ({ dead }) => `${digits(100 * dead, 2)}%`,
    caption: "share of each layer's units that give the same output for every sample.",
  },
  {
    title: "update ratio",
    of: ({ updateRatio }) => Math.log10(updateRatio),
    range: [-6, 0],
    text: ({ updateRatio }) => digits(updateRatio, 2),
    caption: "what one step changes of each layer's weights; full colour is all, none a millionth or less.",
  },
];

interface StrategyPartProps {
  readonly strategy: StrategyResult;
  readonly extent: LossExtent;
  readonly steps: number;
}

/** The plots of one start. Layers are those of the first seed. */
function StrategyPart({ strategy, extent, steps }: StrategyPartProps) {
  const { name, verdict, runs } = strategy;
  const [first] = runs;
  if (first === undefined) return null;
  return (
    <>
      <h2>{name}</h2>
      <p>Before training: {verdict.sentence}</p>
      {first.findings.length > 0 && (
        <ul>
          {first.findings.map(({ step, sentence }) => (
            <li>
              Step {step}: {sentence}
            </li>
          ))}
        </ul>
      )}
      <div class="plots">
        <Losses name={name} course={courseOfRuns(runs, steps)} extent={extent} steps={steps} />
        <Accuracies name={name} runs={runs} steps={steps} />
        {LAYER_MAPS.map(({ caption, ...map }) => (
          <LayerMap {...map} run={first} steps={steps} caption={`${name}: ${caption}`} />
        ))}
        <Histograms name={name} run={first} />
      </div>
    </>
  );
}
