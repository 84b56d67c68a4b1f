/** A comparison as a page: the best start, a table, and the same plots for each start, on the same scales. */

import { Accuracies, courseOfRuns, extentOfLosses, type LossExtent, Losses } from "../chart/compare.curve.js";
import { Histograms, LayerMap } from "../chart/compare.figure.js";
import { schemeText } from "../chart/words.js";
import { digits } from "../math/digits.js";
import type { Comparison, StrategyResult } from "../train/comparison.js";
import { accuracyText, comparisonHead, lossText } from "./compare.text.js";
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

const HEAD = ["start", "scheme", "learning rate", "lab's verdict", "test accuracy", "test loss", "ended"];

const Numbers = ({ strategies }: { readonly strategies: readonly StrategyResult[] }) => (
  <div class="wide">
    <table>
      <thead>
        <tr>
          {HEAD.map((name) => (
            <th>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {strategies.map(({ name, scheme, learningRate, verdict, accuracy, loss, ended, runs }) => (
          <tr>
            <td>{name}</td>
            <td>{scheme === null ? "" : schemeText(scheme)}</td>
            <td class="number">{digits(learningRate, 3)}</td>
            <td class={`verdict ${verdict.kind === "stable" ? "ok" : "fail"}`}>{verdict.kind}</td>
            <td class="number">{accuracyText(accuracy, runs.length)}</td>
            <td class="number">{lossText(loss, runs.length)}</td>
            <td class="name">{ended === undefined ? "" : `step ${ended.step}: ${ended.reason}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

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
        <LayerMap
          title="gradient norm"
          run={first}
          steps={steps}
          of={({ gradientNorm }) => Math.log10(gradientNorm)}
          range={[-8, 2]}
          text={({ gradientNorm }) => digits(gradientNorm, 2)}
          caption={`${name}: norm of each layer's gradient, step by step; full colour is 100, none 1e-8 or less.`}
        />
        <LayerMap
          title="dead units"
          run={first}
          steps={steps}
          of={({ dead }) => dead}
          range={[0, 1]}
          text={({ dead }) => `${digits(100 * dead, 2)}%`}
          caption={`${name}: share of each layer's units that give the same output for every sample.`}
        />
        <LayerMap
          title="update ratio"
          run={first}
          steps={steps}
          of={({ updateRatio }) => Math.log10(updateRatio)}
          range={[-6, 0]}
          text={({ updateRatio }) => digits(updateRatio, 2)}
          caption={`${name}: what one step changes of each layer's weights; full colour is all, none a millionth or less.`}
        />
        <Histograms name={name} run={first} />
      </div>
    </>
  );
}
