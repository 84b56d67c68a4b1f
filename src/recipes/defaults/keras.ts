/** Keras (August 2026). */
import { glorotUniform } from "../../scheme/named.js";
import { kerasCell, kerasLike } from "./keraslike.js";
import { uniformWithin } from "./layer.js";

export const keras = kerasLike({
  dense: glorotUniform(),
  convolution: glorotUniform({ compat: "keras" }),
  embedding: ({ count, width }) => ({
    embeddings: { shape: [count, width], scheme: uniformWithin(0.05) },
  }),
  recurrent: kerasCell(glorotUniform(), true),
  output: "output",
  normalization: ["gamma", "beta"],
});
