/** Models under the paths of the Hugging Face Hub, so that its clients load them without knowing of nn-init. */
import { knownModelOf } from "../architecture/known.js";
import { checkCount, checkOptions, checkPositive, show, wrongType, wrongValue } from "../check.js";
import { type Checkpoint, checkpointOf, MAX_SHARD_BYTES } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { hashOf } from "../checkpoint/hash.js";
import { INDEX_NAME, indexText } from "../checkpoint/indexed.js";
import { type Bounded, KeptWithin, keptFor } from "../checkpoint/kept.js";
import { storedAs } from "../checkpoint/safetensors.js";
import { isWhole } from "../distribution.js";
import { checkDType, type DType } from "../dtype.js";
import { engine } from "../engine/choose.js";
import { bytesOf } from "../model/element.js";
import { rangeError } from "../model/fault.js";
import type { Model, Plan } from "../model/model.js";
import { checkPlan, planBy } from "../model/plan.js";
import { typesOf } from "../model/types.js";
import { sizeOf } from "../shape.js";
import { checkSeed, type Seed } from "../stream.js";
import { Failure } from "./failure.js";
import { fileResource, textResource } from "./files.js";
import type { Resource } from "./resource.js";
import { type Commit, commitOf, commitText, type Revision, revisionOf } from "./revision.js";

/** A model that a router serves. */
export interface ServedModel {
  /** Its config.json, parsed. It is served as it is. */
  readonly config: object;
  /** Which scheme each tensor starts from. Default: the model's own plan. */
  readonly plan?: Plan | undefined;
  /** Other plans, by the name that a revision gives: `seed-42.plan-wide`. */
  readonly plans?: Readonly<Record<string, Plan>> | undefined;
}

/** The options of `router`. */
export interface RouterOptions {
  /** The models, by name: `owner/name`, or a name alone. */
  readonly models: Readonly<Record<string, ServedModel>>;
  /** The seed of the revision `main`. Default: there is no such revision, and clients name one, such as `seed-42`. */
  readonly seed?: Seed | undefined;
  /** Element type where a revision names none. Default: the tensors' own, else the config's, else f32. */
  readonly dtype?: DType | undefined;
  /**
   * The most bytes of tensors in a file. A revision may ask for less. Default 5e9. It bounds what one request costs: clients
   * read whole files, so an answer is never shortened.
   */
  readonly maxShardBytes?: number | undefined;
  /** The most requests whose answers are being sent at once; others are answered with 503. Default 256. */
  readonly maxConcurrent?: number | undefined;
  /** The most tensors of a model. Default 100,000. */
  readonly maxTensors?: number | undefined;
  /** The most bytes of a tensor of which a range costs the whole, such as an orthogonal one. Default 2^24. */
  readonly maxWholeBytes?: number | undefined;
}

/** Models that requests find by their path; made by `router`. */
export interface Router {
  /** @internal */
  readonly table: Table;
}

const KEYS = ["models", "seed", "dtype", "maxShardBytes", "maxConcurrent", "maxTensors", "maxWholeBytes"];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?$/;
/** Python's client and aiohttp refuse larger files over plain HTTP. */
const MOST_SHARD = 50e9;

/**
 * Serves models under the paths of the Hugging Face Hub. Nothing is stored: what a request asks for is drawn.
 *
 * @param options models, the seed of `main`, and limits.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { respond, router } from "nn-init/serve";
 *
 * const config = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 32, vocab_size: 100 };
 * const models = router({ models: { "nn-init/tiny": { config } } });
 * const url = "http://localhost/nn-init/tiny/resolve/seed-42/model.safetensors";
 * const response = await respond(new Request(url, { headers: { Range: "bytes=0-7" } }), models);
 * console.log(response.status, response.headers.get("content-range")); // 206 bytes 0-7/438592
 * ```
 */
export function router(options: RouterOptions): Router {
  checkOptions("options", options, KEYS);
  const { models, seed, dtype, maxShardBytes, maxConcurrent, maxTensors, maxWholeBytes } = options ?? {};
  if (typeof models !== "object" || models === null) throw wrongType("models", "an object of models by name", models);
  const most = maxShardBytes === undefined ? MAX_SHARD_BYTES : checkPositive("maxShardBytes", maxShardBytes);
  if (most > MOST_SHARD) throw wrongValue("maxShardBytes", `at most ${MOST_SHARD}, which clients take`, most);
  const limits: Limits = {
    seed: seed === undefined ? undefined : checkSeed(seed),
    dtype: dtype === undefined ? undefined : checkDType(dtype),
    maxShardBytes: most,
    maxConcurrent: maxConcurrent === undefined ? 256 : checkCount("maxConcurrent", maxConcurrent),
    maxTensors: maxTensors === undefined ? 100_000 : checkCount("maxTensors", maxTensors),
    ...wholeLimits(maxWholeBytes === undefined ? 0x1000000 : checkCount("maxWholeBytes", maxWholeBytes)),
  };
  const table = new Map<string, Repository>();
  for (const [name, served] of Object.entries(models)) {
    if (!NAME.test(name)) throw wrongValue("models", "names such as owner/name, of letters, digits, . _ and -", name);
    checkOptions(`models[${show(name)}]`, served, ["config", "plan", "plans"]);
    const model = read(`models[${show(name)}].config`, () => knownModelOf(served?.config));
    table.set(name, new Repository(name, served, model, limits));
  }
  return { table: new Table(table, limits) };
}

