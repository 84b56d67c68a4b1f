/** An experiment for a terminal: the verdict, small plots, and a few layers in numbers. */
import { plot } from "asciichart";
import { counted, schemeText } from "../chart/words.js";
import type { MeanField } from "../lab/meanfield.js";
import type { LabReport, LabRun, LayerReport } from "../lab/report.js";
import { digits } from "../math/digits.js";
import { type Column, table } from "./table.js";

/** @param columns of the terminal; undefined gives full tables. */
export function labText(report: LabReport, columns: number | undefined): string {
  const { network, recommendation, scheme } = report;
  const parts = [
    `${networkText(network)}\n${schemeText(scheme)}`,
    verdictText(report),
    curves(report.layers, columns),
    layerTable(report.layers, columns),
    numbers(report),
  ];
  if (recommendation !== null) {
    const { scheme: other, reason, source, run } = recommendation;
    parts.push(`Recommended: ${schemeText(other)}. ${reason}\n(${source})`);
    if (run === null) parts.push("This is the scheme above.");
    else parts.push(`With the recommended scheme:\n${verdictText(run)}`, curves(run.layers, columns));
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const verdictText = ({ verdict: { kind, sentence } }: LabRun): string => `${kind.toUpperCase()}: ${sentence}`;

export function networkText({
  kind,
  depth,
  width,
  activation,
  normalization,
  normalizationAt,
  residual,
  samples,
  seeds,
  branchScale,
  biasVariance,
}: LabReport["network"]): string {
  const layers = counted(depth, kind === "attention" ? "block" : "layer");
  const units = counted(width, kind === "convolution" ? "channel" : "unit");
  const parts = [
    `${kind}, ${layers} of ${units}, ${activation}`,
    ...(residual ? [`residual${branchScale === 1 ? "" : `, branches scaled by ${digits(branchScale)}`}`] : []),
    ...(normalization === "none"
      ? []
      : [`${normalization} normalization${normalizationAt === "post" ? " after each residual addition" : ""}`]),
    ...(biasVariance === 0 ? [] : [`biases of variance ${digits(biasVariance)}`]),
    `${samples} samples, ${counted(seeds, "seed")}`,
  ];
  return parts.join("; ");
}

const WIDEST = 72; // columns of a plot
const AXIS = 11; // columns of its labels

/** The longest run of true, as [begin, end). */
function longestRun(list: readonly boolean[]): { readonly begin: number; readonly end: number } {
  let longest = { begin: 0, end: 0 };
  let begin = 0;
  for (const [i, is] of list.entries()) {
    if (!is) begin = i + 1;
    else if (i + 1 - begin > longest.end - longest.begin) longest = { begin, end: i + 1 };
  }
  return longest;
}

/** Logarithms of the variances, layer by layer, without those that are 0 or infinite. */
function curves(all: readonly LayerReport[], columns: number | undefined): string {
  const widest = columns === undefined ? WIDEST : Math.max(2, Math.min(WIDEST, columns - AXIS));
  const line = (name: string, of: (layer: LayerReport) => number): string => {
    const { begin, end } = longestRun(all.map((layer) => Number.isFinite(Math.log10(of(layer)))));
    const layers = all.slice(begin, end);
    if (layers.length < 2) return "";
    const step = Math.max(1, layers.length / widest);
    const count = Math.min(layers.length, widest);
    const values = Array.from({ length: count }, (_, i) => Math.log10(of(layers[Math.floor(i * step)] as LayerReport)));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const flat = high - low < 0.2;
    const series = flat ? [values.map(() => (low + high) / 2)] : [values];
    const which =
      layers.length === all.length ? "layer by layer" : `layers ${begin + 1} to ${end}; elsewhere it is 0 or too large`;
    const drawn = plot(series, { height: flat ? 1 : 7, format: (x) => x.toFixed(1).padStart(8) });
    return `log10 of the ${name} variance, ${which}\n${drawn}`;
  };
  return [line("signal", (l) => l.forward.mean), line("gradient", (l) => l.backward.mean)]
    .filter((text) => text !== "")
    .join("\n\n");
}

const COLUMNS: readonly Column[] = [
  { head: "layer", weight: 6, align: "right" },
  { head: "signal", weight: 5, align: "right" },
  { head: "theory", weight: 1, align: "right" },
  { head: "gradient", weight: 5, align: "right" },
  { head: "theory", weight: 1, align: "right" },
  { head: "correlation", weight: 4, align: "right" },
  { head: "theory", weight: 1, align: "right" },
  { head: "dead", weight: 3, align: "right" },
  { head: "saturated", weight: 2, align: "right" },
];

const SHOWN = [1, 2, 5, 10, 20, 50, 100, 200, 500]; // layers in the table, and the last one

function layerTable(all: readonly LayerReport[], columns: number | undefined): string {
  const shown = [...new Set([...SHOWN.filter((layer) => layer <= all.length), all.length])];
  const rows = shown.map((layer) => {
    const { forward, backward, correlation, dead, saturated } = all[layer - 1] as LayerReport;
    const bands = [forward, backward, correlation].flatMap(({ mean, theory }) => [
      short(mean),
      theory === null ? "" : short(theory),
    ]);
    return [String(layer), ...bands, percent(dead), percent(saturated)];
  });
  const caption =
    "Layer by layer: variances of signal and gradient, correlation of two inputs, shares of dead and saturated units.";
  return `${caption}\n${table(COLUMNS, rows, columns)}`;
}

const short = (x: number): string => digits(x, 4);
const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

function numbers({ jacobian, meanField }: LabRun): string {
  const lines: string[] = [];
  if (jacobian !== null) {
    const { singularValues, conditionNumber } = jacobian;
    const range = `${short(singularValues.at(-1) as number)} to ${short(singularValues[0] as number)}`;
    lines.push(`Jacobian: singular values from ${range}, condition number ${short(conditionNumber)}`);
  }
  if (meanField !== null) {
    const { chi1, phase, depthScale } = meanField;
    const scale = Number.isFinite(depthScale) ? `, depth scale ${short(depthScale)} layers` : "";
    lines.push(`Mean-field theory: ${tendency(meanField)}, chi_1 is ${short(chi1)} (${phase})${scale}`);
  }
  return lines.join("\n");
}

/** What theory says of the variance of signals in deep networks. */
function tendency({ fixedPoint, stable }: MeanField): string {
  if (fixedPoint === 0) return "variance vanishes";
  if (fixedPoint === Number.POSITIVE_INFINITY) return "variance explodes";
  if (!stable) return `variance ${short(fixedPoint)} is a fixed point that signals leave`;
  return `variance tends to ${short(fixedPoint)}`;
}
