/** ONNX models: which of their tensors are weights, how each starts, and which stay as they are. */
import { checkOptions, show, wrongType } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import type { Model } from "../../model/model.js";
import { sizeOf } from "../../shape.js";
import { claimOf, isLayer } from "./claim.js";
import { dtypeOf } from "./element.js";
import { fixedBecause, floatsOf, lookedBytes } from "./fixed.js";
import { Follower } from "./follow.js";
import { clippedList } from "./list.js";
import { setOrigin } from "./origin.js";
import { payloadBytes } from "./payload.js";
import type { OnnxTensor } from "./proto.js";
import { readProto } from "./reader.js";
import { foreignIn, noWeights } from "./refusal.js";
import { byteSource, type OnnxSource, readExactly } from "./source.js";
import { decided, isWeight, namesFor, type UndrawnTensor } from "./tensor.js";
import { type Use, usesOf } from "./use.js";
import type { StoredValue } from "./view.js";
import { walk } from "./walk.js";
import type { LeftTensor, OnnxWeight } from "./weight.js";

/** The options of `readOnnx`. */
export interface OnnxOptions {
  /** The name that messages have for the model. Default "model". */
  readonly name?: string | undefined;
  /**
   * Opens a file with data beside the model.
   *
   * @param location its path, from the model's folder on.
   */
  readonly external?: ((location: string) => OnnxSource | Promise<OnnxSource>) | undefined;
}

/** Where the values of a tensor lie in a file. */
export interface OnnxPlace {
  /** The file beside the model; "" is the model. */
  readonly location: string;
  /** The offset of its first byte. */
  readonly begin: number;
  /** The offset after its last byte. */
  readonly end: number;
}

/** An ONNX model that was read by `readOnnx`: a model whose tensors are its weights. */
export interface OnnxModel extends Model {
  /** The weights, each with a scheme of its own that suits its layer. */
  readonly tensors: readonly OnnxWeight[];
  /** The tensors that stay as they are, unless a plan speaks of them. */
  readonly left: readonly LeftTensor[];
  /** Where the values of each tensor lie, by its name; without those that have no such place. */
  readonly places: ReadonlyMap<string, OnnxPlace>;
}

/**
 * Reads the graph of an ONNX model and finds its weights: what the operators that take them do with them, their fans, the
 * activation that follows. Of the weights themselves little is read.
 *
 * @param source the bytes of the model, a File, or what reads ranges of it.
 * @param options its name, and what opens files with data beside it.
 * @returns the model. Its tensors have schemes of their own: recommendations for their layers, Keras's defaults for recurrent
 * ones, 0 for biases, 1 for the scales of normalizations.
 * @throws TypeError, RangeError for what is not a whole ONNX model, or has no weights; naming the tensor, for sizes that do not
 * fit, paths outside of the model's folder, files that are missing or too short.
 * @example
 * ```js
 * import { readOnnx } from "nn-init/onnx";
 *
 * const identity = Uint8Array.of(8, 8, 58, 0); // a model of format 8 whose graph is empty
 * await readOnnx(identity).catch(({ message }) => console.log(message)); // model: expected weights, found none
 * ```
 */
export async function readOnnx(source: OnnxSource, options: OnnxOptions = {}): Promise<OnnxModel> {
  checkOptions("options", options, ["name", "external"]);
  const { name = "model", external } = options;
  const main = byteSource("source", source);
  const proto = await readProto(main);
  const { stored, taken } = walk(proto);
  const names = namesFor(stored);
  const claims = taken.map((one) => ({ taken: one, claim: claimOf(one) }));
  const follower = new Follower(claims.filter(({ claim }) => isLayer(claim)).map((one) => one.taken));
  const uses = new Map<StoredValue, Use[]>(stored.map((one) => [one, []]));
  for (const { taken: one, claim } of claims) {
    const own = inTensors(
      one.view.leaves.map((leaf) => names.get(leaf.stored) ?? ""),
      () => usesOf(one, claim, follower),
    );
    for (const use of own) uses.get(use.stored)?.push(use);
  }
  const files = new Files(main, external);
  const weights: OnnxWeight[] = [];
  const left: UndrawnTensor[] = [];
  for (const one of stored) {
    const tensor = decided(one, names.get(one) as string, uses.get(one) as Use[]);
    const checked = isWeight(tensor) ? await withoutFixed(tensor, one.tensor, files) : tensor;
    if (isWeight(checked)) weights.push(checked);
    else left.push(checked);
  }
  const byName = new Map(stored.map((one) => [names.get(one) as string, one]));
  const places = new Map<string, OnnxPlace>();
  for (const [of, { tensor }] of byName) {
    const place = await placeOf(of, tensor, files);
    if (place !== undefined) places.set(of, place);
  }
  const { tensors, aliases } = withoutAliases(weights, places);
  const kept = [...left, ...aliases].map((one) => ({ ...one, drawable: isDrawable(one, byName, places) }));
  if (tensors.length === 0 && !kept.some(({ drawable }) => drawable)) throw noWeights(name, kept, foreignIn(proto));
  const model = { name, tensors, left: kept, variables: {}, tied: {}, places };
  setOrigin(model, { sources: files.open, stored: byName });
  return model;
}

