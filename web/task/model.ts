/** A config in the worker: its plan as a folded table, a tiny one, and a fresh checkpoint that is written piece by piece. */
import { type Checkpoint, checkpoint } from "nn-init/checkpoint";
import {
  type DType,
  type Model,
  modelOf,
  type PlannedTensor,
  parametersOf,
  planModel,
  tinyConfig,
} from "nn-init/model";
import { foldLayers } from "../../src/chart/fold.js";
import { stdText, wordsOf } from "../../src/chart/words.js";
import { type CheckpointIndex, INDEX_NAME, indexText } from "../../src/checkpoint/indexed.js";
import { destinationOf, type Target, type WrittenFile, type WrittenHere, writeFiles } from "../model/destination.js";
import { parsedJson } from "../model/json.js";
import type { Tell } from "../task.js";

/** What is made of a config. */
interface MakeOptions {
  readonly seed: number;
  /** That of the config if it is "own". */
  readonly dtype: DType | "own";
  /** The most bytes of a file. */
  readonly shardBytes: number;
}

export type ModelInput =
  | { readonly kind: "plan"; readonly config: string; readonly make: MakeOptions }
  | { readonly kind: "tiny"; readonly config: string }
  | { readonly kind: "write"; readonly config: string; readonly make: MakeOptions; readonly to: Target };

export interface PlanOutput {
  readonly name: string;
  readonly parameters: number;
  readonly tensors: number;
  /** Names, folded, and what they start from. */
  readonly rows: readonly (readonly string[])[];
  readonly ties: readonly (readonly [string, string])[];
  readonly unknownFields: readonly string[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** What is wrong with the checkpoint alone, such as a type that does not hold a distribution. */
  readonly fault: string | undefined;
}

export type ModelOutput = PlanOutput | { readonly config: string } | WrittenHere;

export const PLAN_HEAD = ["tensor", "shape", "role", "starts from", "std"];

export async function run(input: ModelInput, tell: Tell): Promise<ModelOutput> {
  const config = parsedJson(input.config);
  if (input.kind === "tiny") return { config: tinyOf(config) };
  const model = modelOf(config);
  if (input.kind === "plan") return planOf(model, input.make);
  return writeFiles(written(checkpointOf(model, input.make)), await destinationOf(input.to), tell);
}

const checkpointOf = (model: Model, { seed, dtype, shardBytes }: MakeOptions): Checkpoint =>
  checkpoint(model, { seed, maxShardBytes: shardBytes, ...(dtype !== "own" && { dtype }) });

function planOf(model: Model, make: MakeOptions): PlanOutput {
  const planned = planModel(model);
  const rows = foldLayers(planned.tensors.map(rowOf), 0, []);
  const known = new Set(planned.tensors.map(({ name }) => name));
  return {
    ...{ name: planned.name, parameters: parametersOf(planned), tensors: planned.tensors.length, rows },
    ties: Object.entries(planned.tied).filter(([name]) => !known.has(name)),
    unknownFields: planned.unknownFields ?? [],
    ...filesOf(model, make),
  };
}

function filesOf(model: Model, make: MakeOptions): Pick<PlanOutput, "files" | "fault"> {
  try {
    const { files } = checkpointOf(model, make);
    return { files: files.map(({ name, byteLength }) => ({ name, bytes: byteLength })), fault: undefined };
  } catch (error) {
    return { files: [], fault: (error as Error).message };
  }
}

const rowOf = ({ name, shape, role, distribution, copyOf }: PlannedTensor): string[] => [
  ...[name, shape.join(" \u00d7 "), role ?? ""],
  ...[copyOf === undefined ? wordsOf(distribution) : `copy of ${copyOf}`, stdText(distribution)],
];

function tinyOf(config: unknown): string {
  const { model_type: type, _class_name: name } = Object(config) as { model_type?: unknown; _class_name?: unknown };
  const small = tinyConfig(String(type ?? name ?? ""), { config: config as Readonly<Record<string, unknown>> });
  return `${JSON.stringify(small, undefined, 2)}\n`;
}

/** The files of the checkpoint, and its index if there are several. */
function written(made: Checkpoint): WrittenFile[] {
  const files = made.files.map((file) => ({
    ...{ name: file.name, bytes: file.byteLength },
    read: (begin: number, end: number) => made.read(file, begin, end),
  }));
  return made.index === undefined ? files : [...files, indexFile(made.index)];
}

function indexFile(index: CheckpointIndex): WrittenFile {
  const bytes = new TextEncoder().encode(indexText(index));
  return {
    ...{ name: INDEX_NAME, bytes: bytes.length },
    read: (begin, end) => bytes.subarray(begin, end),
  };
}
