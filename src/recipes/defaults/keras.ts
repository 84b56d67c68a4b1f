/** Keras (August 2026). */
import { glorotUniform } from "../../scheme/scheme.js";
import { kerasCell, kernels } from "./kernels.js";
import { within } from "./layer.js";

export const keras = kernels(
  "keras",
  glorotUniform(),
  glorotUniform({ compat: "keras" }),
  ({ count, width }) => ({
    embeddings: { shape: [count, width], scheme: within(0.05) },
  }),
  kerasCell(glorotUniform(), true),
);
