/** The lab: an experiment over several seeds, compared with theory and with the recommended scheme. */
import type { Recommendation } from "../recipes/recommend.js";
import type { Scheme } from "../scheme/options.js";
import { jacobianOf, type Measurement, measure, type NetworkInstance, networkInstance } from "./experiment.js";
import { MOST_PROBES } from "./jacobian.js";
import { weightsOf, weightVariance } from "./layer.js";
import { type MeanField, meanField } from "./meanfield.js";
import { checkedExperiment, type Experiment, type LabOptions } from "./options.js";
import { isSame, recommendationFor, recommendedRun } from "./recommendation.js";
import type { LabReport, LabRun, LayerReport, SeedBand } from "./report.js";
import { type Theory, theoryOf } from "./theory.js";
import { verdictOf } from "./verdict.js";

/**
 * Shows what an initialization does before any training: sends samples forward through a network and gradients backward,
 * measures both at every layer, compares them with mean field theory, and measures the recommended scheme as well.
 *
 * @param options the network, the scheme, and how much to measure. The defaults take about a second; `seeds: 1`,
 * `jacobian: false` and `recommendation: false` each save a part of it, and `onProgress` is told of each part that is done.
 * @returns plain data: the verdict, one report for each layer, and the recommendation. The same on every engine.
 * @throws TypeError, RangeError naming the option, before anything is computed: unknown names, counts that are not whole or
 * need more memory than there is, data of another size or with values that are not finite, a scheme that does not fit the
 * layer's shape.
 * @example
 * ```js
 * import { lab } from "nn-init/lab";
 *
 * const { verdict } = lab({ activation: "relu", scheme: "glorotUniform", depth: 30, recommendation: false });
 * console.log(verdict.kind, verdict.factorPerLayer.forward.toFixed(2)); // vanishing 0.49
 * console.log(verdict.growth.forward.toPrecision(2)); // 1.0e-9
 * ```
 */
export function lab(options: LabOptions = {}): LabReport {
  const comparison = comparisonOf(options);
  const { experiment, scheme, other } = comparison;
  const instances = instancesFor(experiment);
  const tell = progressOf(experiment, other === undefined ? 1 : 2);
  const own = run(scheme, experiment, instances, tell);
  return labReport(comparison, own, other === undefined ? null : run(other, experiment, instances, tell));
}

/** The same, but the recommended scheme runs elsewhere (in another thread) at the same time. */
export async function labBeside(
  options: LabOptions,
  elsewhere: (options: LabOptions) => Promise<LabRun>,
): Promise<LabReport> {
  const comparison = comparisonOf(options);
  const { experiment, scheme, other } = comparison;
  const otherRun = other && elsewhere(withoutProgress({ ...options, scheme: other, recommendation: false }));
  otherRun?.catch(() => {}); // it is awaited below
  const own = run(scheme, experiment, instancesFor(experiment), progressOf(experiment, 1));
  return labReport(comparison, own, (await otherRun) ?? null);
}

/** A function cannot go to another thread. */
const withoutProgress = ({ onProgress: _, ...options }: LabOptions): LabOptions => options;

/** What to call when a part of the work is done: the runs with each seed, and the Jacobians. */
function progressOf({ seeds, jacobian, onProgress }: Experiment, runs: number): () => void {
  let done = 0;
  return () => onProgress(++done, runs * (seeds + (jacobian ? 1 : 0)));
}

/** The schemes to run. */
interface ComparedSchemes {
  readonly experiment: Experiment;
  /** The scheme that was asked for, or else the recommended one. */
  readonly scheme: Scheme;
  /** Undefined if the caller does not want one. */
  readonly recommendation: Recommendation | undefined;
  /** The recommended scheme, if it is wanted and not the same. */
  readonly other: Scheme | undefined;
}

function comparisonOf(given: LabOptions): ComparedSchemes {
  const experiment = checkedExperiment(given);
  const { recommendation: wanted } = experiment;
  const recommended = recommendationFor(experiment);
  const scheme = experiment.scheme ?? recommended.scheme;
  weightsOf(scheme, experiment.spec);
  const recommendation = wanted ? recommended : undefined;
  const isOther = recommendation !== undefined && !isSame(scheme, recommended.scheme);
  return { experiment, scheme, recommendation, other: isOther ? recommended.scheme : undefined };
}

