/** Flax linen (July 2026). */

import { lecunNormal, normal, orthogonal } from "../../scheme/named.js";
import type { Scheme } from "../../scheme/options.js";
import { kerasLike } from "./keraslike.js";
import { type FrameworkLayers, zeroBias } from "./layer.js";

const FLAX_GATES = { rnn: [""], lstm: ["i", "f", "g", "o"], gru: ["r", "z", "n"] } as const;

/** A dense layer for each gate. Biases belong to h in an LSTM, to i in an RNN, and to i and hn in a GRU. */
function flaxCell(dense: Scheme): FrameworkLayers["recurrent"] {
  return ({ cell, in: inputs, hidden }) =>
    Object.fromEntries(
      FLAX_GATES[cell].flatMap((gate) =>
        [
          { name: `i${gate}`, rows: inputs, scheme: dense, biased: cell !== "lstm" },
          { name: `h${gate}`, rows: hidden, scheme: orthogonal(), biased: cell === "lstm" || gate === "n" },
        ].flatMap(({ name, rows, scheme, biased }) => [
          [`${name}.kernel`, { shape: [rows, hidden], scheme }] as const,
          ...(biased ? [[`${name}.bias`, zeroBias([hidden])] as const] : []),
        ]),
      ),
    );
}

export const flax = kerasLike({
  dense: lecunNormal(),
  convolution: lecunNormal({ compat: "jax" }),
  embedding: ({ count, width }) => ({
    embedding: { shape: [count, width], scheme: normal({ std: 1 / Math.sqrt(width) }) },
  }),
  recurrent: flaxCell(lecunNormal()),
  output: "out",
  normalization: ["scale", "bias"],
});
