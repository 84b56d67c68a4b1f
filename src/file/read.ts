/** A model from whatever a path names: a config, a folder, a checkpoint, the index of one, a list of shapes. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { numbersOf } from "../architecture/architecture.js";
import { MODEL_TYPES, modelOf, typeOf } from "../architecture/config.js";
import { show } from "../check.js";
import { elementOf } from "../checkpoint/safetensors.js";
import type { Model, ModelTensor, Plan } from "../model/model.js";
import { parsePlan } from "../model/plan.js";
import { modelOfShapes } from "../model/shapes.js";
import { type Checkpoint, isIndex, readCheckpoint, readIndex } from "./checkpoint.js";
import { cannotRead, inFile, readJson } from "./json.js";

export interface Source {
  readonly path: string;
  /** What it describes. */
  readonly model: Model;
  /** Where there are values too. */
  readonly checkpoint?: Checkpoint;
  /** What the config beside them says, if there is one: of an architecture that is not known its numbers. */
  readonly siblingConfig?: Model;
}

/** @throws Error naming the file, and the place in it. */
export function readSource(given: string): Source {
  const path = isFolder(given) ? fileIn(given) : given;
  if (path.endsWith(".safetensors")) return sourceOf(path, readCheckpoint(path));
  const json = readJson(path);
  if (Array.isArray(json)) {
    return { path, model: inFile(path, () => modelOfShapes(basename(path, ".json"), json)) };
  }
  if (isIndex(json)) return sourceOf(path, readIndex(path, json));
  if (typeof json === "object" && json !== null && "rules" in json && !("model_type" in json)) {
    throw new Error(`${path}: this is a plan; a model comes before it, and --plan names it`);
  }
  return { path, model: inFile(path, () => modelOf(json)) };
}

/** A checkpoint, of a folder the one in it. */
export function readStored(given: string): Source & { readonly checkpoint: Checkpoint } {
  const path = isFolder(given) ? fileIn(given, ["model.safetensors.index.json", "model.safetensors"]) : given;
  const { checkpoint, ...source } = readSource(path);
  if (checkpoint !== undefined) return { ...source, checkpoint };
  throw new Error(`${path}: expected a .safetensors file, or the index of several`);
}

/** What a config says: the model, or of an architecture that is not known its numbers. */
export const readConfig = (path: string): Model =>
  inFile(path, () => {
    const json = readJson(path);
    return typeOf(json) === "" || MODEL_TYPES.includes(typeOf(json))
      ? modelOf(json)
      : { name: typeOf(json), tensors: [], variables: numbersOf(json as object), tied: {} };
  });

export const readPlan = (path: string): Plan => inFile(path, () => parsePlan(readJson(path)));

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** What a folder is about: its config, else its index, else its one checkpoint. */
export function fileIn(folder: string, names = ["config.json", "model.safetensors.index.json", "model.safetensors"]) {
  const here = names.find((name) => existsSync(join(folder, name)));
  if (here !== undefined) return join(folder, here);
  const others = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  if (others.length === 1) return join(folder, others[0] as string);
  throw new Error(`cannot read ${folder}: it is a folder without ${names.join(", ")}`);
}

function sourceOf(path: string, checkpoint: Checkpoint): Source {
  const tensors = checkpoint.tensors.map(({ name, shape, dtype }): ModelTensor => {
    const type = elementOf(dtype);
    return { name, shape, ...(type === undefined ? { storedType: dtype } : { dtype: type }) };
  });
  const name = basename(path).replace(/(\.safetensors)?(\.index\.json)?$/, "");
  const model = { name, tensors, variables: {}, tied: {} };
  const config = join(dirname(path), "config.json");
  const beside = existsSync(config) ? readConfig(config) : undefined;
  return { path, model: described(model, beside, path), checkpoint, ...(beside && { siblingConfig: beside }) };
}

/** A file's tensors, with what the config says of them. */
export function described(model: Model, config: Model | undefined, path: string): Model {
  if (config === undefined) return model;
  const known = new Map(config.tensors.map((tensor) => [tensor.name, tensor]));
  const tensors = model.tensors.map((tensor): ModelTensor => {
    const said = known.get(tensor.name);
    if (said === undefined) return tensor;
    if (String(said.shape) === String(tensor.shape)) return { ...said, ...tensor };
    const shapes = `[${said.shape.join(", ")}], got [${tensor.shape.join(", ")}]`;
    throw new Error(`${path}: ${show(tensor.name)}: the config beside it has shape ${shapes}`);
  });
  return { ...config, name: model.name, tensors };
}
