/** What is wrong with a start, if anything, and how much. */
import type { LayerReport } from "./lab.js";

export type VerdictKind = "symmetric" | "dead" | "exploding" | "vanishing" | "saturated" | "stable";

export interface Verdict {
  readonly kind: VerdictKind;
  /** Of the variance, in each layer of the far half: of signals on their way there, of gradients on their way back. */
  readonly factorPerLayer: { readonly forward: number; readonly backward: number };
  readonly sentence: string;
}

/** A factor within these is stable. */
export const STABLE = [0.8, 1.25] as const;
/** From this share of dead units, or of saturated ones, in the far half on average. */
const MOSTLY = 0.5;

/** The first that applies of: symmetric, dead, exploding, vanishing, saturated, stable. */
export function verdictOf(layers: readonly LayerReport[]): Verdict {
  const half = layers.slice(Math.floor(layers.length / 2));
  const factorPerLayer = {
    forward: factor(half.map(({ forward }) => forward.mean)),
    backward: factor(half.map(({ backward }) => backward.mean).reverse()),
  };
  const { forward, backward } = factorPerLayer;
  const average = (of: (layer: LayerReport) => number) => half.reduce((sum, layer) => sum + of(layer), 0) / half.length;
  const say = (kind: VerdictKind, sentence: string): Verdict => ({ kind, factorPerLayer, sentence });
  const times = `signals' variance is multiplied by ${digits(forward)} in each layer, gradients' by ${digits(backward)}`;

  const overflow = layers.findIndex(({ forward, backward }) => !Number.isFinite(forward.mean + backward.mean));
  const symmetric = layers.findIndex(({ equal }) => equal === 1);
  // What comes after an overflow says nothing.
  if (overflow >= 0 && (symmetric < 0 || overflow < symmetric)) {
    const where = `layer ${overflow + 1} holds numbers larger than floats have`;
    const ends = { forward: Number.POSITIVE_INFINITY, backward: Number.POSITIVE_INFINITY };
    return { kind: "exploding", factorPerLayer: ends, sentence: `It explodes: ${where}.` };
  }
  if (symmetric >= 0) {
    return say(
      "symmetric",
      "All units of a layer are equal, and equal gradients keep them so: they learn one feature.",
    );
  }
  const dead = average((layer) => layer.dead);
  if (dead >= MOSTLY || layers.some((layer) => layer.forward.mean === 0)) {
    return say("dead", `${percent(dead)} of the units pass no gradient for any sample: they cannot learn.`);
  }
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

/** Per step, over so many values in a row; 1 of a single one, and not a number where one is none. */
function factor(values: readonly number[]): number {
  const [first, last] = [values[0] as number, values.at(-1) as number];
  if (values.length < 2) return 1;
  if (first === 0 && last === 0) return 0;
  return (last / first) ** (1 / (values.length - 1));
}

const digits = (x: number): string => String(Number(x.toPrecision(3)));
const percent = (share: number): string => `${Math.round(100 * share)}%`;
