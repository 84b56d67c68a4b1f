/** What is audited: the tensors of a checkpoint, and what each of them should have been drawn from. */
import { show } from "../check.js";
import { RECORD } from "../checkpoint/safetensors.js";
import type { Distribution } from "../distribution.js";
import type { Checkpoint, StoredTensor } from "../file/checkpoint.js";
import type { Model, Plan, PlannedModel } from "../model/model.js";
import { planModel } from "../model/plan.js";
import { resolve, scheme } from "../scheme/scheme.js";

export interface Subject {
  readonly stored: StoredTensor;
  /** What it should be; nothing where nothing is known. */
  readonly distribution: Distribution | undefined;
  /** The index of the rule that says so. */
  readonly rule?: number;
}

export interface Subjects {
  readonly tensors: readonly Subject[];
  /** Tensors that should be there and are not. */
  readonly missing: readonly string[];
}

/** Nothing is known: only what no initialization does is found. */
export const unplanned = ({ tensors }: Checkpoint): Subjects => ({
  tensors: tensors.map((stored) => ({ stored, distribution: undefined })),
  missing: [],
});

/**
 * By a plan, which decides every tensor of the file, with what a config says of them.
 *
 * @throws what `planModel` throws.
 */
export function byPlan(checkpoint: Checkpoint, model: Model, plan: Plan): Subjects {
  return { tensors: planned(checkpoint, planModel(model, plan)), missing: [] };
}

/** By a config: the tensors that it describes are decided by its plan, others are of no law. */
export function byConfig(checkpoint: Checkpoint, config: Model): Subjects {
  const stored = new Set(checkpoint.tensors.map(({ name }) => name));
  const missing = config.tensors.map(({ name }) => name).filter((name) => !stored.has(name));
  return { tensors: planned(checkpoint, planModel(config)), missing };
}

function planned({ tensors }: Checkpoint, model: PlannedModel): Subject[] {
  const known = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  return tensors.map((stored) => {
    const tensor = known.get(stored.name); // none that is left out, or that the config does not know
    if (tensor === undefined) return { stored, distribution: undefined };
    if (String(tensor.shape) !== String(stored.shape)) {
      const shapes = `[${tensor.shape.join(", ")}], got [${stored.shape.join(", ")}]`;
      throw new RangeError(`${show(stored.name)}: the config has shape ${shapes}`);
    }
    const { rule } = tensor;
    return { stored, distribution: tensor.distribution, ...(rule !== undefined && { rule }) };
  });
}

export const isRecorded = ({ shards }: Checkpoint): boolean =>
  shards.some(({ metadata }) => metadata[RECORD.schemes] !== undefined);

/** By the schemes that the file records of itself. */
export function byRecord({ shards, tensors }: Checkpoint): Subjects {
  const stored = new Set(tensors.map(({ name }) => name));
  const schemes = new Map(shards.flatMap(({ metadata }) => Object.entries(recorded(metadata))));
  return {
    tensors: tensors.map((stored) => {
      const json = schemes.get(stored.name);
      if (json === undefined) return { stored, distribution: undefined };
      try {
        return { stored, distribution: resolve(stored.shape, scheme(json)) };
      } catch (error) {
        throw new RangeError(`${RECORD.schemes}, ${show(stored.name)}: ${(error as Error).message}`, { cause: error });
      }
    }),
    missing: [...schemes.keys()].filter((name) => !stored.has(name)),
  };
}

function recorded(metadata: Readonly<Record<string, string>>): object {
  try {
    return Object(JSON.parse(metadata[RECORD.schemes] ?? "{}"));
  } catch (error) {
    throw new TypeError(`${RECORD.schemes}: ${(error as Error).message}`, { cause: error });
  }
}
