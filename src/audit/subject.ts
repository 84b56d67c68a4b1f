/** What is audited: the tensors of a checkpoint, and what each of them should have been drawn from, as far as no plan says it. */
import { show } from "../check.js";
import { recordedTensor, schemesOf } from "../checkpoint/record.js";
import { RECORD } from "../checkpoint/safetensors.js";
import type { StoredCheckpoint, StoredTensor } from "../checkpoint/stored.js";
import { type Computed, isComputed, type ModelDistribution } from "../computed/computed.js";
import { deriveModel } from "../computed/scheme.js";
import type { Distribution } from "../distribution.js";

export interface Subject {
  readonly stored: StoredTensor;
  /** The distribution it should have; undefined if nothing is known. */
  readonly distribution: Distribution | undefined;
  /** The name of the tensor that it should be a copy of, if it is one; then it has no distribution of its own. */
  readonly copyOf?: string;
  /** How its values should be computed, if they are; then it has no distribution. */
  readonly computed?: Computed;
  /** Index of the rule that says so. */
  readonly rule?: number;
}

export interface Subjects {
  readonly tensors: readonly Subject[];
  /** Names of tensors that should be in the file and are not. */
  readonly missing: readonly string[];
}

/** Nothing is known of the tensors: the audit finds only what no initialization produces. */
export const unplanned = ({ tensors }: StoredCheckpoint): Subjects => ({
  tensors: tensors.map((stored) => ({ stored, distribution: undefined })),
  missing: [],
});

/** What a tensor of a distribution, or a copy, should be. */
export const expectedOf = (distribution: ModelDistribution, copyOf?: string): Omit<Subject, "stored" | "rule"> => {
  if (copyOf !== undefined) return { distribution: undefined, copyOf };
  return isComputed(distribution) ? { distribution: undefined, computed: distribution } : { distribution };
};

/** Whether the file records its schemes. */
export const isRecorded = ({ shards }: StoredCheckpoint): boolean =>
  shards.some(({ metadata }) => metadata[RECORD.schemes] !== undefined);

/** Expectations from the schemes that the file records in its metadata. */
export function byRecord({ shards, tensors }: StoredCheckpoint): Subjects {
  const stored = new Set(tensors.map(({ name }) => name));
  const byFile = new Map(shards.map(({ path, metadata }) => [path, recorded(metadata)]));
  const records = new Map([...byFile.values()].flatMap((each) => [...each]));
  return {
    tensors: tensors.map((stored) => {
      const record = byFile.get(stored.path)?.get(stored.name) ?? records.get(stored.name);
      return record === undefined ? { stored, distribution: undefined } : recordedSubject(stored, record);
    }),
    missing: [...records.keys()].filter((name) => !stored.has(name)),
  };
}

const recorded = (metadata: Readonly<Record<string, string>>): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(schemesOf(metadata[RECORD.schemes] ?? "{}")));

function recordedSubject(stored: StoredTensor, record: unknown): Subject {
  try {
    const { scheme, copyOf } = recordedTensor(record);
    return { stored, ...expectedOf(deriveModel(stored.shape, scheme).distribution, copyOf) };
  } catch (error) {
    throw new RangeError(`${RECORD.schemes}, ${show(stored.name)}: ${(error as Error).message}`, { cause: error });
  }
}
