/** The flags of `nn-init lab`, parsed. */
import type { EngineName } from "../engine/engine.js";
import type { NetworkKind, NormalizationPlace } from "../lab/network.js";
import type { Normalization } from "../recipes/recommend.js";
import type { Activation } from "../scheme/gain.js";
import type { Scheme } from "../scheme/options.js";

export interface LabFlags {
  readonly network: NetworkKind;
  readonly depth: number;
  readonly width: number;
  readonly samples?: number;
  readonly activation: Activation;
  readonly formula?: string;
  readonly slope?: number;
  readonly scheme?: Scheme;
  readonly residual?: boolean;
  readonly normalization: Normalization;
  readonly normalizationAt: NormalizationPlace;
  readonly biasVariance: number;
  readonly branchScale: number;
  readonly seeds: number;
  readonly seed: number;
  readonly recommendation: boolean;
  readonly engine: EngineName | "auto";
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly open?: boolean;
  readonly port?: number;
}
