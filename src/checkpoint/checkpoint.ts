/** A whole checkpoint as a description: which files there are, where each tensor lies, and any byte of it on demand. */
import { reserve } from "../arena.js";
import { checkCount, checkOptions, checkPositive, show, wrongType, wrongValue } from "../check.js";
import { checkDType, type DType, FORMATS, type Values } from "../dtype.js";
import { engine } from "../engine/choose.js";
import type { Drawer, EngineName } from "../engine/engine.js";
import { bytesOf, type ElementType, type IntegerValues, integerView, isInteger } from "../model/element.js";
import { parseInfix } from "../model/infix.js";
import type { Model, Plan } from "../model/model.js";
import { planInCode } from "../model/plan.js";
import { typesOf } from "../model/types.js";
import { sizeOf } from "../shape.js";
import { perhaps } from "../spelling.js";
import { checkSeed, type Seed } from "../stream.js";
import { CHUNK_BYTES, DrawnFiles } from "./drawn.js";
import type { CheckpointFile, CheckpointTensor } from "./file.js";
import { hashOf, hashOfBytes } from "./hash.js";
import { type Bounded, KeptWithin, withLast } from "./kept.js";
import { type LayoutOptions, last, layOut, MAX_SHARD_BYTES, type Planned } from "./layout.js";
import { chunkEnd } from "./range.js";
import { type AxisRange, checkRanges, drawsOfRegion } from "./region.js";

/** The options of `checkpoint`. */
export interface CheckpointOptions {
  /** From 0 to 2^64 - 1. */
  readonly seed: Seed;
  /** Which scheme each tensor starts from. Default: schemes of the tensors' own, else the model's plan. */
  readonly plan?: Plan | undefined;
  /** Element type of all tensors that are not integers. Default: the tensor's own, else the config's, else f32. */
  readonly dtype?: DType | undefined;
  /**
   * The most bytes of tensors in a file; a larger tensor is a file of its own. Default 5e9, as in huggingface_hub. The
   * header comes on top, and must not be larger itself.
   */
  readonly maxShardBytes?: number | undefined;
  /**
   * The most bytes of whole tensors that are kept between reads, because a slice of them costs as much as the whole:
   * orthogonal and sparse ones. Default 2^26. The largest one needs its memory while it is drawn, whatever the budget.
   */
  readonly keptBytes?: number | undefined;
  /** The engine that draws. Default: the best one available. It cannot change a byte. */
  readonly engine?: EngineName | undefined;
}

/** Bytes [begin, end) of a file. */
export interface ByteRange {
  /** The first byte. Default 0. */
  readonly begin?: number | undefined;
  /** The byte after the last. Default: the end of the file. */
  readonly end?: number | undefined;
}

/** The options of `stream`. */
export interface StreamOptions extends ByteRange {
  /** The most bytes that are drawn at once, at each pull: somewhat fewer where a block would be cut. Default 2^18. */
  readonly chunkBytes?: number | undefined;
}

/** What `find` finds: a tensor of a checkpoint, and the file that it is in. */
export interface FoundTensor {
  /** The file that has it. */
  readonly file: CheckpointFile;
  /** The tensor, with its place in the file. */
  readonly tensor: CheckpointTensor;
}

const KEYS = ["seed", "plan", "dtype", "maxShardBytes", "keptBytes", "engine"];

/**
 * Lays out the checkpoint of a model as files, without drawing anything. The files and their names are those that
 * huggingface_hub makes of the same tensors.
 *
 * @param model from `modelOf` or `modelOfShapes`.
 * @param options seed, plan, dtype, size of the files, and who draws.
 * @throws what `planModel` throws; TypeError, RangeError for a wrong option, a distribution that does not fit its dtype, a
 * header larger than a file may be, more than 10,000 files.
 * @example
 * ```js
 * import { checkpoint } from "nn-init/checkpoint";
 * import { modelOf } from "nn-init/model";
 *
 * const gpt2 = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
 * const { files } = checkpoint(modelOf(gpt2), { seed: 42, dtype: "bf16", maxShardBytes: 200e6 });
 * console.log(files.map(({ byteLength }) => byteLength).join(" + ")); // 171709528 + 77195104
 * ```
 */
export function checkpoint(model: Model, options: CheckpointOptions): Checkpoint {
  checkOptions("options", options, KEYS);
  const { seed, plan, dtype, maxShardBytes, keptBytes, engine: name } = options ?? {};
  if (seed === undefined) throw wrongType("seed", "a whole number, as the bytes depend on it", seed);
  const checked = {
    seed: checkSeed(seed),
    maxShardBytes: maxShardBytes === undefined ? MAX_SHARD_BYTES : checkPositive("maxShardBytes", maxShardBytes),
    kept: new KeptWithin(keptBytes === undefined ? undefined : checkCount("keptBytes", keptBytes)),
    drawer: engine(name),
  };
  const planned = planInCode(model, plan, parseInfix);
  return checkpointOf(planned, typesOf(planned, dtype === undefined ? undefined : checkDType(dtype)), checked);
}

/** What the bytes depend on, besides the model, and how they are drawn. */
interface DescribedOptions extends LayoutOptions {
  /** Where whole tensors are kept. */
  readonly kept?: Bounded;
  readonly drawer: Drawer;
}

/**
 * The checkpoint of a planned model.
 *
 * @param types the element type of each tensor.
 * @throws RangeError for a model with names in memory.
 */
export function checkpointOf(planned: Planned, types: readonly ElementType[], options: DescribedOptions): Checkpoint {
  const { seed, drawer, kept = new KeptWithin() } = options;
  const layout = layOut(planned, types, options, hashOfBytes);
  const step = layout.next();
  return new Checkpoint(seed, step.done ? step.value : last(layout.next(hashOf(step.value))), drawer, kept);
}

