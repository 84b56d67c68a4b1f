/** What is wrong with a start, if anything, and how much. */
import { digits } from "../math/digits.js";
import { pow } from "../math/functions.js";
import type { LayerReport, Verdict, VerdictKind } from "./report.js";

/** A factor within these is stable. */
export const STABLE = [0.8, 1.25] as const;
/** From this share of dead units, or of saturated ones, in the far half on average. */
const MOSTLY = 0.5;

/** The first that applies of: symmetric, dead, exploding, vanishing, saturated, stable. */
export function verdictOf(layers: readonly LayerReport[]): Verdict {
  const end = endOf(layers);
  const seen = layers.slice(0, end.at);
  const half = seen.slice(Math.floor(seen.length / 2));
  const factorPerLayer = {
    forward: factor(half.map(({ forward }) => forward.mean)),
    backward: factor(half.map(({ backward }) => backward.mean).reverse()),
  };
  const { forward, backward } = factorPerLayer;
  const average = (of: (layer: LayerReport) => number) => half.reduce((sum, layer) => sum + of(layer), 0) / half.length;
  const say = (kind: VerdictKind, sentence: string): Verdict => ({ kind, factorPerLayer, sentence });
  const times = `signals' variance is multiplied by ${digits(forward, 3)} in each layer, gradients' by ${digits(backward, 3)}`;

  if (seen.some(({ equal }) => equal === 1)) {
    return say(
      "symmetric",
      "All units of a layer are equal, and equal gradients keep them so: they learn one feature.",
    );
  }
  const dead = average((layer) => layer.dead);
  if (dead >= MOSTLY || seen.some((layer) => layer.forward.mean === 0)) {
    return say("dead", `${percent(dead)} of the units pass no gradient for any sample: they cannot learn.`);
  }
  const where = `layer ${end.at + 1} holds numbers`;
  if (end.by === "overflow") return say("exploding", `It explodes: ${where} larger than floats have.`);
  if (end.by === "underflow") return say("vanishing", `It vanishes: ${where} smaller than floats have.`);
  if (!(forward <= STABLE[1]) || !(backward <= STABLE[1])) return say("exploding", `It explodes: ${times}.`);
  if (forward < STABLE[0] || backward < STABLE[0]) return say("vanishing", `It vanishes: ${times}.`);
  const saturated = average((layer) => layer.saturated);
  if (saturated >= MOSTLY) {
    return say(
      "saturated",
      `${percent(saturated)} of the units are where their activation is flat: gradients hardly pass.`,
    );
  }
  return say("stable", `It is stable: ${times}.`);
}

const GONE = 1e-60; // a variance near the smallest of floats: what follows is 0 for that reason

/** How many layers hold signals that floats can hold, and what ends them. What comes after says nothing. */
function endOf(layers: readonly LayerReport[]): { readonly at: number; readonly by?: "overflow" | "underflow" } {
  for (const [at, { forward }] of layers.entries()) {
    if (!Number.isFinite(forward.mean)) return { at, by: "overflow" };
    const before = layers[at - 1]?.forward.mean;
    if (forward.mean === 0 && before !== undefined && before > 0 && before < GONE) return { at, by: "underflow" };
  }
  return { at: layers.length };
}

/** Per step, over so many values in a row; 1 of a single one, and not a number where one is none. */
function factor(values: readonly number[]): number {
  const [first, last] = [values[0] ?? 1, values.at(-1) ?? 1];
  if (values.length < 2) return 1;
  if (first === 0 && last === 0) return 0;
  const ratio = last / first;
  return ratio > 0 && Number.isFinite(ratio) ? pow(ratio, 1 / (values.length - 1)) : ratio;
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;
