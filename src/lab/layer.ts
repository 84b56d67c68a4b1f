/** The weights that a scheme gives a layer, and the memory of a network. */
import { type Distribution, isStructured, partsOf } from "../distribution.js";
import { BYTES_BESIDES, bytesOfMatrix } from "../engine/product.js";
import { meanOf, rmsOf } from "../moments.js";
import type { Scheme } from "../scheme/options.js";
import { defaultLayout, resolve } from "../scheme/scheme.js";
import { matricesOf, type NetworkKind, type NetworkShape } from "./network.js";
import { POSITIONS, TAPS } from "./patches.js";

/** Columns of a sample. */
export const positionsOf = (kind: NetworkKind): number => (kind === "dense" ? 1 : POSITIONS);

/** What the weights of a layer depend on. */
type LayerShape = Pick<NetworkShape, "kind" | "width">;

/** The fan in of a layer. */
export const inputsOf = ({ kind, width }: LayerShape): number => (kind === "convolution" ? TAPS * width : width);

/** Bytes of everything that an instance of a network keeps. */
export const networkBytes = (shape: NetworkShape, columns: number): number =>
  (matricesOf(shape) + (shape.kind === "convolution" ? TAPS : 0) + 2) * bytesOfMatrix(shape.width, columns) +
  4 * shape.width * (inputsOf(shape) + 1) +
  BYTES_BESIDES;

/** What the weights of a layer are drawn from. */
export interface WeightsSpec {
  /** In the layout of the scheme. */
  readonly shape: readonly number[];
  /** Whether the output axis comes first. */
  readonly outFirst: boolean;
  readonly distribution: Distribution;
}

/** @throws RangeError for a scheme that cannot take the layer's shape. */
export function weightsOf(scheme: Scheme, { kind, width }: LayerShape): WeightsSpec {
  const layout = "layout" in scheme ? scheme.layout : undefined;
  const outFirst = (layout ?? defaultLayout(scheme.scheme)) === "oi";
  const convolution = outFirst ? [width, width, TAPS] : [TAPS, width, width];
  const shape = kind === "convolution" ? convolution : [width, width];
  try {
    return { shape, outFirst, distribution: resolve(shape, scheme) };
  } catch (error) {
    const message = `scheme: expected one for a layer of shape [${shape.join(", ")}]: ${(error as Error).message}`;
    throw new RangeError(message, { cause: error });
  }
}

/** The variance of a weight times its fan in; undefined unless the weights are random with mean 0. */
export function weightVariance({ distribution: whole }: WeightsSpec, layer: LayerShape): number | undefined {
  const [distribution, ...others] = partsOf(whole);
  if (distribution === undefined || others.length > 0) return undefined;
  const variance = inputsOf(layer) * rmsOf(distribution) * rmsOf(distribution);
  if (isStructured(distribution)) return distribution.kind === "orthogonal" ? variance : undefined;
  return meanOf(distribution) === 0 ? variance : undefined;
}
