/** Keras (August 2026). */
import { glorotUniform } from "../../scheme/named.js";
import { kerasCell, kerasLike } from "./keraslike.js";
import { uniformWithin } from "./layer.js";

export const keras = kerasLike(
  "keras",
  glorotUniform(),
  glorotUniform({ compat: "keras" }),
  ({ count, width }) => ({
    embeddings: { shape: [count, width], scheme: uniformWithin(0.05) },
  }),
  kerasCell(glorotUniform(), true),
);
