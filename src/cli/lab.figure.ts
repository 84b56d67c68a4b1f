/** The figures of an experiment's page: measurements, theory, and the recommended scheme for comparison. */
import type { TopLevelSpec } from "vega-lite";
import { weightsOf, weightVariance } from "../lab/layer.js";
import { phasePlane } from "../lab/phase.js";
import type { LabReport, LabRun, LayerReport, SeedBand } from "../lab/report.js";
import { digits } from "../math/digits.js";
import type { Activation } from "../scheme/gain.js";
import { escaped } from "./page.js";
import { COLOURS, plotter } from "./plot.js";
import { schemeText } from "./text.js";

/** One of the schemes that a figure compares. */
export interface Side {
  readonly label: string;
  readonly run: LabRun;
}

export async function figure(spec: TopLevelSpec | undefined, caption: string): Promise<string> {
  if (spec === undefined) return "";
  return `<figure>${await plotter(spec)()}<figcaption>${escaped(caption)}</figcaption></figure>`;
}

const WIDTH = 380;
const HEIGHT = 220;
const PALETTE = [COLOURS.measured, COLOURS.third];

const colour = (sides: readonly Side[]) => ({
  field: "scheme",
  type: "nominal" as const,
  scale: { domain: sides.map(({ label }) => label), range: PALETTE.slice(0, sides.length) },
  legend: { title: null, orient: "top" as const, labelLimit: 340, direction: "vertical" as const },
});

const usable = (x: number | null, log: boolean): x is number => x !== null && Number.isFinite(x) && (!log || x > 0);

/** The mean over the seeds in a band from lowest to highest, with the theory dashed. */
export function curve(
  sides: readonly Side[],
  title: string,
  of: (layer: LayerReport) => SeedBand,
  log: boolean,
): TopLevelSpec | undefined {
  const all = sides.flatMap(({ label, run }) =>
    run.layers.map((layer) => ({ scheme: label, layer: layer.layer, ...of(layer) })),
  );
  const rows = all.filter(({ mean, low, high }) => [mean, low, high].every((x) => usable(x, log)));
  const predicted = all.filter(({ theory }) => usable(theory, log));
  if (rows.length === 0) return undefined;
  const y = {
    type: "quantitative" as const,
    title,
    scale: log ? { type: "log" as const } : { domain: [-0.1, 1] },
    axis: { format: log ? "~e" : "~f", tickCount: 6 },
  };
  const x = { field: "layer", type: "quantitative" as const, title: "layer", axis: { tickMinStep: 1 } };
  const color = colour(sides);
  return {
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: rows },
        mark: { type: "area", opacity: 0.25 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
      },
      {
        data: { values: rows },
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x, y: { ...y, field: "mean" }, color },
      },
      {
        data: { values: predicted },
        mark: { type: "line", strokeDash: [5, 4], strokeWidth: 1.5, color: COLOURS.theory },
        encoding: { x, y: { ...y, field: "theory" }, detail: { field: "scheme" } },
      },
    ],
  };
}

export function shares(sides: readonly Side[]): TopLevelSpec {
  const rows = sides.flatMap(({ label, run }) =>
    run.layers.slice(0, -1).flatMap(({ layer, dead, saturated }) => [
      { scheme: label, layer, share: dead, of: "dead units" },
      { scheme: label, layer, share: saturated, of: "saturated" },
    ]),
  );
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values: rows },
    mark: { type: "line", strokeWidth: 2 },
    encoding: {
      x: { field: "layer", type: "quantitative", title: "layer", axis: { tickMinStep: 1 } },
      y: { field: "share", type: "quantitative", title: "share", scale: { domain: [0, 1] }, axis: { format: "%" } },
      color: colour(sides),
      strokeDash: { field: "of", type: "nominal", legend: { title: null, orient: "top" } },
    },
  };
}

const PANELS = 6;

