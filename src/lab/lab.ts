/** An experiment over several seeds, beside what theory predicts and what is advised. */
import type { Recommendation } from "../recipes/recommend.js";
import type { Scheme } from "../scheme/options.js";
import { jacobianOf, type Measured, measure, type Setup, setUp } from "./experiment.js";
import { MOST_PROBES } from "./jacobian.js";
import { weightsOf, weightVariance } from "./layer.js";
import { type MeanField, meanField } from "./meanfield.js";
import { checkedExperiment, type Experiment, type LabOptions } from "./options.js";
import { isSame, recommendationFor } from "./recommendation.js";
import type { LabReport, LabRun, LayerReport, SeedBand } from "./report.js";
import { type Theory, theoryOf } from "./theory.js";
import { verdictOf } from "./verdict.js";

/**
 * Sends samples through a network as a scheme starts it, and gradients back; then runs what `recommend` says beside it.
 *
 * @param options the network, the scheme, and how much to measure. The defaults take about a second; `seeds: 1`,
 * `jacobian: false` and `recommendation: false` each save a part of it.
 * @throws TypeError, RangeError naming the option, before anything is computed: unknown names, counts that are not whole or
 * need more memory than there is, data of another size or with values that are not numbers, a scheme that cannot take the
 * layer's shape.
 * @example
 * ```js
 * import { lab } from "nn-init/lab";
 *
 * const { verdict } = lab({ activation: "relu", scheme: "glorotUniform", depth: 30, recommendation: false });
 * console.log(verdict.kind); // vanishing
 * ```
 */
export function lab(options: LabOptions = {}): LabReport {
  const study = studyOf(options);
  const { experiment, scheme, other } = study;
  const setups = setUps(experiment);
  const own = run(scheme, experiment, setups);
  return reportOf(study, own, other === undefined ? null : run(other, experiment, setups));
}

/** The same, with the recommended scheme run elsewhere (a thread) at the same time. */
export async function labBeside(
  options: LabOptions,
  elsewhere: (options: LabOptions) => Promise<LabRun>,
): Promise<LabReport> {
  const study = studyOf(options);
  const { experiment, scheme, other } = study;
  const beside = other && elsewhere({ ...options, scheme: other, recommendation: false });
  beside?.catch(() => {}); // awaited below
  const own = run(scheme, experiment, setUps(experiment));
  return reportOf(study, own, (await beside) ?? null);
}

/** What is to be run. */
interface Study {
  readonly experiment: Experiment;
  readonly scheme: Scheme;
  /** None where the caller does not want one. */
  readonly recommended: Recommendation | undefined;
  /** The recommended scheme, where it is wanted and not the one asked about. */
  readonly other: Scheme | undefined;
}

function studyOf(options: LabOptions): Study {
  const experiment = checkedExperiment(options);
  const advice = recommendationFor(experiment);
  const scheme = experiment.scheme ?? advice.scheme;
  weightsOf(scheme, experiment.spec);
  const recommended = (options.recommendation ?? true) ? advice : undefined;
  const other = recommended === undefined || isSame(scheme, recommended.scheme) ? undefined : recommended.scheme;
  return { experiment, scheme, recommended, other };
}

function reportOf({ experiment, recommended }: Study, own: LabRun, other: LabRun | null): LabReport {
  const { activation, ...spec } = experiment.spec;
  return {
    network: { ...spec, activation: activation.name, samples: experiment.samples, seeds: experiment.seeds },
    ...own,
    recommendation: recommended === undefined ? null : { ...recommended, run: other },
  };
}

/** The memory of all runs. */
interface Setups {
  readonly signals: Setup;
  readonly jacobian: Setup | undefined;
}

function setUps({ spec, engine, samples, jacobian }: Experiment): Setups {
  const probes = Math.min(spec.width, MOST_PROBES);
  return { signals: setUp(spec, engine, samples), jacobian: jacobian ? setUp(spec, engine, probes) : undefined };
}

function run(scheme: Scheme, experiment: Experiment, setups: Setups): LabRun {
  const { spec, seeds } = experiment;
  const weights = weightsOf(scheme, spec);
  const variance = weightVariance(weights, spec);
  const passes = Array.from({ length: seeds }, (_, i) =>
    measure(weights, experiment, experiment.seed + BigInt(i), setups.signals),
  );
  const theory =
    variance === undefined
      ? null
      : theoryOf(spec, {
          variance,
          meanSquare: average(passes, (p) => p.input),
          correlation: average(passes, (p) => p.pairs),
        });
  const layers = Array.from({ length: spec.depth }, (_, l) => layerReport(passes, l, theory));
  return {
    scheme,
    verdict: verdictOf(layers),
    layers,
    jacobian: setups.jacobian === undefined ? null : jacobianOf(weights, experiment, setups.jacobian),
    meanField: variance === undefined || variance === 0 ? null : fieldOf(experiment, variance),
  };
}

function fieldOf({ options, spec }: Experiment, weightVariance: number): MeanField | null {
  if (spec.kind === "attention") return null;
  const { activation = "relu", slope, derivative } = options;
  try {
    return meanField({
      activation,
      weightVariance,
      ...(slope !== undefined && { slope }),
      ...(derivative && { derivative }),
    });
  } catch {
    return null; // the activation has no means
  }
}

const average = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0) / all.length;

function layerReport(passes: readonly Measured[], l: number, theory: Theory | null): LayerReport {
  const band = (of: (p: Measured) => readonly number[], predicted: readonly number[] | undefined): SeedBand => {
    const values = passes.map((p) => of(p)[l] as number);
    const known = predicted?.[l];
    return {
      mean: average(values, (x) => x),
      low: Math.min(...values),
      high: Math.max(...values),
      theory: known === undefined || Number.isNaN(known) ? null : known,
    };
  };
  const share = (of: (p: Measured) => readonly number[]) => average(passes, (p) => of(p)[l] ?? 0);
  return {
    layer: l + 1,
    forward: band((p) => p.forward, theory?.forward),
    backward: band((p) => p.backward, theory?.backward),
    correlation: band((p) => p.correlation, theory?.correlation),
    dead: share((p) => p.dead),
    saturated: share((p) => p.saturated),
    equal: share((p) => p.equal),
    histogram: passes[0]?.histogram[l] ?? [],
  };
}
