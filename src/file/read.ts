/** The model that a path names: a config, a folder, a checkpoint, the index of a checkpoint, or a list of shapes. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isKnown, type ModelOptions, modelOf, typeOf } from "../architecture/config.js";
import { describedModel } from "../architecture/described.js";
import { parseArchitecture } from "../architecture/grammar.js";
import { namedPlan } from "../architecture/named.js";
import { printable, show } from "../check.js";
import { storedModel, withConfig } from "../checkpoint/model.js";
import { fileError, inFile, STDIN } from "../checkpoint/place.js";
import { MOST_CONFIG } from "../checkpoint/python.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import type { Model, Plan } from "../model/model.js";
import { withRoles } from "../model/naming.js";
import { parsePlan } from "../model/parse.js";
import { modelOfShapes } from "../model/shapes.js";
import { absentFiles, indexedNames, isIndex, readCheckpoint, readIndex } from "./checkpoint.js";
import { cannotRead, isFolder, MOST_LIST, readJson } from "./json.js";

/** A model and where it comes from. */
export interface ModelSource {
  /** The file that was read: in a folder, the one that was chosen. */
  readonly path: string;
  readonly model: Model;
  /** The stored tensors, if the file is a checkpoint. */
  readonly checkpoint?: StoredCheckpoint;
  /** The files of an index that are not there, for a message. Then the model is that of a config. */
  readonly absent?: string;
  /** The config that the model was made of, or that describes a checkpoint, as it was read. */
  readonly config?: object;
  /** The model of the config that describes a checkpoint. For an unknown architecture it has no tensors, only the config's numbers. */
  readonly siblingConfig?: Model;
}

/**
 * @param config a file that describes a checkpoint or a list, in place of the one beside it.
 * @throws Error naming the file and the place in it.
 */
export const readSource = (given: string, options: ModelOptions = {}, config?: string): ModelSource =>
  sourceOf(given, options, config === undefined ? undefined : configFile(config, options));

/** @param named the config that was named; read once, since it may be a pipe. */
function sourceOf(given: string, options: ModelOptions, named: ConfigFile | undefined): ModelSource {
  const path = isFolder(given) ? fileIn(given) : given;
  if (path.endsWith(".safetensors")) return checkpointSource(path, readCheckpoint(path), options, named);
  const found = path !== given;
  const json = readJson(path, { most: MOST_LIST, found, python: true });
  if (path.endsWith(".index.json") && !isIndex(json)) {
    throw fileError(path, "expected the index of a checkpoint, an object with weight_map, as its name says");
  }
  if (Array.isArray(json)) return { path, model: withConfig(listModel(path, json), named?.model, path) };
  if (isIndex(json)) return indexSource(path, json, options, named);
  if (typeof json === "object" && json !== null && "rules" in json && typeOf(json) === "") {
    throw fileError(path, "expected a model, got a plan; give the model first, and the plan with --plan");
  }
  const checkpoint = found && !isKnown(json, options) ? checkpointIn(given) : undefined;
  if (checkpoint !== undefined) return sourceOf(checkpoint, options, named);
  if (named !== undefined) {
    throw fileError(path, "expected a checkpoint or a list of tensors, which --config describes, got a config");
  }
  return { path, model: inFile(path, () => modelOf(json, options)), config: json as object };
}

function listModel(path: string, json: readonly unknown[]): Model {
  const model = inFile(path, () => modelOfShapes(path === STDIN ? "stdin" : basename(path, ".json"), json));
  return { ...model, tensors: withRoles(model.tensors) };
}

/** A checkpoint, or the one in a folder. */
export function readStored(
  given: string,
  options: ModelOptions = {},
): ModelSource & { readonly checkpoint: StoredCheckpoint } {
  const path = isFolder(given) ? fileIn(given, CHECKPOINTS) : given;
  const wrong = () => fileError(path, "expected a .safetensors file, or the index of several");
  if (/(?<!\.index)\.json$/.test(path) && !isIndex(readJson(path, { most: MOST_LIST, python: true }))) throw wrong();
  const { checkpoint, absent, ...source } = readSource(path, options);
  if (checkpoint !== undefined) return { ...source, checkpoint };
  if (absent !== undefined)
    throw fileError(path, `cannot read ${absent}: missing, or a Git LFS pointer, which "git lfs pull" replaces`);
  throw wrong();
}

/** The model of a config. For an unknown architecture it has no tensors, only the config's numbers. */
export const readConfig = (path: string, options: ModelOptions = {}): Model => configFile(path, options).model;

/** A config as it was read, and its model. */
interface ConfigFile {
  readonly json: object;
  readonly model: Model;
}

function configFile(path: string, options: ModelOptions, found = false): ConfigFile {
  const json = readJson(path, { most: MOST_CONFIG, found, python: true });
  const model = inFile(path, () => describedModel(json, options));
  return { json: json as object, model };
}

