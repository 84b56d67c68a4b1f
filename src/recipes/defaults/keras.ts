/** Keras (August 2026). */
import { glorotUniform } from "../../scheme/named.js";
import { forgetBias } from "../recurrent.js";
import { kerasCell, kerasLike } from "./keraslike.js";
import { uniformWithin, zeroBias } from "./layer.js";

export const keras = kerasLike({
  dense: glorotUniform(),
  convolution: glorotUniform({ compat: "keras" }),
  embedding: ({ count, width }) => ({
    embeddings: { shape: [count, width], scheme: uniformWithin(0.05) },
  }),
  recurrent: kerasCell(glorotUniform(), ({ cell, hidden }, gates) => {
    if (cell === "lstm") return { shape: [4 * hidden], scheme: forgetBias({ order: "keras" }) };
    return zeroBias(cell === "gru" ? [2, 3 * hidden] : [gates * hidden]); // a GRU's are of the inputs and of the state
  }),
  output: "attention_output",
  normalization: ["gamma", "beta"],
});
