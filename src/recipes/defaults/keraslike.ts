/** What Keras, Flax and TensorFlow.js have in common: weights called kernels, inputs first, and biases of 0. */

import { orthogonal } from "../../scheme/named.js";
import type { Scheme } from "../../scheme/options.js";
import { type FrameworkLayers, type LayerWeight, type RecurrentShape, zeroBias } from "./layer.js";

/** What such a framework has of its own. */
interface KerasLike extends Pick<FrameworkLayers, "embedding" | "recurrent" | "normalization"> {
  /** The scheme of dense kernels, and that of a convolution's. */
  readonly dense: Scheme;
  readonly convolution: Scheme;
  /** What it calls the last projection of attention. */
  readonly output: string;
}

/** The layers of such a framework. */
export function kerasLike({ dense, convolution, output, ...own }: KerasLike): FrameworkLayers {
  return {
    ...own,
    dense: ({ in: inputs, out }) => ({ kernel: { shape: [inputs, out], scheme: dense }, bias: zeroBias([out]) }),
    convolution: ({ in: inputs, out, kernel, groups }) => ({
      kernel: { shape: [...kernel, inputs / groups, out], scheme: convolution },
      bias: zeroBias([out]),
    }),
    attention({ width, heads }) {
      const size = width / heads;
      const { layout: _, ...options } = dense as { layout?: unknown };
      const from = { ...options, axes: { in: 0, out: [1, 2] } } as unknown as Scheme;
      const to = { ...options, axes: { in: [0, 1], out: 2 } } as unknown as Scheme;
      const each = (name: string) => ({
        [`${name}.kernel`]: { shape: [width, heads, size], scheme: from },
        [`${name}.bias`]: zeroBias([heads, size]),
      });
      return {
        ...each("query"),
        ...each("key"),
        ...each("value"),
        [`${output}.kernel`]: { shape: [heads, size, width], scheme: to },
        [`${output}.bias`]: zeroBias([width]),
      };
    },
  };
}

/** A recurrent layer whose gates are packed in one kernel. */
export function kerasCell(dense: Scheme, bias: (shape: RecurrentShape, gates: number) => LayerWeight): Recurrent {
  return (shape, gates) => ({
    kernel: { shape: [shape.in, gates * shape.hidden], scheme: dense },
    recurrent_kernel: { shape: [shape.hidden, gates * shape.hidden], scheme: orthogonal() },
    bias: bias(shape, gates),
  });
}

type Recurrent = FrameworkLayers["recurrent"];
