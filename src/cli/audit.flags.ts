/** The options of `nn-init audit`, and what they choose. */
import type { Expected } from "../audit/result.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";

export interface AuditFlags {
  readonly plan?: readonly string[];
  readonly config?: string;
  readonly architecture?: readonly string[];
  readonly spectral?: boolean;
  readonly reproduce?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

/** What is audited, and what is expected of it. */
export interface Audited {
  readonly source: { readonly path: string; readonly checkpoint: StoredCheckpoint };
  readonly expected: Expected;
}
