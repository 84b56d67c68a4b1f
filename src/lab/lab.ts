/** An experiment over several seeds, beside what theory predicts and what is advised. */
import type { Scheme } from "../scheme/scheme.js";
import { jacobianOf, type Passed, pass, type Setup, setUp } from "./experiment.js";
import { MOST_PROBES } from "./jacobian.js";
import { checkLayer, weightVariance } from "./layer.js";
import { type MeanField, meanField } from "./meanfield.js";
import { checked, type LabOptions, type Plan } from "./options.js";
import { isSame, remedyFor } from "./recommendation.js";
import type { Band, LabReport, LayerReport, Run } from "./report.js";
import { type Theory, theoryOf } from "./theory.js";
import { verdictOf } from "./verdict.js";

/**
 * Sends samples through a network as a scheme starts it, and gradients back.
 *
 * @throws TypeError, RangeError naming the option, before anything is computed: unknown names, counts that are not whole or
 * past memory, data of another size or with values that are no numbers, a scheme that cannot take the layer.
 */
export function lab(options: LabOptions = {}): LabReport {
  const plan = checked(options);
  const advice = remedyFor(plan);
  const scheme = plan.scheme ?? advice.scheme;
  checkLayer(scheme, plan.spec);
  const setups = setUps(plan);
  const own = run(scheme, plan, setups);
  const same = isSame(scheme, advice.scheme);
  const remedy = (options.remedy ?? true) ? { ...advice, run: same ? null : run(advice.scheme, plan, setups) } : null;
  const { unit, ...rest } = plan.spec;
  return {
    network: { ...rest, activation: unit.name, samples: plan.samples, seeds: plan.seeds },
    ...own,
    remedy,
  };
}

/** The memory of all runs. */
interface Setups {
  readonly signals: Setup;
  readonly jacobian: Setup | undefined;
}

function setUps({ spec, engine, samples, jacobian }: Plan): Setups {
  const probes = Math.min(spec.width, MOST_PROBES);
  return { signals: setUp(spec, engine, samples), jacobian: jacobian ? setUp(spec, engine, probes) : undefined };
}

function run(scheme: Scheme, plan: Plan, setups: Setups): Run {
  const { spec, seeds } = plan;
  const variance = weightVariance(scheme, spec);
  const passes = Array.from({ length: seeds }, (_, i) => pass(scheme, plan, plan.seed + i, setups.signals));
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
    jacobian: setups.jacobian === undefined ? null : jacobianOf(scheme, plan, setups.jacobian),
    meanField: variance === undefined || variance === 0 ? null : fieldOf(plan, variance),
  };
}

function fieldOf({ options, spec }: Plan, weightVariance: number): MeanField | null {
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

function layerReport(passes: readonly Passed[], l: number, theory: Theory | null): LayerReport {
  const band = (of: (p: Passed) => readonly number[], predicted: readonly number[] | undefined): Band => {
    const values = passes.map((p) => of(p)[l] as number);
    const known = predicted?.[l];
    return {
      mean: average(values, (x) => x),
      low: Math.min(...values),
      high: Math.max(...values),
      theory: known === undefined || Number.isNaN(known) ? null : known,
    };
  };
  const share = (of: (p: Passed) => readonly number[]) => average(passes, (p) => of(p)[l] ?? 0);
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
