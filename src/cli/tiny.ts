/** `nn-init tiny`: the config and the random weights of a small model, for tests of programs that load models. */
import { existsSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { familiesOf, type ModelOptions, modelOf } from "../architecture/config.js";
import { type JsonObject, torchNameOf } from "../architecture/field.js";
import { generationConfig } from "../architecture/generation.js";
import { isOfDiffusers, type TinySizes, tinyConfig } from "../architecture/tiny.js";
import { isObject, printable, show } from "../check.js";
import { MAX_SHARD_BYTES } from "../checkpoint/layout.js";
import { inFile } from "../checkpoint/place.js";
import { MOST_CONFIG } from "../checkpoint/python.js";
import type { DType } from "../dtype.js";
import { isFolder, readJson } from "../file/json.js";
import { fileIn, readArchitectures, readPlans } from "../file/read.js";
import type { FormatName } from "../format/names.js";
import { planModel } from "../model/parse.js";
import { UsageError } from "./arguments.js";
import { checkFlags, type InitFlags, writeModel } from "./init.js";
import { onInterrupt } from "./interrupt.js";
import type { Io } from "./io.js";
import { isStdout, makeFolder } from "./place.js";
import { isBucket } from "./stores.js";
import { writeFile } from "./target.js";

export interface TinyFlags extends TinySizes {
  readonly out: string;
  readonly class?: string;
  readonly set?: JsonObject;
  readonly architecture?: readonly string[];
  readonly plan?: readonly string[];
  readonly seed?: bigint;
  readonly dtype?: DType;
  readonly format?: FormatName;
  readonly maxShardSize?: number;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly wide?: boolean;
}

export async function runTiny(given: string, flags: TinyFlags, io: Io): Promise<void> {
  const begun = performance.now();
  const { out, format = "safetensors", maxShardSize, force = false } = flags;
  if (out === "" || isStdout(out) || isBucket(out)) {
    throw new UsageError(`--out: expected a folder on this machine, got ${show(out)}`);
  }
  if (existsSync(out) && !isFolder(out)) throw new UsageError(`--out: expected a folder, got the file ${show(out)}`);
  const options = readArchitectures(flags.architecture);
  const config = configOf(given, flags, options);
  const inDiffusers = "_class_name" in config;
  if (inDiffusers && maxShardSize !== undefined) {
    throw new UsageError(
      "--max-shard-size: expected a model of transformers with it, got one of diffusers; leave it out",
    );
  }
  const writing = initFlags(flags, format, inDiffusers);
  checkFlags({ ...writing, ...(maxShardSize !== undefined && { maxShardSize }) }, io);
  const model = bySizes(flags, () => inFile(given, () => modelOf(config, options)));
  const plan = flags.plan === undefined ? undefined : readPlans(flags.plan, model);
  const planned = inFile(flags.plan?.join(", ") ?? given, () => planModel(model, plan));
  const texts = Object.entries({ "config.json": config, "generation_config.json": generationConfig(config) })
    .filter(([, json]) => json !== undefined)
    .map(([name, json]) => ({ path: join(out, name), text: `${JSON.stringify(json, undefined, 2)}\n` }));
  for (const { path, text } of texts) checkText(path, text, force);
  const isNew = makeFolder(out);
  const settle = isNew ? onInterrupt(() => removeEmpty(out)) : () => {};
  try {
    await writeModel(() => ({ planned, config }), { begun }, writing, io);
  } catch (error) {
    if (isNew) removeEmpty(out);
    throw error;
  } finally {
    settle();
  }
  for (const { path, text } of texts) await writeFile(path, text, true);
}

const SIZES = ["layers", "width", "heads", "vocabulary", "positions", "experts"] as const;

/** Names the sizes that were asked for beside what is wrong with the config that follows from them. */
function bySizes<T>(flags: TinyFlags, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const given = SIZES.filter((name) => flags[name] !== undefined).map((name) => `--${name} ${flags[name]}`);
    if (given.length === 0) throw error;
    throw new Error(`${(error as Error).message}\nthe config has the sizes of ${given.join(", ")}`, { cause: error });
  }
}

/** The flags of `init` that write the weights into the folder. */
function initFlags(flags: TinyFlags, format: FormatName, inDiffusers: boolean): InitFlags {
  const { out, seed, dtype, maxShardSize, force, json, wide } = flags;
  const many = format === "safetensors" && !inDiffusers;
  const name = `${inDiffusers ? "diffusion_pytorch_model" : "model"}.${format}`;
  return {
    ...{ engine: "auto", format, out: many ? out : join(out, name) },
    ...(many && { maxShardSize: maxShardSize ?? MAX_SHARD_BYTES }),
    ...(seed !== undefined && { seed }),
    ...(dtype !== undefined && { dtype }),
    ...{ force: force ?? false, json: json ?? false, wide: wide ?? false },
  };
}

/** The config of a family that is named, or a smaller one of the config that a path names. */
function configOf(given: string, flags: TinyFlags, options: ModelOptions): JsonObject {
  const families = familiesOf(options);
  const { class: kind, set = {}, dtype, layers, width, heads, vocabulary, positions, experts } = flags;
  const sizes = { layers, width, heads, vocabulary, positions, experts };
  const isFamily = families.has(given) || (!existsSync(given) && !/[/\\.]/.test(given));
  const config = isFamily ? undefined : readConfigJson(given);
  const type = config === undefined ? given : String(config.model_type ?? config._class_name ?? "");
  const make = () => tinyConfig(type, { sizes, class: kind, ...(config && { config }), families });
  const small = isFamily ? make() : inFile(given, make);
  const { dtype: stored = small.torch_dtype ?? "float32", torch_dtype: _, ...rest } = small;
  if (isOfDiffusers(type)) return { ...rest, ...set };
  return { ...rest, dtype: dtype === undefined ? stored : torchNameOf(dtype), ...set };
}

function readConfigJson(given: string): JsonObject {
  const path = isFolder(given) ? fileIn(given, ["config.json"]) : given;
  const json = readJson(path, { most: MOST_CONFIG, python: true });
  if (isObject(json)) return json;
  throw new Error(`${printable(path)}: expected the config of a model: an object, got ${show(json)}`);
}

/** @throws Error for a file that is there with another text, unless it may be replaced. */
function checkText(path: string, text: string, force: boolean): void {
  if (force || !existsSync(path) || readFileSync(path, "utf8") === text) return;
  throw new Error(`${printable(path)} is of another model; --force replaces it, --out names another folder`);
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Something is in it by now.
  }
}