/** A checkpoint that is described and not stored: made by `checkpoint`. */
export class Checkpoint extends DrawnFiles {
  #places: Map<string, FoundTensor> | undefined;

  /**
   * The tensor of a name, with its place in its file.
   *
   * @param name of the tensor.
   * @returns undefined if no tensor has the name.
   */
  find(name: string): FoundTensor | undefined {
    this.#places ??= new Map(
      this.files.flatMap((file) => file.tensors.map((tensor) => [tensor.name, { file, tensor }] as const)),
    );
    return this.#places.get(name);
  }

  /**
   * Draws bytes [begin, end) of a file. A range that cuts an element or a block costs the whole of it, at most 16 KiB; a
   * range of an orthogonal or sparse tensor costs the whole tensor, unless it is kept.
   *
   * @param file one of `files`, or its name.
   * @param begin offset of the first byte.
   * @param end offset after the last byte, at most the file's length.
   * @param into where the bytes go, as long as the range. Default: a new array.
   * @returns the bytes.
   * @throws TypeError, RangeError naming the argument, before anything is drawn.
   * @example
   * ```js
   * import { checkpoint } from "nn-init/checkpoint";
   * import { modelOfShapes } from "nn-init/model";
   *
   * const model = modelOfShapes("tiny", [{ name: "w", shape: [256, 256], scheme: "heNormal" }]);
   * const tiny = checkpoint(model, { seed: 42 });
   * const end = tiny.find("w")?.tensor.end ?? 0;
   * console.log(tiny.read("model.safetensors", end - 4, end).join(" ")); // 142 92 192 61
   * ```
   */
  read<T extends Uint8Array = Uint8Array<ArrayBuffer>>(
    file: CheckpointFile | string,
    begin: number,
    end: number,
    into?: T,
  ): T {
    const found = this.#file(file);
    checkByteRange(begin, end, found.byteLength);
    const out = into === undefined ? reserve(() => new Uint8Array(end - begin), end - begin) : into;
    if (!(out instanceof Uint8Array)) throw wrongType("into", "a Uint8Array", into);
    if (out.length !== end - begin) throw wrongValue("into.length", `${end - begin}, as in the range`, out.length);
    return this.draw(found, begin, out) as T;
  }

  /**
   * Bytes of a file as a stream, which draws a chunk whenever its reader asks for one, and nothing ahead.
   *
   * @param file one of `files`, or its name.
   * @param options the range, and the size of the chunks.
   * @throws TypeError, RangeError naming the argument.
   */
  stream(file: CheckpointFile | string, options: StreamOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    checkOptions("options", options, ["begin", "end", "chunkBytes"]);
    const found = this.#file(file);
    const { begin = 0, end = found.byteLength, chunkBytes = CHUNK_BYTES } = options;
    checkByteRange(begin, end, found.byteLength);
    const most = checkPositive("chunkBytes", chunkBytes);
    const draw = this.reader(found);
    let at = begin;
    return new ReadableStream(
      {
        pull: (controller) => {
          const next = Math.min(end, chunkEnd(found, at, most));
          if (at < next) controller.enqueue(draw(at, new Uint8Array(next - at)));
          at = next;
          if (at === end) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /**
   * A slice of a tensor along any of its axes: what one rank of tensor parallelism holds.
   *
   * @param name of the tensor.
   * @param ranges [begin, end) for each of the first axes, null for a whole axis; the other axes are whole.
   * @returns the elements of the slice, flat and row-major, in the array of the tensor's dtype; f16 and bf16 as 16-bit
   * patterns in a Uint16Array.
   * @throws TypeError, RangeError naming the argument.
   * @example
   * ```js
   * import { checkpoint } from "nn-init/checkpoint";
   * import { modelOfShapes } from "nn-init/model";
   *
   * const model = modelOfShapes("tiny", [{ name: "w", shape: [256, 1024], scheme: "heNormal" }]);
   * const columns = checkpoint(model, { seed: 42 }).region("w", [null, [512, 768]]); // the third of four ranks
   * console.log(columns.length); // 65536
   * ```
   */
  region(name: string, ranges: readonly AxisRange[]): Values<ArrayBuffer> | IntegerValues {
    const found = this.find(name);
    if (found === undefined) throw wrongValue("name", "the name of a tensor of this checkpoint", name);
    const { tensor } = found;
    const { dtype, shape } = tensor;
    const checked = checkRanges(ranges, shape);
    const length = sizeOf(checked.map(([begin, end]) => end - begin));
    const size = bytesOf(dtype);
    const out = reserve(() => new Uint8Array(length * size), length * size);
    this.carryOut(out, (drawerOf) => drawsOfRegion(checked, shape, out, size, drawerOf(tensor)), withLast(this.kept));
    return isInteger(dtype) ? integerView(dtype, out) : new FORMATS[dtype].array(out.buffer, 0, length);
  }

  #file(file: CheckpointFile | string): CheckpointFile {
    const found = this.files.find((one) => one === file || one.name === file);
    if (found !== undefined) return found;
    const names = this.files.map(({ name }) => name);
    if (typeof file === "string") throw wrongValue("file", `one of ${show(names)}${perhaps(file, names)}`, file);
    throw wrongType("file", "a file of this checkpoint, or its name", file);
  }
}

function checkByteRange(begin: number, end: number, length: number): void {
  if (checkCount("end", end) > length) throw wrongValue("end", `at most ${length}, the length of the file`, end);
  if (checkCount("begin", begin) > end) throw wrongValue("begin", `at most ${end}, the end of the range`, begin);
}
