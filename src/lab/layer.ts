/** The weights of a layer as a scheme has them, and the memory that a network of such layers takes. */

import { isStructured, lawsOf, spreadOf } from "../distribution.js";
import { BYTES_BESIDES, bytesOfMatrix } from "../engine/product.js";
import { resolve, type Scheme, usualLayout } from "../scheme/scheme.js";
import { type Kind, matricesOf, type Spec } from "./network.js";
import { POSITIONS, TAPS } from "./patches.js";

export const positionsOf = (kind: Kind): number => (kind === "dense" ? 1 : POSITIONS);

/** What of a network its weights depend on. */
export type Layer = Pick<Spec, "kind" | "width">;

export const inputsOf = ({ kind, width }: Layer): number => (kind === "convolution" ? TAPS * width : width);

/** Of all that a run keeps. */
export const bytesOf = (spec: Spec, columns: number): number =>
  (matricesOf(spec) + (spec.kind === "convolution" ? TAPS : 0) + 2) * bytesOfMatrix(spec.width, columns) +
  4 * spec.width * inputsOf(spec) +
  BYTES_BESIDES;

/** The shape of a layer's weights as the scheme has it. */
export function shapeOf(
  scheme: Scheme,
  { kind, width }: Layer,
): { readonly shape: readonly number[]; readonly outFirst: boolean } {
  const layout = "layout" in scheme ? scheme.layout : undefined;
  const outFirst = (layout ?? usualLayout(scheme.scheme)) === "oi";
  if (kind !== "convolution") return { shape: [width, width], outFirst };
  return { shape: outFirst ? [width, width, TAPS] : [TAPS, width, width], outFirst };
}

export function checkLayer(scheme: Scheme, spec: Spec): void {
  const { shape } = shapeOf(scheme, spec);
  try {
    resolve(scheme, shape);
  } catch (error) {
    const message = `scheme: expected one that a layer of shape [${shape.join(", ")}] takes: ${(error as Error).message}`;
    throw new RangeError(message, { cause: error });
  }
}

/** The variance of a weight times its fan in; none of laws whose elements are not random about 0. */
export function weightVariance(scheme: Scheme, layer: Layer): number | undefined {
  const laws = lawsOf(resolve(scheme, shapeOf(scheme, layer).shape));
  const [law] = laws;
  if (law === undefined || laws.length > 1) return undefined;
  const variance = inputsOf(layer) * spreadOf(law) * spreadOf(law);
  if (isStructured(law)) return law.law === "orthogonal" ? variance : undefined;
  const mean = law.law === "uniform" ? (law.low + law.high) / 2 : law.law === "constant" ? law.value : law.mean;
  return mean === 0 ? variance : undefined;
}
