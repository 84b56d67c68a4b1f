/** An experiment, for a terminal: the verdict, small plots, and a few layers in numbers. */
import { plot } from "asciichart";
import Table from "cli-table3";
import type { LabReport, LabRun, LayerReport } from "../lab/report.js";
import { digits } from "../math/digits.js";
import { schemeText } from "./text.js";

const WIDEST = 72; // columns of a plot

export function labText(report: LabReport): string {
  const { network, recommendation, scheme } = report;
  const parts = [
    `${describe(network)}\n${schemeText(scheme)}: ${report.verdict.kind.toUpperCase()}. ${report.verdict.sentence}`,
    curves(report.layers),
    layers(report.layers),
    numbers(report),
  ];
  if (recommendation !== null) {
    parts.push(`Advised: ${schemeText(recommendation.scheme)}. ${recommendation.reason}\n(${recommendation.source})`);
    if (recommendation.run !== null) {
      const { kind, sentence } = recommendation.run.verdict;
      parts.push(`With it: ${kind.toUpperCase()}. ${sentence}`, curves(recommendation.run.layers));
    } else parts.push("It is the one above.");
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

export function describe({
  kind,
  depth,
  width,
  activation,
  normalization,
  residual,
  samples,
  seeds,
  branchScale,
}: LabReport["network"]): string {
  const shape = `${depth} ${kind === "attention" ? "blocks" : "layers"} of ${width} ${kind === "convolution" ? "channels" : "units"}`;
  const rest = [
    `${kind}, ${shape}, ${activation}`,
    ...(residual ? [`residual${branchScale === 1 ? "" : `, branches times ${digits(branchScale)}`}`] : []),
    ...(normalization === "none" ? [] : [`${normalization} normalization`]),
    `${samples} samples, ${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
  ];
  return rest.join("; ");
}

/** Logarithms of the variances over the layers; what is 0 or too large leaves a gap. */
function curves(all: readonly LayerReport[]): string {
  const line = (name: string, of: (layer: LayerReport) => number): string => {
    const step = Math.max(1, all.length / WIDEST);
    const count = Math.min(all.length, WIDEST);
    const values = Array.from({ length: count }, (_, i) => Math.log10(of(all[Math.floor(i * step)] as LayerReport)));
    const finite = values.filter(Number.isFinite);
    if (finite.length < 2) return "";
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const flat = high - low < 0.2;
    const series = flat
      ? [values.map(() => (low + high) / 2)]
      : [values.map((x) => (Number.isFinite(x) ? x : Number.NaN))];
    return `${name}, log10, over the layers\n${plot(series, { height: flat ? 1 : 7, format: (x) => x.toFixed(1).padStart(8) })}`;
  };
  return [line("variance of signals", (l) => l.forward.mean), line("variance of gradients", (l) => l.backward.mean)]
    .filter((text) => text !== "")
    .join("\n\n");
}

function layers(all: readonly LayerReport[]): string {
  const table = new Table({
    head: ["layer", "signals", "theory", "gradients", "theory", "correlation", "theory", "dead", "saturated"],
    style: { head: [], border: [], compact: true },
    colAligns: Array.from({ length: 9 }, () => "right"),
  });
  const shown = new Set([1, 2, 5, 10, 20, 50, 100, 200, 500].filter((layer) => layer <= all.length).concat(all.length));
  for (const layer of shown) {
    const { forward, backward, correlation, dead, saturated } = all[layer - 1] as LayerReport;
    const bands = [forward, backward, correlation].flatMap(({ mean, theory }) => [
      short(mean),
      theory === null ? "" : short(theory),
    ]);
    table.push([layer, ...bands, percent(dead), percent(saturated)]);
  }
  return table.toString();
}

const short = (x: number): string => digits(x, 4);
const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

function numbers({ jacobian, meanField }: LabRun): string {
  const lines: string[] = [];
  if (jacobian !== null) {
    const { singularValues, conditionNumber } = jacobian;
    const ends = `${short(singularValues.at(-1) as number)} to ${short(singularValues[0] as number)}`;
    lines.push(`Jacobian: singular values from ${ends}, spread ${short(conditionNumber)}`);
  }
  if (meanField !== null) {
    const { fixedPoint, chi1, phase, depthScale } = meanField;
    const scale = Number.isFinite(depthScale) ? `, depth scale ${short(depthScale)} layers` : "";
    lines.push(`Theory: variance to ${short(fixedPoint)}, chi_1 ${short(chi1)} (${phase})${scale}`);
  }
  return lines.join("\n");
}