/** The two largest tensors are kept, of whatever checkpoint they are. */
const wholeLimits = (maxWholeBytes: number): Pick<Limits, "maxWholeBytes" | "kept"> => ({
  maxWholeBytes,
  kept: new KeptWithin(2 * maxWholeBytes),
});

/** Puts the name of the option before the message of what reading it throws. */
function read<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw rangeError(`${option}: ${(error as Error).message}`, error);
  }
}

interface Limits {
  readonly seed: Seed | undefined;
  readonly dtype: DType | undefined;
  readonly maxShardBytes: number;
  readonly maxConcurrent: number;
  readonly maxTensors: number;
  readonly maxWholeBytes: number;
  /** Whole tensors of all checkpoints. */
  readonly kept: Bounded;
}

/** The models of a router, and how many requests are being answered. */
export class Table {
  active = 0;

  constructor(
    readonly repositories: ReadonlyMap<string, Repository>,
    readonly limits: Limits,
  ) {}

  /** @throws Failure if no model has the name. */
  repository(name: string): Repository {
    const found = this.repositories.get(name);
    if (found !== undefined) return found;
    throw new Failure(
      "RepoNotFound",
      `there is no model ${show(name)}; there are ${show([...this.repositories.keys()])}`,
    );
  }
}

const MOST_CHECKPOINTS = 8; // that a model keeps

/** A model under its name, with its checkpoints of all seeds. */
export class Repository {
  readonly #served: ServedModel;
  readonly #limits: Limits;
  readonly #checkpoints = new Map<string, Snapshot>(); // by commit; the one that was used last is the last
  readonly #checks = new Map<string | undefined, string>(); // by the plan's name

  constructor(
    readonly name: string,
    served: ServedModel,
    readonly model: Model,
    limits: Limits,
  ) {
    this.#served = served;
    this.#limits = limits;
  }

