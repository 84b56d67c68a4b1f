/** A model from a file: a Hugging Face `config.json`, or a list of shapes. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import parseJson, { JSONError } from "parse-json";
import { z } from "zod";
import type { Model } from "../model.js";
import { nameHash } from "../stream.js";
import { Gpt2Config, gpt2 } from "./gpt2.js";
import { Shapes, shapes } from "./shapes.js";

/** @throws Error naming the file, and the place in it. */
export function readModel(path: string): Model {
  const json = parse(path, readText(path));
  const model = modelOf(path, json);
  checkStreams(path, model);
  return model;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "no such file",
};

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`cannot read ${path}: ${REASONS[code ?? ""] ?? message}`, { cause: error });
  }
}

/** @throws Error with the place: the lines around it, without the colours that a CI environment would get. */
function parse(path: string, text: string): unknown {
  try {
    return parseJson(text, path);
  } catch (error) {
    if (!(error instanceof JSONError) || error.codeFrame === undefined) throw error;
    throw new Error(
      error.message.replace(error.codeFrame, () => error.rawCodeFrame ?? ""),
      { cause: error },
    );
  }
}

function modelOf(path: string, json: unknown): Model {
  if (Array.isArray(json)) {
    const entries = check(path, Shapes, json);
    try {
      return shapes(basename(path, ".json"), entries);
    } catch (error) {
      throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
    }
  }
  const { model_type: type } = check(path, z.looseObject({ model_type: z.string() }), json);
  if (type !== "gpt2") throw new Error(`${path}: model_type: expected "gpt2" or a list of shapes, got "${type}"`);
  return gpt2(check(path, Gpt2Config, json));
}

function check<T>(path: string, schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new Error(`${path}: not a model that nn-init knows\n${z.prettifyError(result.error)}`);
}

/** Equal names would be equal tensors, and so would names whose hashes collide. */
function checkStreams(path: string, { tensors }: Model): void {
  const seen = new Map<string, string>();
  for (const { name } of tensors) {
    const { low, high } = nameHash(name);
    const other = seen.get(`${high}:${low}`);
    if (other === name) throw new Error(`${path}: two tensors are named ${JSON.stringify(name)}`);
    if (other !== undefined) throw new Error(`${path}: the names "${other}" and "${name}" have one stream; rename one`);
    seen.set(`${high}:${low}`, name);
  }
}
