/** A served model under its name, with the checkpoints that requests ask for. */
import { show } from "../check.js";
import { digestOf } from "../checkpoint/digest.js";
import { DrawnFiles } from "../checkpoint/drawn.js";
import { type Bounded, keptFor } from "../checkpoint/kept.js";
import { filesByRuntime } from "../checkpoint/layout.js";
import { elementsOfWhole } from "../computed/computed.js";
import type { DType } from "../dtype.js";
import { servedDrawer } from "../engine/served.js";
import { bytesOf, type ElementType } from "../model/element.js";
import type { Parse } from "../model/expression.js";
import type { Model, Plan, PlannedModel } from "../model/model.js";
import { planInCode } from "../model/plan.js";
import { typesOf } from "../model/types.js";
import { sizeOf } from "../shape.js";
import type { Seed } from "../stream.js";
import { Failure } from "./failure.js";
import { type Commit, commitOf, commitText, type Revision, revisionOf } from "./revision.js";
import { Snapshot } from "./snapshot.js";

/** A model that a router serves. */
export interface ServedModel {
  /** Its config.json, parsed. It is served as it is. */
  readonly config: object;
  /** The model of the config, from `modelOf`, if its architecture is not built in. Default: found by the config. */
  readonly model?: Model | undefined;
  /** Which scheme each tensor starts from. Default: the model's own plan. */
  readonly plan?: Plan | undefined;
  /** Other plans, by the name that a revision gives: `seed-42.plan-wide`. */
  readonly plans?: Readonly<Record<string, Plan>> | undefined;
}

/** What a router allows. */
export interface Limits {
  readonly seed: Seed | undefined;
  readonly dtype: DType | undefined;
  readonly maxShardBytes: number;
  readonly maxConcurrent: number;
  readonly maxTensors: number;
  readonly maxWholeBytes: number;
  /** The notation of expressions in plans that nobody checked. */
  readonly parse: Parse;
  /** Whole tensors of all checkpoints. */
  readonly kept: Bounded;
}

const MOST_CHECKPOINTS = 8; // that a model keeps

/** A model under its name, with its checkpoints of all seeds. */
export class Repository {
  readonly #served: ServedModel;
  readonly #limits: Limits;
  readonly #checkpoints = new Map<string, Promise<Snapshot>>(); // by commit; the one that was used last is the last
  readonly #fingerprints = new Map<string | undefined, string>(); // by the plan's name
  readonly #planned: Map<Plan | undefined, PlannedModel>; // for all seeds

  constructor(
    readonly name: string,
    served: ServedModel,
    readonly model: Model,
    limits: Limits,
    planned: Map<Plan | undefined, PlannedModel>,
  ) {
    this.#served = served;
    this.#limits = limits;
    this.#planned = planned;
  }

