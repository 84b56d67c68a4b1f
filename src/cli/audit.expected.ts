/** What `nn-init audit` expects of a file by a plan or a config. */
import { byConfig, byPlan } from "../audit/planned.js";
import { byOwnRecord, type Expected } from "../audit/result.js";
import { type Subjects, unplanned } from "../audit/subject.js";
import { withConfig } from "../checkpoint/model.js";
import { inFile } from "../checkpoint/place.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import { type ModelSource, readArchitectures, readConfig, readPlans, readStored } from "../file/read.js";
import type { Model } from "../model/model.js";
import type { Audited, AuditFlags } from "./audit.flags.js";
import { warnOfUnknownFields } from "./choose.js";
import type { Io } from "./io.js";

type StoredSource = ModelSource & { readonly checkpoint: StoredCheckpoint };

export function auditedByPlan(path: string, flags: AuditFlags, io: Io): Audited {
  const source = readStored(path, readArchitectures(flags.architecture));
  return { source, expected: expectations(source, flags, io) };
}

/** From the plan or config that is named, else from the file's own record, else from the config beside it. */
function expectations(source: StoredSource, { plan, config, architecture }: AuditFlags, io: Io): Expected {
  const { path, model, checkpoint, siblingConfig } = source;
  const named = config === undefined ? undefined : readConfig(config, readArchitectures(architecture));
  if (plan !== undefined) {
    const known = named === undefined ? model : withConfig(model, named, path);
    warnOfUnknownFields(known, io);
    const rules = readPlans(plan, known);
    const from = plan.join(", ");
    return { from, subjects: inFile(from, () => byPlan(checkpoint, known, rules)) };
  }
  if (named !== undefined && named.plan === undefined) {
    throw new Error(`${config}: "${named.name}" is not known, so --plan is required`);
  }
  const by = (from: string, make: () => Subjects) => ({ from, subjects: inFile(path, make) });
  const byModel = (from: string, expected: Model) => {
    warnOfUnknownFields(expected, io);
    return by(from, () => byConfig(checkpoint, expected));
  };
  if (named !== undefined) return byModel(config as string, named);
  const recorded = byOwnRecord(path, checkpoint);
  if (recorded !== undefined) return recorded;
  if (siblingConfig?.plan !== undefined) return byModel("the config beside it", siblingConfig);
  return by("nothing", () => unplanned(checkpoint));
}
