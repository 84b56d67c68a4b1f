/** What a plan, or a model of a config, expects of a checkpoint. Reading plans takes much code, so it is apart from records. */
import { show } from "../check.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import { namedAs } from "../model/memory.js";
import type { Model, Plan, PlannedModel } from "../model/model.js";
import { planModel } from "../model/parse.js";
import { expectedOf, type Subject, type Subjects } from "./subject.js";

/**
 * Expectations from a plan, which must decide every tensor of the file; the model adds what a config says of them.
 *
 * @throws what `planModel` throws.
 */
export function byPlan(checkpoint: StoredCheckpoint, model: Model, plan: Plan): Subjects {
  return { tensors: planned(checkpoint, planModel(model, plan)), missing: [] };
}

/** Expectations from a model that was planned: every tensor of it should be in the file. */
export function byPlanned(checkpoint: StoredCheckpoint, model: PlannedModel): Subjects {
  const stored = new Set(checkpoint.tensors.map(({ name }) => name));
  const missing = model.tensors.map(({ name }) => name).filter((name) => !stored.has(name));
  return { tensors: planned(checkpoint, model), missing };
}

/**
 * Expectations from a config and its own plan, by the names that are saved or by those in memory, whichever the file has.
 * Nothing is known of tensors that the config does not describe.
 */
export function byConfig(checkpoint: StoredCheckpoint, given: Model): Subjects {
  const stored = new Set(checkpoint.tensors.map(({ name }) => name));
  const config = namedAs(given, stored);
  const missing = config.tensors.map(({ name }) => name).filter((name) => !stored.has(name));
  const tensors = planned(checkpoint, planModel(config)).map((subject) => {
    const { name } = subject.stored;
    // The model of a config does not list tied tensors, but a file may store them a second time.
    if (subject.distribution !== undefined || subject.computed !== undefined || !Object.hasOwn(config.tied, name))
      return subject;
    return { ...subject, copyOf: config.tied[name] as string };
  });
  return { tensors, missing };
}

function planned({ tensors }: StoredCheckpoint, model: PlannedModel): Subject[] {
  const known = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  return tensors.map((stored) => {
    const tensor = known.get(stored.name); // undefined if it is left out of the plan, or not in the config
    if (tensor === undefined) return { stored, distribution: undefined };
    if (String(tensor.shape) !== String(stored.shape)) {
      const shapes = `[${tensor.shape.join(", ")}], got [${stored.shape.join(", ")}]`;
      throw new RangeError(`${show(stored.name)}: the config has shape ${shapes}`);
    }
    const { rule, copyOf, distribution } = tensor;
    return { stored, ...expectedOf(distribution, copyOf), ...(rule !== undefined && { rule }) };
  });
}
