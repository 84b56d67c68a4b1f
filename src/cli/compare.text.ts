/** A comparison for a terminal: the verdict, a table, and small plots. */
import { counted, schemeText } from "../chart/words.js";
import { clipped } from "../check.js";
import { digits } from "../math/digits.js";
import type { Comparison, SeedStatistics, StrategyResult } from "../train/comparison.js";
import type { TrainingRun } from "../train/run.js";
import { type Column, table } from "./table.js";

/** @param columns of the terminal; undefined gives full tables. */
export function compareText(comparison: Comparison, columns: number | undefined): string {
  const { strategies, best } = comparison;
  const parts = [
    comparisonHead(comparison),
    best === null ? "Not one seed is done." : best.sentence,
    strategies.length === 0 ? "" : table(COLUMNS, strategies.map(startCells), columns),
    curves(strategies, columns),
    findings(strategies),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What was compared, in a line or two. */
export function comparisonHead({ data, network, optimizer, steps, batch, seeds, complete }: Comparison): string {
  const parts = [
    ...(network.layers === undefined ? shapeText(network) : [clipped(network.layers.join(", "), 200)]),
    `on ${data}: ${counted(steps, "step")} of ${batch} samples by ${optimizer}, ${counted(seeds, "seed")}`,
  ];
  return `${parts.join("; ")}${complete ? "" : " (interrupted)"}`;
}

function shapeText(network: Comparison["network"]): readonly string[] {
  const { kind, depth, width, activation, residual, normalization, normalizationAt } = network;
  return [
    `${kind}, ${counted(depth, kind === "attention" ? "block" : "layer")} of ${width}, ${activation}`,
    ...(residual ? ["residual"] : []),
    ...(normalization === "none"
      ? []
      : [`${normalization} normalization${normalizationAt === "post" ? " after each addition" : ""}`]),
  ];
}

export const COLUMNS: readonly Column[] = [
  { head: "start", weight: 9 },
  { head: "scheme", weight: 2, least: 12 },
  { head: "learning rate", weight: 1, align: "right" },
  { head: "lab's verdict", weight: 5 },
  { head: "test accuracy", weight: 8, align: "right" },
  { head: "test loss", weight: 4, align: "right" },
  { head: "ended", weight: 3, least: 20 },
];

/** The cells of these columns for one start. */
export function startCells(strategy: StrategyResult): readonly string[] {
  const { name, scheme, learningRate, verdict, accuracy, loss, ended, runs } = strategy;
  return [
    ...[name, scheme === null ? "" : schemeText(scheme), digits(learningRate, 3), verdict.kind],
    ...[accuracyText(accuracy, runs.length), lossText(loss, runs.length)],
    ended === undefined ? "" : `step ${ended.step}: ${ended.reason}`,
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

const accuracyText = ({ mean, std }: SeedStatistics, seeds: number): string =>
  withStd(percent(mean), percent(std), seeds);

const lossText = ({ mean, std }: SeedStatistics, seeds: number): string =>
  Number.isFinite(mean) ? withStd(digits(mean, 3), digits(std, 2), seeds) : "not a number";

/** A mean and its standard deviation, which one seed does not have. */
const withStd = (mean: string, std: string, seeds: number): string => (seeds > 1 ? `${mean} ± ${std}` : mean);

const BARS = "▁▂▃▄▅▆▇█";
const WIDEST = 60;

/** The course of the training loss of each start, on one scale of logarithms. */
function curves(strategies: readonly StrategyResult[], columns: number | undefined): string {
  const widest = Math.max(...strategies.map(({ name }) => name.length), 0);
  const width = Math.min(WIDEST, (columns ?? 80) - widest - 12);
  if (width < 10 || strategies.length === 0) return "";
  const steps = Math.max(...strategies.flatMap(({ runs }) => runs.map(({ losses }) => losses.length)), 1);
  const all = strategies.map(({ runs }) =>
    courseOf(
      runs.map(({ losses }) => losses),
      steps,
      width,
    ),
  );
  const shown = all.flat().filter((x) => Number.isFinite(x));
  const [low, high] = [Math.min(...shown), Math.max(...shown.filter((x) => x < Math.min(...shown) + 3))];
  const lines = strategies.map(({ name }, i) => {
    const bars = barsOf(all[i] ?? [], low, high);
    const last = (all[i] ?? []).filter((x) => Number.isFinite(x)).at(-1);
    return `${name.padEnd(widest)} ${bars.padEnd(width)} ${last === undefined ? "" : digits(10 ** last, 2)}`;
  });
  return `Training loss, step by step, on one scale of logarithms; the last one in numbers\n${lines.join("\n")}`;
}

const barsOf = (course: readonly number[], low: number, high: number): string =>
  course
    .map((x) =>
      Number.isFinite(x) ? BARS[Math.max(0, Math.min(7, Math.floor((8 * (x - low)) / (high - low || 1))))] : " ",
    )
    .join("");

/** The course of one run's training loss, on a scale of its own. */
export function courseText({ strategy, losses }: TrainingRun): string {
  const course = courseOf([losses], losses.length, 16);
  const shown = course.filter((x) => Number.isFinite(x));
  const last = shown.at(-1);
  if (last === undefined) return `${strategy}: not a number`;
  return `${strategy} ${barsOf(course, Math.min(...shown), Math.max(...shown))} ${digits(10 ** last, 2)}`;
}

/** Logarithms of the mean losses of all seeds, in as many pieces as there are columns. */
function courseOf(runs: readonly (readonly number[])[], steps: number, width: number): readonly number[] {
  return Array.from({ length: width }, (_, k) => {
    const [begin, end] = [Math.floor((k * steps) / width), Math.max(1, Math.floor(((k + 1) * steps) / width))];
    const values = runs.flatMap((losses) => losses.slice(begin, Math.max(begin + 1, end)));
    return Math.log10(values.reduce((sum, x) => sum + x, 0) / values.length);
  });
}

/** What the monitors found with the first seed, once for each start. */
function findings(strategies: readonly StrategyResult[]): string {
  const lines = strategies.flatMap(({ name, runs: [first] }) =>
    (first?.findings ?? []).slice(0, 2).map(({ step, sentence }) => `${name}, step ${step}: ${sentence}`),
  );
  return lines.length === 0 ? "" : `What the monitors found, with the first seed:\n${lines.join("\n")}`;
}