/** Whether the values of a tensor can be written. */
function isDrawable(
  { name, dims, why }: UndrawnTensor,
  stored: ReadonlyMap<string, StoredValue>,
  places: ReadonlyMap<string, OnnxPlace>,
): boolean {
  const { tensor, sparse, filledBy } = stored.get(name) as StoredValue;
  const isOther = why === "quantized" || why.startsWith("the bytes of"); // a scale belongs to whole numbers that stay
  if (dtypeOf(tensor) === undefined || sparse === true || dims.includes(0) || isOther) return false;
  return places.has(name) || tensor.payload?.kind === "encoded" || filledBy !== undefined;
}

function inTensors<T>(names: readonly string[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new RangeError(`tensor ${clippedList([...new Set(names)])}: ${(error as Error).message}`, { cause: error });
  }
}

/** The model and the files beside it. */
class Files {
  readonly open = new Map<string, ByteSource>();

  constructor(
    main: ByteSource,
    readonly external: OnnxOptions["external"],
  ) {
    this.open.set("", main);
  }

  async at(location: string): Promise<ByteSource> {
    const known = this.open.get(location);
    if (known !== undefined) return known;
    if (this.open.size > MOST_FILES) throw new RangeError(`expected at most ${MOST_FILES} files with data`);
    if (this.external === undefined) {
      throw wrongType("external", `what opens ${show(location)}, where the model has data`, this.external);
    }
    const source = byteSource(`external(${show(location)})`, await this.external(location));
    this.open.set(location, source);
    return source;
  }
}

const MOST_FILES = 100_000; // a file for each tensor is usual

/** A weight, or what shows that its values are fixed. */
async function withoutFixed(weight: OnnxWeight, tensor: OnnxTensor, files: Files): Promise<OnnxWeight | UndrawnTensor> {
  const { name, dims, role, shape, takenBy } = weight;
  const place = await placeOf(name, tensor, files);
  if (place === undefined || dims.length < 2 || role === "bias" || role === "normalization") return weight;
  const isKernel = takenBy.some((by) => by.includes("Conv"));
  const row = isKernel ? sizeOf(dims.slice(2)) : (shape.at(-1) as number);
  const length = lookedBytes(weight.dtype as "f32", dims, row);
  const bytes = await readExactly(await files.at(place.location), place.begin, place.begin + length);
  const why = fixedBecause(floatsOf(weight.dtype as "f32", bytes), row);
  return why === undefined ? weight : { name, dims, type: weight.dtype as string, why: `fixed: ${why}` };
}

/** Where a tensor's values are, one after the other, little-endian. */
async function placeOf(name: string, tensor: OnnxTensor, files: Files): Promise<OnnxPlace | undefined> {
  const { payload, dims } = tensor;
  if (payload === undefined || payload.kind === "encoded") return undefined;
  if (payload.kind === "inline") return { location: "", begin: payload.begin, end: payload.end };
  const { location, begin, end } = payload;
  const { byteLength } = await files.at(location).catch((error: Error) => {
    throw new RangeError(`tensor ${show(name)}: ${error.message}`, { cause: error });
  });
  const dtype = dtypeOf(tensor);
  if (dtype === undefined) return undefined; // copied with its file
  const expected = payloadBytes(dtype, dims);
  if (end !== undefined && end - begin !== expected) {
    throw new RangeError(
      `tensor ${show(name)}: expected ${expected} bytes for its dims and type, got a length of ${end - begin}`,
    );
  }
  if (begin + expected > byteLength) {
    throw new RangeError(
      `tensor ${show(name)}: expected ${begin + expected} bytes in ${show(location)}, got ${byteLength}`,
    );
  }
  return { location, begin, end: begin + expected };
}

/**
 * Weights that are the very bytes of an earlier one, which stand for it, are left out.
 *
 * @throws RangeError for tensors whose bytes overlap.
 */
function withoutAliases(weights: readonly OnnxWeight[], places: ReadonlyMap<string, OnnxPlace>) {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const aliases: UndrawnTensor[] = [];
  const sorted = [...places].sort(([, a], [, b]) =>
    a.location === b.location ? a.begin - b.begin || a.end - b.end : a.location < b.location ? -1 : 1,
  );
  let [before, ...rest] = sorted;
  for (const next of rest) {
    const [[name, place], [other, place2]] = [before as [string, OnnxPlace], next];
    if (place2.location !== place.location || place2.begin >= place.end) {
      before = next;
      continue;
    }
    const [first, second] = [byName.get(name), byName.get(other)];
    const same = place.begin === place2.begin && place.end === place2.end && first?.dtype === second?.dtype;
    if (first === undefined && second === undefined) continue;
    if (!same || first === undefined || second === undefined) {
      throw new RangeError(
        `tensors ${show(name)} and ${show(other)}: expected bytes of their own, got ranges that overlap`,
      );
    }
    const [kept, alias] = second.role === "embedding" ? [second, first] : [first, second];
    byName.delete(alias.name);
    aliases.push({
      name: alias.name,
      dims: alias.dims,
      type: alias.dtype as string,
      why: `the bytes of ${show(kept.name)}`,
    });
    before = kept === second ? next : (before as [string, OnnxPlace]);
  }
  return { tensors: weights.filter(({ name }) => byName.has(name)), aliases };
}
