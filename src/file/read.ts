/** The model that a path names: a config, a folder, a checkpoint, the index of a checkpoint, or a list of shapes. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isKnown, type ModelOptions, modelOf, typeOf } from "../architecture/config.js";
import { parseArchitecture } from "../architecture/grammar.js";
import { numbersOf } from "../architecture/interpret.js";
import { show } from "../check.js";
import { elementOf } from "../checkpoint/safetensors.js";
import { extended } from "../model/extended.js";
import { namedAs } from "../model/memory.js";
import type { Model, ModelTensor, Plan } from "../model/model.js";
import { parsePlan } from "../model/parse.js";
import { modelOfShapes } from "../model/shapes.js";
import { isIndex, readCheckpoint, readIndex, type StoredCheckpoint } from "./checkpoint.js";
import { cannotRead, fileError, inFile, MOST_CONFIG, MOST_LIST, readJson, STDIN } from "./json.js";

/** A model and where it comes from. */
export interface ModelSource {
  /** The file that was read: in a folder, the one that was chosen. */
  readonly path: string;
  readonly model: Model;
  /** The stored tensors, if the file is a checkpoint. */
  readonly checkpoint?: StoredCheckpoint;
  /** The config that the model was made of, or the one in the folder of a checkpoint, as it was read. */
  readonly config?: object;
  /** The config in the folder of a checkpoint. For an unknown architecture it has no tensors, only the config's numbers. */
  readonly siblingConfig?: Model;
}

/** @throws Error naming the file and the place in it. */
export function readSource(given: string, options: ModelOptions = {}): ModelSource {
  const path = isFolder(given) ? fileIn(given) : given;
  if (path.endsWith(".safetensors")) return checkpointSource(path, readCheckpoint(path), options);
  const found = path !== given;
  const json = readJson(path, { most: MOST_LIST, found, python: true });
  if (path.endsWith(".index.json") && !isIndex(json)) {
    throw fileError(path, "expected the index of a checkpoint, an object with weight_map, as its name says");
  }
  if (Array.isArray(json)) {
    return { path, model: inFile(path, () => modelOfShapes(path === STDIN ? "stdin" : basename(path, ".json"), json)) };
  }
  if (isIndex(json)) return checkpointSource(path, readIndex(path, json), options);
  if (typeof json === "object" && json !== null && "rules" in json && typeOf(json) === "") {
    throw fileError(path, "expected a model, got a plan; give the model first, and the plan with --plan");
  }
  return { path, model: inFile(path, () => modelOf(json, options)), config: json as object };
}

/** A checkpoint, or the one in a folder. */
export function readStored(
  given: string,
  options: ModelOptions = {},
): ModelSource & { readonly checkpoint: StoredCheckpoint } {
  const path = isFolder(given) ? fileIn(given, CHECKPOINTS) : given;
  const { checkpoint, ...source } = readSource(path, options);
  if (checkpoint !== undefined) return { ...source, checkpoint };
  throw fileError(path, "expected a .safetensors file, or the index of several");
}

/** The model of a config. For an unknown architecture it has no tensors, only the config's numbers. */
export const readConfig = (path: string, options: ModelOptions = {}): Model =>
  configModel(path, readJson(path, { most: MOST_CONFIG, python: true }), options);

function configModel(path: string, json: unknown, options: ModelOptions): Model {
  return inFile(path, () =>
    typeOf(json) === "" || isKnown(json, options)
      ? modelOf(json, options)
      : { name: typeOf(json), tensors: [], variables: numbersOf(json as object), tied: {} },
  );
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

export function readPlan(path: string): Plan {
  const json = readJson(path, { most: MOST_CONFIG });
  return inFile(path, () => parsePlan(json));
}

export function isFolder(path: string): boolean {
  if (path === STDIN) return false;
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** What transformers and diffusers name a checkpoint: its index, or its only file. */
const CHECKPOINTS = ["model", "diffusion_pytorch_model"].flatMap((name) => [
  `${name}.safetensors.index.json`,
  `${name}.safetensors`,
]);

/** The file of a folder that says most about the model: the first of `names` that exists, else its only checkpoint. */
export function fileIn(folder: string, names: readonly string[] = ["config.json", ...CHECKPOINTS]) {
  const name = names.find((name) => existsSync(join(folder, name)));
  if (name !== undefined) return join(folder, name);
  const others = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  if (others.length === 1) return join(folder, others[0] as string);
  const pipeline = existsSync(join(folder, PIPELINE))
    ? `; ${PIPELINE} says that it is a pipeline: ${modelsIn(folder)}`
    : "";
  throw cannotRead(folder, new Error(`it is a folder without ${names.join(", ")}${pipeline}`));
}

const PIPELINE = "model_index.json"; // what diffusers writes in the folder of several models

/** The folders in a pipeline's folder that have a config. */
function modelsIn(folder: string): string {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "config.json")));
  if (names.length === 0) return "give the folder of one of its models";
  return `give one of its models, ${names.slice(0, MOST_NAMED).map(show).join(", ")}`;
}

const MOST_NAMED = 8;

function checkpointSource(path: string, checkpoint: StoredCheckpoint, options: ModelOptions): ModelSource {
  const tensors = checkpoint.tensors.map(({ name, shape, dtype }): ModelTensor => {
    const type = elementOf(dtype);
    return { name, shape, ...(type === undefined ? { storedType: dtype } : { dtype: type }) };
  });
  const name = basename(path).replace(/(\.safetensors)?(\.index\.json)?$/, "");
  const model = { name, tensors, variables: {}, tied: {} };
  const configPath = join(dirname(path), "config.json");
  if (!existsSync(configPath)) return { path, model, checkpoint };
  const config = readJson(configPath, { most: MOST_CONFIG, found: true, python: true });
  const siblingConfig = configModel(configPath, config, options);
  return { path, model: withConfig(model, siblingConfig, path), checkpoint, siblingConfig, config: config as object };
}

/**
 * The tensors of a file, with roles, layouts, numbers and plan of a config.
 *
 * @throws Error for a tensor whose shape is not the config's.
 */
export function withConfig(model: Model, given: Model | undefined, path: string): Model {
  if (given === undefined) return model;
  const { saved: _, ...config } = namedAs(given, new Set(model.tensors.map(({ name }) => name)));
  const byName = new Map(config.tensors.map((tensor) => [tensor.name, tensor]));
  const tensors = model.tensors.map((tensor): ModelTensor => {
    const inConfig = byName.get(tensor.name);
    if (inConfig === undefined) return tensor;
    const { slices: _, ...known } = inConfig;
    if (String(inConfig.shape) === String(tensor.shape)) return extended(known, tensor);
    const expected = `expected shape ${show(inConfig.shape)}, as in its config, got ${show(tensor.shape)}`;
    throw fileError(path, `tensor ${show(tensor.name)}: ${expected}`);
  });
  return { ...config, name: model.name, tensors };
}
