/** What `recommend` returns, and the words of its options. */

import type { Layout } from "../../scheme/fans.js";
import type { Activation } from "../../scheme/gain.js";
import type { Scheme } from "../../scheme/options.js";
import { aliased } from "../../spelling.js";

/** A recommended scheme, and why. */
export interface Recommendation {
  /** The scheme. */
  readonly scheme: Scheme;
  /** Why it suits the layer, in one to three sentences; and what it cannot mend, with the number. */
  readonly reason: string;
  /** Where it was published: authors, title, year, and the section if it stands in one place. */
  readonly source: string;
}

/** `layer`: layer normalization; `rms`: RMS normalization; `batch`: batch normalization. */
export type Normalization = "none" | "layer" | "rms" | "batch";
export const NORMALIZATIONS: readonly Normalization[] = aliased(["none", "layer", "rms", "batch"], {
  ...{ layer: "layernorm", rms: "rmsnorm", batch: "batchnorm" },
});

/**
 * A gated unit: a(x) f(b(x)), with f the sigmoid (`glu`: Dauphin et al. 2017), silu, gelu or relu (Shazeer 2020). Its two
 * factors come from projections of their own, here called up and gate.
 */
export type GatedUnit = "glu" | "swiglu" | "geglu" | "reglu";
export const GATES: Readonly<Record<GatedUnit, Activation>> = {
  glu: "sigmoid",
  swiglu: "silu",
  geglu: "gelu",
  reglu: "relu",
};
export const GATED_UNITS = Object.keys(GATES) as readonly GatedUnit[];

/** What surrounds a layer, and so decides its scheme. */
export interface LayerContext {
  /** The activation function; for a gated unit, the function f of its gate. */
  readonly activation: Activation;
  /** The gated unit, if the activation function is one. */
  readonly gated: GatedUnit | undefined;
  readonly slope: number | undefined;
  readonly layout: Layout;
  readonly normalization: Normalization;
}