  /**
   * The checkpoint of a revision: `main`, a name such as `seed-42.bf16`, or a commit.
   *
   * @throws Failure if there is none.
   */
  async at(text: string): Promise<Snapshot> {
    const { commit, plan } = await this.#commitOf(text);
    const sha = commitText(commit);
    const snapshot = this.#checkpoints.get(sha) ?? this.#made(commit, plan, sha);
    this.#checkpoints.delete(sha);
    this.#checkpoints.set(sha, snapshot);
    for (const [oldest] of this.#checkpoints) {
      if (this.#checkpoints.size <= MOST_CHECKPOINTS) break;
      this.#checkpoints.delete(oldest);
    }
    return snapshot;
  }

  /** What a revision says, and its plan. */
  async #commitOf(text: string): Promise<{ readonly commit: Commit; readonly plan: Plan | undefined }> {
    const { seed, dtype, maxShardBytes } = this.#limits;
    const commit = commitOf(text);
    if (commit !== undefined) {
      const found = await this.#planOf(commit.fingerprint);
      if (found === undefined) throw this.#none(text, "its model or plan is not served any more");
      if (commit.maxShardBytes > maxShardBytes) throw this.#none(text, `its files may exceed ${maxShardBytes} bytes`);
      return { commit, plan: found[0] };
    }
    if (text === "main" && seed === undefined) throw this.#none(text, "this server has no seed of its own");
    const main: Revision = { seed: seed ?? 0, dtype, maxShardBytes, plan: undefined };
    const revision = text === "main" ? main : revisionOf(text);
    if (revision === undefined)
      throw this.#none(
        text,
        "expected main, a commit, or a seed with at most one dtype, size and plan (seed-42.bf16.200MB.plan-name)",
      );
    const { plan: own, plans = {} } = this.#served;
    if (revision.plan !== undefined && !Object.hasOwn(plans, revision.plan)) {
      throw this.#none(text, `there is no plan ${show(revision.plan)}; there are ${show(Object.keys(plans))}`);
    }
    const named = {
      seed: revision.seed,
      dtype: revision.dtype ?? dtype,
      maxShardBytes: Math.min(maxShardBytes, revision.maxShardBytes ?? maxShardBytes),
      fingerprint: await this.#fingerprintOf(revision.plan),
    };
    return { commit: named, plan: revision.plan === undefined ? own : plans[revision.plan] };
  }

  #none = (text: string, why: string): Failure =>
    new Failure("RevisionNotFound", `${this.name} has no revision ${show(text)}: ${why}. Ask for one such as seed-42`);

  /** What identifies the model and a plan: the beginning of a hash. */
  async #fingerprintOf(plan: string | undefined): Promise<string> {
    const known = this.#fingerprints.get(plan);
    if (known !== undefined) return known;
    const { config, model, plan: own, plans = {} } = this.#served;
    const made = model === undefined ? [] : [model.tensors, model.plan]; // by an architecture that the config does not say
    const text = JSON.stringify([this.name, config, plan === undefined ? own : plans[plan], ...made]);
    const fingerprint = (await digestOf(new TextEncoder().encode(text))).slice(0, 8);
    this.#fingerprints.set(plan, fingerprint);
    return fingerprint;
  }

  /** The plan of a fingerprint, in a list of one, since it may be the model's own. */
  async #planOf(fingerprint: string): Promise<readonly [Plan | undefined] | undefined> {
    const { plan: own, plans = {} } = this.#served;
    if ((await this.#fingerprintOf(undefined)) === fingerprint) return [own];
    for (const [name, plan] of Object.entries(plans))
      if ((await this.#fingerprintOf(name)) === fingerprint) return [plan];
    return undefined;
  }

  /** A new snapshot, which is forgotten if it fails. By then another one may be kept for its commit. */
  #made(commit: Commit, plan: Plan | undefined, sha: string): Promise<Snapshot> {
    const snapshot = this.#snapshot(commit, plan, sha);
    snapshot.catch(() => {
      if (this.#checkpoints.get(sha) === snapshot) this.#checkpoints.delete(sha);
    });
    return snapshot;
  }

  async #snapshot(commit: Commit, plan: Plan | undefined, sha: string): Promise<Snapshot> {
    const checkpoint = await this.#checkpoint(commit, plan, sha);
    return new Snapshot(sha, this.name, this.#served.config, this.model, checkpoint);
  }

  async #checkpoint({ seed, dtype, maxShardBytes }: Commit, plan: Plan | undefined, sha: string): Promise<DrawnFiles> {
    const planned = this.#planned.get(plan) ?? planInCode(this.model, plan, this.#limits.parse);
    this.#planned.set(plan, planned);
    try {
      const types = typesOf(planned, dtype);
      checkBytes(planned, types, this.#limits);
      const kept = keptFor(this.#limits.kept, sha);
      return new DrawnFiles(seed, await filesByRuntime(planned, types, { seed, maxShardBytes }), servedDrawer(), kept);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // the runtime's, not the revision's
      throw new Failure("RevisionNotFound", error.message);
    }
  }
}

/** @throws Failure for a tensor of which a range, or the smallest file with it, costs too much. */
function checkBytes({ tensors }: PlannedModel, types: readonly ElementType[], limits: Limits): void {
  for (const [i, { name, shape, distribution }] of tensors.entries()) {
    const check = (part: string, count: number, option: "maxShardBytes" | "maxWholeBytes") => {
      const bytes = count * bytesOf(types[i] as ElementType);
      if (bytes <= limits[option]) return;
      const what = `a ${part} of ${show(name)} (${distribution.kind}) costs its ${bytes} bytes`;
      throw new Failure("BadRequest", `${what}, more than ${option}, ${limits[option]}`);
    };
    const size = sizeOf(shape);
    check("file", size, "maxShardBytes");
    check("range", elementsOfWhole(distribution, size), "maxWholeBytes");
  }
}
