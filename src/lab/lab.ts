/** The lab: an experiment over several seeds, compared with theory and with the recommended scheme. */
import type { Recommendation } from "../recipes/recommend.js";
import type { Scheme } from "../scheme/options.js";
import type { Measurement } from "./experiment.js";
import { weightsOf, weightVariance } from "./layer.js";
import { type MeanField, meanField } from "./meanfield.js";
import { checkedExperiment, type Experiment, type LabOptions } from "./options.js";
import { CLAIMS, type Claims, isWorthThread, type MeasuredParts, measureParts, partsOfScheme } from "./parts.js";
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
  const { experiment, schemes } = comparison;
  return labReport(comparison, measureParts(experiment, schemes, new Int32Array(CLAIMS), experiment.onProgress));
}

/**
 * The same, with another thread that takes a share of the work where that saves time.
 *
 * @param elsewhere calls `labParts` there with the same options, without `onProgress`, and with these claims.
 */
export async function labBeside(
  options: LabOptions,
  elsewhere: (claims: Claims) => Promise<MeasuredParts>,
): Promise<LabReport> {
  const comparison = comparisonOf(options);
  const { experiment, schemes } = comparison;
  if (!isWorthThread(experiment, schemes.length)) return lab(options);
  const claims = new Int32Array(new SharedArrayBuffer(CLAIMS * Int32Array.BYTES_PER_ELEMENT));
  const others = elsewhere(claims);
  others.catch(() => {}); // it is awaited below
  const own = measureParts(experiment, schemes, claims, experiment.onProgress);
  return labReport(comparison, new Map([...own, ...(await others)]));
}

/** The parts of an experiment that this thread has claimed. */
export function labParts(options: LabOptions, claims: Claims): MeasuredParts {
  const { experiment, schemes } = comparisonOf(options);
  return measureParts(experiment, schemes, claims);
}

/** What is measured. */
interface ComparedSchemes {
  readonly experiment: Experiment;
  /** The scheme that was asked for, or else the recommended one; then the recommended one, if it is wanted and not the same. */
  readonly schemes: readonly Scheme[];
  /** Undefined if the caller does not want one. */
  readonly recommendation: Recommendation | undefined;
}

function comparisonOf(given: LabOptions): ComparedSchemes {
  const experiment = checkedExperiment(given);
  const { recommendation: wanted } = experiment;
  const recommended = recommendationFor(experiment);
  const scheme = experiment.scheme ?? recommended.scheme;
  weightsOf(scheme, experiment.spec);
  const isOther = wanted && !isSame(scheme, recommended.scheme);
  return {
    experiment,
    schemes: isOther ? [scheme, recommended.scheme] : [scheme],
    recommendation: wanted ? recommended : undefined,
  };
}

function labReport({ experiment, schemes, recommendation }: ComparedSchemes, parts: MeasuredParts): LabReport {
  const { activation, ...shape } = experiment.spec;
  const [own, other = null] = schemes.map((scheme, i) =>
    labRun(scheme, experiment, partsOfScheme(parts, experiment, i)),
  );
  return {
    network: { ...shape, activation: activation.name, samples: experiment.samples, seeds: experiment.seeds },
    ...(own as LabRun),
    recommendation:
      recommendation === undefined ? null : recommendedRun(recommendation, other, own as LabRun, experiment.spec),
  };
}

function labRun(
  scheme: Scheme,
  experiment: Experiment,
  { measurements, jacobian }: ReturnType<typeof partsOfScheme>,
): LabRun {
  const { spec } = experiment;
  const variance = weightVariance(weightsOf(scheme, spec), spec);
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
