/** The verdict: what is wrong with an initialization, if anything, and how much. */
import { digits } from "../math/digits.js";
import { pow } from "../math/functions.js";
import type { LayerReport, Verdict, VerdictKind } from "./report.js";

/** A factor per layer within these bounds is stable. */
export const STABLE = [0.8, 1.25] as const;
/** The share of dead units, or of saturated pre-activations, that decides the verdict. */
const MOSTLY = 0.5;

/** The first that applies of: symmetric, dead, exploding, vanishing, saturated, stable. */
export function verdictOf(layers: readonly LayerReport[]): Verdict {
  const end = endOf(layers);
  const valid = layers.slice(0, end.at);
  const half = valid.slice(Math.floor(valid.length / 2));
  const factorPerLayer = {
    forward: factor(half.map(({ forward }) => forward.mean)),
    backward: factor(half.map(({ backward }) => backward.mean).reverse()),
  };
  const { forward, backward } = factorPerLayer;
  const average = (of: (layer: LayerReport) => number) => half.reduce((sum, layer) => sum + of(layer), 0) / half.length;
  const verdict = (kind: VerdictKind, sentence: string): Verdict => ({ kind, factorPerLayer, sentence });

  if (valid.some(({ equal }) => equal === 1)) {
    return verdict(
      "symmetric",
      "All units of a layer have equal values and equal gradients, so they all learn the same feature.",
    );
  }
  const dead = average((layer) => layer.dead);
  if (dead >= MOSTLY) {
    return verdict("dead", `${percent(dead)} of the units pass no gradient for any sample, so they cannot learn.`);
  }
  const silent = valid.find((layer) => layer.forward.mean === 0);
  if (silent !== undefined) return verdict("dead", `The signals of layer ${silent.layer} are 0 for every sample.`);
  if (end.by === "overflow") {
    return verdict("exploding", `The signals of layer ${end.at + 1} are too large for a float and become infinite.`);
  }
  if (end.by === "underflow") {
    return verdict("vanishing", `The signals of layer ${end.at + 1} are too small for a float and become 0.`);
  }
  const change = `Signal variance is multiplied by ${digits(forward, 3)} per layer, gradient variance by ${digits(backward, 3)}.`;
  if (!(forward <= STABLE[1]) || !(backward <= STABLE[1])) return verdict("exploding", change);
  if (forward < STABLE[0] || backward < STABLE[0]) return verdict("vanishing", change);
  const saturated = average((layer) => layer.saturated);
  if (saturated >= MOSTLY) {
    const where = "lie where the activation function is nearly flat";
    return verdict("saturated", `${percent(saturated)} of the pre-activations ${where}, so little gradient passes.`);
  }
  return verdict("stable", change);
}

const SMALLEST = 1e-60; // variance: signals of some 1e-30, which the next layer may round to 0

/** How many layers have signals that floats can hold, and what ends them. Later layers tell nothing. */
function endOf(layers: readonly LayerReport[]): { readonly at: number; readonly by?: "overflow" | "underflow" } {
  for (const [at, { forward }] of layers.entries()) {
    if (!Number.isFinite(forward.mean)) return { at, by: "overflow" };
    const previous = layers[at - 1]?.forward.mean;
    if (forward.mean === 0 && previous !== undefined && previous > 0 && previous < SMALLEST) {
      return { at, by: "underflow" };
    }
  }
  return { at: layers.length };
}

/** Geometric mean growth per layer. 1 for a single layer; 0 where all are 0; NaN if the first or the last is NaN. */
function factor(values: readonly number[]): number {
  const [first, last] = [values[0] ?? 1, values.at(-1) ?? 1];
  if (values.length < 2) return 1;
  if (first === 0 && last === 0) return 0;
  const ratio = last / first;
  return ratio > 0 && Number.isFinite(ratio) ? pow(ratio, 1 / (values.length - 1)) : ratio;
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;