/** Histograms of a few layers, side by side, one figure for each scheme. */
export async function histograms(sides: readonly Side[]): Promise<string[]> {
  const made = sides.map(async ({ label, run }) => {
    const count = Math.min(PANELS, run.layers.length);
    const chosen = Array.from({ length: count }, (_, i) =>
      Math.round((i * (run.layers.length - 1)) / Math.max(1, count - 1)),
    );
    const rows = chosen.flatMap((l) => {
      const { layer, histogram } = run.layers[l] as LayerReport;
      return histogram.map((share, i) => ({
        layer: `layer ${layer}`,
        order: layer,
        z: ((i + 0.5) / histogram.length) * 8 - 4,
        share,
      }));
    });
    if (!rows.some(({ share }) => share > 0)) return "";
    const spec: TopLevelSpec = {
      data: { values: rows },
      facet: {
        field: "layer",
        type: "nominal",
        sort: { field: "order" },
        header: { title: null, labelColor: COLOURS.ink },
      },
      columns: 3,
      spec: {
        width: 105,
        height: 70,
        mark: {
          type: "bar",
          color: PALETTE[sides.findIndex((side) => side.label === label)] ?? COLOURS.measured,
          size: 3,
        },
        encoding: {
          x: {
            field: "z",
            type: "quantitative",
            title: null,
            scale: { domain: [-4, 4] },
            axis: { values: [-4, 0, 4] },
          },
          y: { field: "share", type: "quantitative", axis: null },
        },
      },
      resolve: { scale: { y: "independent" } },
    };
    return figure(spec, `Histograms of a few layers, in units of their root mean square: ${label}.`);
  });
  return Promise.all(made);
}

export function spectrum(sides: readonly Side[]): TopLevelSpec | undefined {
  const rows = sides.flatMap(({ label, run }) =>
    (run.jacobian?.singularValues ?? []).map((value, i) => ({ scheme: label, place: i + 1, value })),
  );
  const seen = rows.filter(({ value }) => usable(value, true));
  if (seen.length === 0) return undefined;
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values: seen },
    mark: { type: "line", point: { size: 14 }, strokeWidth: 1 },
    encoding: {
      x: { field: "place", type: "quantitative", title: "index" },
      y: {
        field: "value",
        type: "quantitative",
        title: "singular value",
        scale: { type: "log" },
        axis: { format: "~e", tickCount: 6 },
      },
      color: colour(sides),
    },
  };
}

const GRID = 36;

/** Order and chaos by the variance of weights and biases (Poole et al. 2016), with a mark at the chosen scheme. */
export async function phase({ network, meanField, scheme }: LabReport): Promise<string[]> {
  const variance = meanField === null ? undefined : weightVariance(weightsOf(scheme, network), network);
  if (
    variance === undefined ||
    network.normalization !== "none" ||
    network.residual ||
    network.activation === "a function"
  )
    return [];
  const weight = Math.sqrt(variance);
  const bias = Math.sqrt(network.biasVariance);
  const most = { weight: Math.max(3, 1.3 * weight), bias: Math.max(1, 1.3 * bias) };
  const activation = network.activation as Activation;
  const plane = phasePlane({ activation, ...most, points: GRID }).map((point) => ({
    ...point,
    state: point.chi1 < 1 ? "ordered: gradients vanish" : "chaotic: gradients explode",
  }));
  const cell = { weight: most.weight / GRID, bias: most.bias / GRID };
  const spec: TopLevelSpec = {
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: {
          values: plane.map((p) => ({
            ...p,
            x: p.weight - cell.weight / 2,
            x2: p.weight + cell.weight / 2,
            y: p.bias - cell.bias / 2,
            y2: p.bias + cell.bias / 2,
          })),
        },
        mark: { type: "rect", stroke: null },
        encoding: {
          x: {
            field: "x",
            type: "quantitative",
            title: "std of weights x sqrt(fan in)",
            axis: { grid: false },
          },
          x2: { field: "x2" },
          y: { field: "y", type: "quantitative", title: "std of biases", axis: { grid: false } },
          y2: { field: "y2" },
          color: {
            field: "state",
            type: "nominal",
            scale: {
              domain: ["ordered: gradients vanish", "chaotic: gradients explode"],
              range: [COLOURS.measured, COLOURS.theory],
            },
            legend: { title: null, orient: "top", labelLimit: 200 },
          },
          opacity: { value: 0.45 },
        },
      },
      {
        data: { values: [{ x: weight, y: bias }] },
        mark: { type: "point", shape: "diamond", size: 140, filled: true, color: COLOURS.ink },
        encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
      },
    ],
  };
  return [
    await figure(
      spec,
      `Order (chi_1 below 1) and chaos (above 1) of ${network.activation}. The diamond is ${schemeText(scheme)}, ${bias === 0 ? "without biases" : `with biases of variance ${digits(network.biasVariance)}`}.`,
    ),
  ];
}
