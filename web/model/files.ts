/** What the files are that were dropped: by their names, and where those say nothing, by how they begin. */
import { notSafetensors } from "../../src/checkpoint/format.js";
import { MOST_CONFIG } from "../../src/checkpoint/python.js";
import { parsedJson } from "./json.js";

/** What the panel does with them. */
export type Dropped =
  | { readonly kind: "config"; readonly name: string; readonly text: string }
  | {
      readonly kind: "checkpoint";
      readonly files: readonly File[];
      /** The config that was dropped with it. */
      readonly config: { readonly name: string; readonly text: string } | undefined;
      /** Files that an index names and that were not dropped. */
      readonly absent: readonly string[];
    }
  | { readonly kind: "onnx"; readonly name: string; readonly files: readonly File[] };

const KINDS = "a config.json, .safetensors files, or an .onnx file";

/**
 * @throws Error that says in one sentence what is wrong.
 */
export async function droppedOf(files: readonly File[]): Promise<Dropped> {
  const onnx = files.filter(({ name }) => /\.onnx$/i.test(name));
  if (onnx.length > 1)
    throw new Error(`Expected one .onnx file and the files with its data, got ${onnx.length} of them.`);
  if (onnx[0] !== undefined) return { kind: "onnx", name: onnx[0].name, files };
  const jsons = files.filter(({ name }) => /\.json$/i.test(name));
  const tensors = files.filter(({ name }) => /\.safetensors$/i.test(name));
  const other = files.find((file) => !jsons.includes(file) && !tensors.includes(file));
  if (other !== undefined) throw new Error(`${other.name}: expected ${KINDS}, got ${await kindOf(other)}.`);
  const read = await Promise.all(jsons.map(jsonOf));
  const indices = read.filter(({ json }) => hasKey(json, "weight_map"));
  const configs = read.filter(({ json }) => !hasKey(json, "weight_map"));
  if (configs.length > 1) {
    throw new Error(`Expected one config, got ${configs.map(({ name }) => name).join(" and ")}.`);
  }
  const [config] = configs;
  const named = new Set(indices.flatMap(({ json }) => filesIn(json)));
  const absent = [...named].filter((name) => !tensors.some((file) => file.name === name));
  if (tensors.length === 0 && indices.length > 0) {
    throw new Error(`${indices[0]?.name}: an index has no tensors; drop the ${named.size} files that it names, too.`);
  }
  if (tensors.length > 0) return { kind: "checkpoint", files: tensors, config, absent };
  if (config === undefined) throw new Error(`Expected ${KINDS}.`);
  return { kind: "config", name: config.name, text: config.text };
}

/** What is dropped later takes the place of what was there, unless it is what that still needs: a config, or data. */
export function together(before: readonly File[], now: readonly File[]): readonly File[] {
  const lacks = (had: RegExp, comes: RegExp) =>
    before.some(({ name }) => had.test(name)) && now.every(({ name }) => comes.test(name));
  const isJson = (name: string) => /\.json$/i.test(name);
  const adds = lacks(/\.safetensors$/i, /\.json$/i) || lacks(/\.onnx$/i, /(data|\.bin)$/i);
  if (!adds) return now;
  return [...before.filter(({ name }) => !isJson(name) && now.every((one) => one.name !== name)), ...now];
}

interface JsonFile {
  readonly name: string;
  readonly text: string;
  readonly json: unknown;
}

async function jsonOf(file: File): Promise<JsonFile> {
  if (file.size > MOST_CONFIG)
    throw new Error(`${file.name}: expected JSON of at most ${MOST_CONFIG} bytes, got ${file.size}.`);
  const text = await file.text();
  let json: unknown;
  try {
    json = parsedJson(text);
  } catch (error) {
    throw new Error(`${file.name}: ${(error as Error).message}.`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { name: file.name, text, json };
  throw new Error(`${file.name}: expected the config of a model, a JSON object.`);
}

const hasKey = (json: unknown, key: string): boolean => Object.hasOwn(Object(json), key);

function filesIn(json: unknown): string[] {
  const { weight_map: map } = json as { readonly weight_map: unknown };
  return Object.values(Object(map) as Readonly<Record<string, unknown>>).filter((name) => typeof name === "string");
}

/** What a file seems to be, by its first bytes. */
async function kindOf(file: File): Promise<string> {
  if (file.size === 0) return "an empty file, or a folder";
  const begin = file.slice(0, 64);
  const bytes = new Uint8Array(await begin.arrayBuffer().catch(() => new ArrayBuffer(0)));
  return notSafetensors(bytes) ?? "something else";
}
