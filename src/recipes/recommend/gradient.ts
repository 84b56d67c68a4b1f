/**
 * What the recommended schemes leave to do: how gradients fare in each layer of a stack, by the theory of wide networks
 * (Schoenholz et al. 2017; Yang et al. 2019). Tests compare all numbers with `meanField`.
 */
import { digits } from "../../math/digits.js";
import { type Activation, gain } from "../../scheme/gain.js";
import type { LayerContext } from "./recommendation.js";

/** Within these, the factor on a gradient's mean square in each layer is as good as 1. */
const STABLE = [0.8, 1.25] as const;

/** Activations that keep small signals and their gradients, with a weight variance of 1 / fan in (sin: of 2 / fan in). */
const KEEPING: readonly Activation[] = ["linear", "tanh", "hardTanh", "erf", "softsign", "sin", "selu"];

/** chi_1 at q* of these activations with the weights that Glorot's derivation gives for their slope at 0. */
export const FLAT: Readonly<Partial<Record<Activation, { readonly slope: number; readonly chi1: number }>>> = {
  sigmoid: { slope: 1 / 4, chi1: 0.399 },
  hardSigmoid: { slope: 1 / 6, chi1: 0.57 },
};

/**
 * How fast the mean square q of a signal moves away from 1: a layer with the activation's gain turns it into about q^exponent
 * (the slope of the length map of Poole et al., 2016, section 3). The other activations have exponents of at most 1.
 */
export const EXPONENTS: Readonly<Partial<Record<Activation, number>>> = {
  gelu: 1.14,
  geluTanh: 1.14,
  quickGelu: 1.14,
  silu: 1.17,
  mish: 1.08,
  hardSwish: 1.22,
  reluSquared: 2,
};

/** The exponent of E f(sqrt(q) z)^2 for the functions of gates. The exponent of a gated unit is greater by 1. */
export const GATE_EXPONENTS: Readonly<Partial<Record<Activation, number>>> = { ...EXPONENTS, relu: 1, sigmoid: 0.11 };

/** The exponent of a stack; undefined where it does not drive signals away from 1. */
export function exponentOf({ activation, gated }: LayerContext): number | undefined {
  if (gated === undefined) return EXPONENTS[activation];
  return 1 + (GATE_EXPONENTS[activation] as number);
}

const squareOf = (x: number): number => x * x;

/** The factor on a gradient's mean square in each layer; undefined where the scheme itself keeps it near 1. */
function gradientFactor({ activation, gated, slope, normalization }: LayerContext): number | undefined {
  const backward = gain(activation, { slope, direction: "backward" });
  const forward = gain(activation, { slope });
  // Both factors of a gated unit pass gradients on: E f(b)^2 and E a^2 f'(b)^2 over E a^2 f(b)^2.
  if (gated !== undefined) return 1 + squareOf(forward / backward);
  // Normalization divides by the size of f(z), so the weights cannot change E f'(z)^2 / E f(z)^2.
  if (normalization === "batch") return squareOf(gain(activation, { slope, direction: "variance" }) / backward);
  if (normalization !== "none") return squareOf(forward / backward);
  const flat = FLAT[activation];
  if (flat !== undefined) return flat.chi1;
  return KEEPING.includes(activation) ? undefined : squareOf(forward / backward);
}

/** The factor in each layer, as text, where it is not near 1. */
export function unstable(context: LayerContext): { readonly factor: string; readonly vanishing: boolean } | undefined {
  const factor = gradientFactor(context);
  if (factor === undefined || (factor >= STABLE[0] && factor <= STABLE[1])) return undefined;
  return { factor: digits(factor, 3), vanishing: factor < 1 };
}

/** A sentence on gradients, where the factor is not near 1, and its source. */
export function gradients(context: LayerContext): { readonly sentence: string; readonly source: string } {
  const found = unstable(context);
  if (found === undefined) return { sentence: "", source: "" };
  const batch = context.normalization === "batch";
  const needs = `residual connections${found.vanishing && !batch ? " or batch normalization" : ""}`;
  return {
    sentence: ` In each layer gradients' mean square is multiplied by ${found.factor}, so a deep stack needs ${needs}.`,
    source: batch
      ? "; Yang et al., A mean field theory of batch normalization, 2019"
      : "; Schoenholz, Gilmer, Ganguli, Sohl-Dickstein, Deep information propagation, 2017",
  };
}

/** A sentence on signals whose size drifts. */
export function drift(context: LayerContext): string {
  const exponent = exponentOf(context);
  if (exponent === undefined || context.normalization !== "none") return "";
  return ` A mean square q other than 1 becomes about q^${exponent} in each layer, so a deep stack needs normalization.`;
}
