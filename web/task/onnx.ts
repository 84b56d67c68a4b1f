/** An ONNX model in the worker: which of its tensors are weights, what each starts from, and the model with new ones. */
import { type OnnxModel, planOnnx, reinitialize } from "nn-init/onnx";
import { foldLayers } from "../../src/chart/fold.js";
import { stdText, wordsOf } from "../../src/chart/words.js";
import { destinationOf, type Target, type WrittenHere, writeFiles } from "../model/destination.js";
import { openModel } from "../model/onnx.open.js";
import type { Tell } from "../task.js";

export interface OnnxInput {
  /** The model, and the files with data that it names. */
  readonly files: readonly File[];
  readonly seed: number;
  /** Undefined for the plan alone. */
  readonly to?: Target | undefined;
}

export interface OnnxPlan {
  readonly weights: number;
  readonly parameters: number;
  readonly rows: readonly (readonly string[])[];
  /** What stays as it is: name, shape, type, why. */
  readonly left: readonly (readonly string[])[];
  /** Of the files that are written. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

type OnnxOutput = OnnxPlan | WrittenHere;

export const ONNX_HEAD = ["weight", "shape", "taken by", "starts from", "std"];
export const LEFT_HEAD = ["tensor", "shape", "type", "why it stays"];

export async function run({ files, seed, to }: OnnxInput, tell: Tell): Promise<OnnxOutput> {
  const { main, model } = await openModel(files);
  const made = await reinitialize(model, { seed });
  const nameOf = (location: string) => (location === "" ? main.name : (location.split("/").at(-1) as string));
  if (to === undefined) {
    const list = made.files.map(({ location, byteLength }) => ({ name: nameOf(location), bytes: byteLength }));
    return { ...planOf(model), files: list };
  }
  const written = made.files.map((file) => ({
    ...{ name: nameOf(file.location), bytes: file.byteLength },
    read: (begin: number, end: number) => made.read(file, begin, end),
  }));
  return writeFiles(written, await destinationOf(to), tell);
}

function planOf(model: OnnxModel): Omit<OnnxPlan, "files"> {
  const { tensors } = planOnnx(model);
  const takenBy = new Map(model.tensors.map((weight) => [weight.name, weight.takenBy.join(", ")]));
  const rows = tensors.map(({ name, shape, distribution }) => [
    ...[name, shape.join(" \u00d7 "), takenBy.get(name) ?? ""],
    ...[wordsOf(distribution), stdText(distribution)],
  ]);
  return {
    weights: tensors.length,
    parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    rows: foldLayers(rows, 0, []),
    left: model.left.map(({ name, dims, type, why }) => [name, dims.join(" \u00d7 "), type, why]),
  };
}