function labReport({ experiment, recommendation }: ComparedSchemes, own: LabRun, other: LabRun | null): LabReport {
  const { activation, ...shape } = experiment.spec;
  return {
    network: { ...shape, activation: activation.name, samples: experiment.samples, seeds: experiment.seeds },
    ...own,
    recommendation: recommendation === undefined ? null : recommendedRun(recommendation, other, own, experiment.spec),
  };
}

/** The networks of an experiment, which all of its runs use. */
interface Instances {
  readonly signals: NetworkInstance;
  readonly jacobian: NetworkInstance | undefined;
}

function instancesFor({ spec, engine, samples, jacobian }: Experiment): Instances {
  const probes = Math.min(spec.width, MOST_PROBES);
  return {
    signals: networkInstance(spec, engine, samples),
    jacobian: jacobian ? networkInstance(spec, engine, probes) : undefined,
  };
}

function run(scheme: Scheme, experiment: Experiment, instances: Instances, tell: () => void): LabRun {
  const { spec, seeds } = experiment;
  const weights = weightsOf(scheme, spec);
  const variance = weightVariance(weights, spec);
  const measurements = Array.from({ length: seeds }, (_, i) => {
    const measurement = measure(weights, experiment, experiment.seed + BigInt(i), instances.signals);
    tell();
    return measurement;
  });
  const meanSquare = average(measurements, ({ input }) => input);
  const theory =
    variance === undefined
      ? null
      : theoryOf(spec, variance, {
          meanSquare,
          correlation: average(measurements, ({ inputCorrelation }) => inputCorrelation),
          shared: average(measurements, ({ inputShared }) => inputShared),
        });
  const layers = Array.from({ length: spec.depth }, (_, l) => layerReport(measurements, l, theory));
  const jacobian = instances.jacobian === undefined ? null : jacobianOf(weights, experiment, instances.jacobian);
  if (jacobian !== null) tell();
  return {
    scheme,
    verdict: verdictOf(layers, spec),
    layers,
    jacobian,
    meanField: variance === undefined || variance === 0 ? null : meanFieldOf(experiment, variance, meanSquare),
  };
}

function meanFieldOf(experiment: Experiment, weightVariance: number, input: number): MeanField | null {
  const { options, spec } = experiment;
  if (spec.kind === "attention" || !experiment.meanField) return null;
  const { activation = "relu", slope, derivative } = options;
  const start = weightVariance * input + spec.biasVariance; // of the first layer's pre-activations
  try {
    return meanField({
      activation,
      weightVariance,
      biasVariance: spec.biasVariance,
      ...(start > 0 && { start }),
      ...(slope !== undefined && { slope }),
      ...(derivative && { derivative }),
    });
  } catch {
    return null; // the mean squares of the activation function do not exist
  }
}

const average = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0) / all.length;

type Quantity = (measurement: Measurement) => readonly number[];

function layerReport(measurements: readonly Measurement[], l: number, theory: Theory | null): LayerReport {
  const band = (of: Quantity, predicted: readonly number[] | undefined): SeedBand => {
    const values = measurements.map((measurement) => of(measurement)[l] as number);
    const prediction = predicted?.[l];
    return {
      mean: average(values, (x) => x),
      low: Math.min(...values),
      high: Math.max(...values),
      theory: prediction === undefined || Number.isNaN(prediction) ? null : prediction,
    };
  };
  const share = (of: Quantity) => average(measurements, (measurement) => of(measurement)[l] ?? 0);
  return {
    layer: l + 1,
    forward: band(({ forward }) => forward, theory?.forward),
    backward: band(({ backward }) => backward, theory?.backward),
    correlation: band(({ correlation }) => correlation, theory?.correlation),
    dead: share(({ dead }) => dead),
    saturated: share(({ saturated }) => saturated),
    equal: share(({ equal }) => equal),
    histogram: measurements[0]?.histogram[l] ?? [],
  };
}
