/** Models under the paths of the Hugging Face Hub, so that its clients load them without knowing of nn-init. */
import { Families, type Family } from "../architecture/families.js";
import { knownModelOf } from "../architecture/known.js";
import { modelIn, typeFieldOf } from "../architecture/lookup.js";
import { checkCount, checkOptions, checkPositive, isObject, show, wrongType, wrongValue } from "../check.js";
import { KeptWithin } from "../checkpoint/kept.js";
import { MAX_SHARD_BYTES } from "../checkpoint/layout.js";
import { checkDType, type DType } from "../dtype.js";
import type { Parse } from "../model/expression.js";
import { rangeError } from "../model/fault.js";
import { parseInfix } from "../model/infix.js";
import { checkModel, type Model, type Plan, type PlannedModel } from "../model/model.js";
import { checkPlan, planInCode } from "../model/plan.js";
import { parsePostfix } from "../model/postfix.js";
import { checkSeed, type Seed } from "../stream.js";
import { Failure } from "./failure.js";
import { type Limits, Repository, type ServedModel } from "./repository.js";
import { PLAN } from "./revision.js";

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
   * read whole files, so an answer is never shortened, and a checkpoint with a larger tensor is refused.
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
/** Python's client and aiohttp refuse files above 50e9 bytes over plain HTTP. A header has at most 0.1e9, in safetensors. */
const MOST_SHARD = 49.9e9;

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
export const router = (options: RouterOptions): Router => routerBy(options, knownModelOf, parseInfix);

/**
 * As `router`, for models of the families that are given, so that a bundle carries no others.
 *
 * @param families from `nn-init/families`. One that extends another brings it.
 * @param options models, the seed of `main`, and limits.
 * @throws TypeError, RangeError naming the option; RangeError for a model of another family.
 * @example
 * ```js
 * import { gpt2, llama } from "nn-init/families";
 * import { respond, routerOf } from "nn-init/serve";
 *
 * const config = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 32, vocab_size: 100 };
 * const models = routerOf([gpt2, llama], { models: { "nn-init/tiny": { config } } });
 * const request = new Request("http://localhost/nn-init/tiny/resolve/seed-42/config.json");
 * console.log((await respond(request, models)).status); // 200
 * ```
 */
export function routerOf(families: readonly Family[], options: RouterOptions): Router {
  const given: unknown = families;
  if (!Array.isArray(given) || !given.every(Array.isArray)) {
    throw wrongType("families", "a list of families from nn-init/families", families);
  }
  const known = new Families(families, { parse: parsePostfix });
  return routerBy(options, (config) => modelIn(known, config, notGiven), parsePostfix);
}

/** The error for a config of a family that was not given. */
function notGiven(config: Readonly<Record<string, unknown>>, names: readonly string[]): Error {
  const field = typeFieldOf(config);
  return wrongValue(field, `one of the families that routerOf was given, ${show(names)}`, config[field]);
}

type ModelOf = (config: unknown) => Model;

function routerBy(options: RouterOptions, modelOf: ModelOf, parse: Parse): Router {
  checkOptions("options", options, KEYS);
  const { models, seed, dtype, maxShardBytes, maxConcurrent, maxTensors, maxWholeBytes } = options ?? {};
  if (!isObject(models) || Object.keys(models).length === 0) {
    throw wrongType("models", "an object of one or more models by name", models); // a Map has no keys
  }
  const most = maxShardBytes === undefined ? MAX_SHARD_BYTES : checkPositive("maxShardBytes", maxShardBytes);
  if (most > MOST_SHARD) throw wrongValue("maxShardBytes", `at most ${MOST_SHARD}, which clients take`, most);
  const whole = maxWholeBytes === undefined ? 0x1000000 : checkCount("maxWholeBytes", maxWholeBytes);
  const limits: Limits = {
    parse,
    seed: seed === undefined ? undefined : checkSeed(seed),
    dtype: dtype === undefined ? undefined : checkDType(dtype),
    maxShardBytes: most,
    maxConcurrent: maxConcurrent === undefined ? 256 : checkCount("maxConcurrent", maxConcurrent),
    maxTensors: maxTensors === undefined ? 100_000 : checkCount("maxTensors", maxTensors),
    maxWholeBytes: whole,
    kept: new KeptWithin(2 * whole), // the two largest tensors, of whatever checkpoint they are
  };
  const table = new Map<string, Repository>();
  for (const [name, served] of Object.entries(models)) {
    if (!NAME.test(name)) throw wrongValue("models", "names such as owner/name, of letters, digits, . _ and -", name);
    const option = `models["${name}"]`;
    checkOptions(option, served, ["config", "model", "plan", "plans"]);
    const model = servedModel(option, served, modelOf);
    const { length } = model.tensors;
    if (length > limits.maxTensors) throw wrongValue(option, `at most ${limits.maxTensors} tensors`, length);
    table.set(name, new Repository(name, served, model, limits, plansOf(option, served, model, parse)));
  }
  return { table: new Table(table, limits) };
}

function servedModel(option: string, { config, model }: ServedModel, modelOf: ModelOf): Model {
  read(`${option}.config`, () => JSON.stringify(config)); // it is served
  if (model === undefined) return read(`${option}.config`, () => modelOf(config));
  if (typeof config !== "object" || config === null) throw wrongType(`${option}.config`, "an object", config);
  read(`${option}.model`, () => checkModel(model));
  return model;
}

/** The model by each plan that is given: what is wrong shows when the router is made, not when somebody asks. */
function plansOf(
  option: string,
  { plan, plans, model: own }: ServedModel,
  model: Model,
  parse: Parse,
): Map<Plan | undefined, PlannedModel> {
  const planned = new Map<Plan | undefined, PlannedModel>();
  if (plan !== undefined || own !== undefined) {
    const place = `${option}.${plan === undefined ? "model" : "plan"}`;
    planned.set(
      plan,
      read(place, () => planInCode(model, plan, parse)),
    );
  }
  for (const [name, one] of Object.entries(checkOptions(`${option}.plans`, plans, Object.keys(Object(plans))))) {
    const place = `${option}.plans[${show(name)}]`;
    if (!PLAN.test(`plan-${name}`)) throw wrongValue(place, "a name of at most 64 letters, digits, _ and -", name);
    planned.set(
      one,
      read(place, () => planInCode(model, checkPlan(one), parse)),
    );
  }
  return planned;
}

/** Puts the name of the option before the message of what reading it throws. */
function read<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw rangeError(`${option}: ${(error as Error).message}`, error);
  }
}

/** The models of a router, and how many requests are being answered. */
export class Table {
  active = 0;

  /** A revision that there is, for examples. */
  get revision(): string {
    return this.limits.seed === undefined ? "seed-42" : "main";
  }

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
