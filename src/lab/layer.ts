/** The weights of a layer as a scheme has them, and the memory that a network of such layers takes. */

import { type Distribution, isStructured, partsOf } from "../distribution.js";
import { BYTES_BESIDES, bytesOfMatrix } from "../engine/product.js";
import { meanOf, rmsOf } from "../moments.js";
import type { Scheme } from "../scheme/options.js";
import { defaultLayout, resolve } from "../scheme/scheme.js";
import { matricesOf, type NetworkKind, type Spec } from "./network.js";
import { POSITIONS, TAPS } from "./patches.js";

export const positionsOf = (kind: NetworkKind): number => (kind === "dense" ? 1 : POSITIONS);

/** What of a network its weights depend on. */
export type LayerShape = Pick<Spec, "kind" | "width">;

export const inputsOf = ({ kind, width }: LayerShape): number => (kind === "convolution" ? TAPS * width : width);

/** Of all that a run keeps. */
export const bytesOf = (spec: Spec, columns: number): number =>
  (matricesOf(spec) + (spec.kind === "convolution" ? TAPS : 0) + 2) * bytesOfMatrix(spec.width, columns) +
  4 * spec.width * inputsOf(spec) +
  BYTES_BESIDES;

/** The weights of a layer: their shape as the scheme has it, which axis comes first, and what they are drawn from. */
export interface LayerWeights {
  readonly shape: readonly number[];
  readonly outFirst: boolean;
  readonly distribution: Distribution;
}

/** @throws RangeError for a scheme that cannot take the layer's shape. */
export function weightsOf(scheme: Scheme, { kind, width }: LayerShape): LayerWeights {
  const layout = "layout" in scheme ? scheme.layout : undefined;
  const outFirst = (layout ?? defaultLayout(scheme.scheme)) === "oi";
  const convolution = outFirst ? [width, width, TAPS] : [TAPS, width, width];
  const shape = kind === "convolution" ? convolution : [width, width];
  try {
    return { shape, outFirst, distribution: resolve(shape, scheme) };
  } catch (error) {
    const message = `scheme: expected one that a layer of shape [${shape.join(", ")}] takes: ${(error as Error).message}`;
    throw new RangeError(message, { cause: error });
  }
}

/** The variance of a weight times its fan in; undefined where weights are not random with mean 0. */
export function weightVariance({ distribution: all }: LayerWeights, layer: LayerShape): number | undefined {
  const [distribution, ...others] = partsOf(all);
  if (distribution === undefined || others.length > 0) return undefined;
  const variance = inputsOf(layer) * rmsOf(distribution) * rmsOf(distribution);
  if (isStructured(distribution)) return distribution.kind === "orthogonal" ? variance : undefined;
  return meanOf(distribution) === 0 ? variance : undefined;
}
