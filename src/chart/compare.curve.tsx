/** Figures of a comparison over the steps: the training loss and the validation accuracy, in bands over the seeds. */
import type { StrategyResult } from "../train/comparison.js";
import type { TrainingRun } from "../train/run.js";
import { COLOURS } from "./colour.js";
import { Figure } from "./figure.js";
import { Frame } from "./frame.js";
import { linearScale, logScale, numberText } from "./scale.js";
import { Band, Line } from "./series.js";

/** Pieces of a curve: a batch's loss alone is mostly noise. */
const PIECES = 60;

/** A piece of the loss: the mean over all seeds, and the least and the greatest of the seeds' means. */
interface LossPiece {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The least and the greatest loss that is drawn. */
export type LossExtent = readonly [low: number, high: number];

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The training loss in pieces; NaN where a run has ended. */
export function courseOfRuns(runs: readonly TrainingRun[], steps: number): readonly LossPiece[] {
  const size = Math.max(1, Math.ceil(steps / PIECES));
  return Array.from({ length: Math.ceil(steps / size) }, (_, k) => {
    const means = runs.map(({ losses }) => meanOf(losses.slice(k * size, (k + 1) * size)));
    const known = means.filter(Number.isFinite);
    return { x: (k + 0.5) * size, mean: meanOf(known), low: Math.min(...known), high: Math.max(...known) };
  });
}

/** What all curves have in common: losses above ten times the first ones are cut off. */
export function extentOfLosses(strategies: readonly StrategyResult[]): LossExtent {
  const all = strategies.flatMap(({ runs }) => runs.flatMap(({ losses }) => losses)).filter((x) => x > 0 && x < 100);
  const low = all.reduce((least, x) => Math.min(least, x), 10);
  return [Math.max(low, 1e-3), all.reduce((most, x) => Math.max(most, x), 1)];
}

interface LossesProps {
  readonly name: string;
  readonly course: readonly LossPiece[];
  readonly extent: LossExtent;
  readonly steps: number;
}

const STYLE = { colour: COLOURS.measured };

export function Losses({ name, course, extent, steps }: LossesProps) {
  const [low, high] = extent;
  const inside = (x: number) => (x >= low && x <= high ? x : Number.NaN);
  const known = course.filter(({ mean }) => Number.isFinite(inside(mean)));
  if (known.length === 0) return null;
  const last = known.at(-1)?.mean as number;
  return (
    <Figure caption={`${name}: training loss, in a band over the seeds.`} legend={[{ name, style: STYLE }]}>
      <Frame
        title={`${name}: training loss`}
        description={`It begins at ${numberText(known[0]?.mean as number, 3)} and ends at ${numberText(last, 3)}.`}
        x={{ scale: linearScale([0, steps], { round: false, whole: true }), title: "step" }}
        y={{ scale: logScale([low, high]), title: "loss" }}
      >
        {(area) => (
          <>
            <Band
              area={area}
              ranges={course.map(({ x, low, high }) => ({ x, low: inside(low), high: inside(high) }))}
              colour={STYLE.colour}
            />
            <Line area={area} points={course.map(({ x, mean }) => ({ x, y: inside(mean) }))} style={STYLE} />
          </>
        )}
      </Frame>
    </Figure>
  );
}

interface AccuraciesProps {
  readonly name: string;
  readonly runs: readonly TrainingRun[];
  readonly steps: number;
}

/** The accuracy on the validation data. */
export function Accuracies({ name, runs, steps }: AccuraciesProps) {
  const longest = runs.reduce((a, b) => (b.monitored.length > a.monitored.length ? b : a), runs[0] as TrainingRun);
  const points = longest.monitored.map(({ step }, i) => {
    const shares = runs.flatMap(({ monitored }) => monitored[i]?.validation.accuracy ?? []);
    return { x: step, low: 100 * Math.min(...shares), high: 100 * Math.max(...shares), y: 100 * meanOf(shares) };
  });
  return (
    <Figure
      caption={`${name}: accuracy on the validation data, in a band over the seeds.`}
      legend={[{ name, style: STYLE }]}
    >
      <Frame
        title={`${name}: validation accuracy`}
        description={`It ends at ${numberText(points.at(-1)?.y ?? 0, 3)}%.`}
        x={{ scale: linearScale([0, steps], { round: false, whole: true }), title: "step" }}
        y={{ scale: linearScale([0, 100]), title: "accuracy, %" }}
      >
        {(area) => (
          <>
            <Band area={area} ranges={points} colour={STYLE.colour} />
            <Line area={area} points={points} style={STYLE} />
          </>
        )}
      </Frame>
    </Figure>
  );
}