/** Architecture files, for `modelOf`. */
export const readArchitectures = (paths: readonly string[] = []): ModelOptions =>
  paths.length === 0
    ? {}
    : {
        architecture: paths.map((path) => {
          const json = readJson(path, { most: MOST_CONFIG });
          inFile(path, () => parseArchitecture(json));
          return json as object;
        }),
      };

/** Plans by name begin with this in place of a path. */
const NAMED = "@";

/**
 * The rules of plans, one after the other. Rules of a plan with a name need not decide a tensor if others come before them.
 *
 * @param paths files, or names of plans: `@transformers`.
 * @param model that the plans with names are for.
 */
export function readPlans(paths: readonly string[], model: Model): Plan {
  const plans = paths.map((path, index) => {
    if (!path.startsWith(NAMED)) return readPlan(path).rules;
    const { rules } = namedPlan(path.slice(NAMED.length), model);
    return index === 0 ? rules : rules.map((rule) => ({ ...rule, optional: true }));
  });
  return plans.length === 1 ? { rules: plans[0] ?? [] } : { rules: plans.flat() };
}

function readPlan(path: string): Plan {
  const json = readJson(path, { most: MOST_CONFIG });
  return inFile(path, () => parsePlan(json));
}

/** What transformers and diffusers name a checkpoint: its index, or its only file. */
const CHECKPOINTS = ["model", "diffusion_pytorch_model"].flatMap((name) => [
  `${name}.safetensors.index.json`,
  `${name}.safetensors`,
]);

/** The file of a folder that says most about the model: the first of `names` that exists, else its only checkpoint. */
export function fileIn(folder: string, names: readonly string[] = ["config.json", ...CHECKPOINTS]) {
  const file = firstIn(folder, names);
  if (file !== undefined) return file;
  const pipeline = existsSync(join(folder, PIPELINE))
    ? `; ${PIPELINE} says that it is a pipeline: ${modelsIn(folder)}`
    : "";
  throw cannotRead(folder, new Error(`it is a folder without ${names.join(", ")}${pipeline}`));
}

const checkpointIn = (folder: string): string | undefined => firstIn(folder, CHECKPOINTS);

function firstIn(folder: string, names: readonly string[]): string | undefined {
  const name = names.find((name) => existsSync(join(folder, name)));
  if (name !== undefined) return join(folder, name);
  const others = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  return others.length === 1 ? join(folder, others[0] as string) : undefined;
}

const PIPELINE = "model_index.json"; // what diffusers writes in the folder of several models

/** The folders in a pipeline's folder that have a config. */
function modelsIn(folder: string): string {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "config.json")));
  if (names.length === 0) return "give the folder of one of its models";
  return `give one of its models, ${names.slice(0, MOST_NAMED).map(show).join(", ")}`;
}

const MOST_NAMED = 8;

const configBeside = (path: string, options: ModelOptions): ConfigFile | undefined => {
  const config = join(dirname(path), "config.json");
  return existsSync(config) ? configFile(config, options, true) : undefined;
};

function checkpointSource(
  path: string,
  checkpoint: StoredCheckpoint,
  options: ModelOptions,
  named: ConfigFile | undefined,
): ModelSource {
  const config = named ?? configBeside(path, options);
  const model = storedModel(path, nameOf(path), checkpoint, config?.model);
  if (config === undefined) return { path, model, checkpoint };
  return { path, model, checkpoint, siblingConfig: config.model, config: config.json };
}

const nameOf = (path: string): string => basename(path).replace(/(\.safetensors)?(\.index\.json)?$/, "");

/** The checkpoint of an index; where its files are not there, the model of a config that is known and has the same names. */
function indexSource(path: string, json: unknown, options: ModelOptions, named: ConfigFile | undefined): ModelSource {
  const absent = absentFiles(path, json);
  if (absent.length === 0) return checkpointSource(path, readIndex(path, json), options, named);
  const given = named ?? configBeside(path, options);
  const config = given?.model;
  const missing = `${printable(absent[0] as string)}${absent.length > 1 ? ` and ${absent.length - 1} more files` : ""}`;
  if (config?.plan === undefined) {
    const why = config === undefined ? "no config is beside it" : `"${config.name}" is not a known model_type`;
    throw fileError(
      path,
      `the shapes of its tensors are in ${missing}, which is missing or a Git LFS pointer, and ${why}; ` +
        `fetch the files, with "git lfs pull" in a clone, or give a config of a known type with --config`,
    );
  }
  const names = [...indexedNames(json)];
  const known = new Set([...config.tensors.map(({ name }) => name), ...Object.keys(config.tied)]);
  const other = names.find((name) => !known.has(name));
  if (other !== undefined) {
    throw fileError(
      path,
      `${show(other)}: its config has no such tensor, and its shape is in files that are missing: ${missing}`,
    );
  }
  const indexed = new Set(names);
  const left = config.tensors.find(({ name }) => !indexed.has(name));
  if (left !== undefined)
    throw fileError(path, `expected the tensor ${show(left.name)} of its config, got none in the index`);
  return { path, model: { ...config, name: nameOf(path) }, absent: missing, config: given?.json as object };
}