  /**
   * The checkpoint of a revision: `main`, a name such as `seed-42.bf16`, or a commit.
   *
   * @throws Failure if there is none.
   */
  at(text: string): Snapshot {
    const commit = this.#commitOf(text);
    const sha = commitText(commit);
    const known = this.#checkpoints.get(sha);
    this.#checkpoints.delete(sha);
    const snapshot = known ?? new Snapshot(sha, this.name, this.#served.config, this.model, this.#draw(commit, sha));
    this.#checkpoints.set(sha, snapshot);
    for (const [oldest] of this.#checkpoints) {
      if (this.#checkpoints.size <= MOST_CHECKPOINTS) break;
      this.#checkpoints.delete(oldest);
    }
    return snapshot;
  }

  /** Whether a revision's bytes are the same for ever: all but those of `main`. */
  isFixed = (text: string): boolean => text !== "main";

  #commitOf(text: string): Commit {
    const { seed, dtype, maxShardBytes } = this.#limits;
    const commit = commitOf(text);
    if (commit !== undefined) {
      if (this.#planOf(commit.check) === undefined) throw this.#none(text, "its model or plan is not served any more");
      return commit;
    }
    if (text === "main" && seed === undefined) throw this.#none(text, "this server has no seed of its own");
    const main: Revision = { seed: seed ?? 0, dtype, maxShardBytes, plan: undefined };
    const revision = text === "main" ? main : revisionOf(text);
    if (revision === undefined) throw this.#none(text, "it names no seed");
    const { plans = {} } = this.#served;
    if (revision.plan !== undefined && !Object.hasOwn(plans, revision.plan)) {
      throw this.#none(text, `there is no plan ${show(revision.plan)}; there are ${show(Object.keys(plans))}`);
    }
    return {
      seed: revision.seed,
      dtype: revision.dtype ?? dtype,
      maxShardBytes: Math.min(maxShardBytes, revision.maxShardBytes ?? maxShardBytes),
      check: this.#checkOf(revision.plan),
    };
  }

  #none = (text: string, why: string): Failure =>
    new Failure("RevisionNotFound", `${this.name} has no revision ${show(text)}: ${why}. Ask for one such as seed-42`);

  /** What identifies the model and a plan: the beginning of a hash. */
  #checkOf(plan: string | undefined): string {
    const known = this.#checks.get(plan);
    if (known !== undefined) return known;
    const { config, plan: own, plans = {} } = this.#served;
    const text = JSON.stringify([this.name, config, plan === undefined ? own : plans[plan]]);
    const check = hashOf([new TextEncoder().encode(text)]).slice(0, 8);
    this.#checks.set(plan, check);
    return check;
  }

  /** The plan of a check, in a list of one, since it may be the model's own. */
  #planOf(check: string): readonly [Plan | undefined] | undefined {
    const { plan: own, plans = {} } = this.#served;
    if (this.#checkOf(undefined) === check) return [own];
    const name = Object.keys(plans).find((name) => this.#checkOf(name) === check);
    return name === undefined ? undefined : [plans[name]];
  }

  #draw({ seed, dtype, maxShardBytes, check }: Commit, sha: string): Checkpoint {
    const { maxTensors, maxWholeBytes } = this.#limits;
    const [plan] = this.#planOf(check) ?? [];
    const planned = planBy(this.model, plan === undefined ? this.model.plan : checkPlan(plan));
    if (planned.tensors.length > maxTensors) {
      throw new Failure("BadRequest", `${this.name} has ${planned.tensors.length} tensors, more than ${maxTensors}`);
    }
    const types = typesOf(planned, dtype);
    for (const [i, { name, shape, distribution }] of planned.tensors.entries()) {
      const bytes = sizeOf(shape) * bytesOf(types[i] ?? "f64");
      if (!isWhole(distribution) || bytes <= maxWholeBytes) continue;
      const what = `a range of ${show(name)} (${distribution.kind}) costs its ${bytes} bytes, more than ${maxWholeBytes}`;
      throw new Failure("BadRequest", what);
    }
    try {
      const kept = keptFor(this.#limits.kept, sha);
      return checkpointOf(planned, types, { seed, maxShardBytes, kept, drawer: engine() });
    } catch (error) {
      throw new Failure("RevisionNotFound", (error as Error).message);
    }
  }
}

/** A file of a repository at a commit. */
export interface SnapshotFile {
  readonly path: string;
  readonly size: number;
  /** Identifies its bytes: SHA-256 of the header, or of the whole text. */
  readonly etag: string;
  /** Whether it is a file of weights. */
  readonly large: boolean;
}

/** What a commit holds: config, index, and the files of the checkpoint. */
export class Snapshot {
  readonly #texts: ReadonlyMap<string, string>;

  constructor(
    readonly sha: string,
    readonly name: string,
    readonly config: object,
    readonly model: Model,
    readonly checkpoint: Checkpoint,
  ) {
    const { index } = checkpoint;
    const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
    this.#texts = new Map([
      ["config.json", json(config)],
      ["generation_config.json", json(generationConfig(config as Record<string, unknown>))],
      ...(index === undefined ? [] : [[INDEX_NAME, indexText(index)] as const]),
    ]);
  }

  /** All files, in the order of their paths. */
  entries(): readonly SnapshotFile[] {
    const texts = [...this.#texts].map(([path, text]) => entryOf(path, textResource(text, {}), false));
    const files = this.checkpoint.files.map(({ name, byteLength, etag }) => ({
      ...{ path: name, size: byteLength, etag },
      large: true,
    }));
    return [...texts, ...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** @throws Failure if there is no such file. */
  resource(path: string, headers: Readonly<Record<string, string>>): Resource {
    const text = this.#texts.get(path);
    if (text !== undefined) return textResource(text, headers);
    const file = this.checkpoint.files.find(({ name }: CheckpointFile) => name === path);
    if (file !== undefined) return fileResource(this.checkpoint, file, headers);
    throw new Failure("EntryNotFound", `${this.name} has no file ${show(path)}`);
  }

  /** Elements, by the type that the files name. */
  parameters(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { tensors } of this.checkpoint.files) {
      for (const { dtype, shape } of tensors) {
        const type = storedAs(dtype);
        counts[type] = (counts[type] ?? 0) + sizeOf(shape);
      }
    }
    return counts;
  }
}

const entryOf = (path: string, { byteLength, etag }: Resource, large: boolean): SnapshotFile => ({
  ...{ path, etag, large },
  size: byteLength,
});

/** What the config says about generation, as transformers derives it. */
function generationConfig(config: Record<string, unknown>): object {
  const keys = ["bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id"];
  const known = keys.filter((key) => config[key] !== undefined && config[key] !== null);
  return { _from_model_config: true, ...Object.fromEntries(known.map((key) => [key, config[key]])) };
}
