/** New values for the weights of an ONNX model, in place: every other byte stays, and as a rule the length of each file. */
import { checkCount, checkRequired, wrongType, wrongValue } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { CheckpointTensor } from "../../checkpoint/file.js";
import { KeptWithin } from "../../checkpoint/kept.js";
import { firstBeyond } from "../../checkpoint/range.js";
import type { DType } from "../../dtype.js";
import { engine } from "../../engine/choose.js";
import type { Drawer, EngineName } from "../../engine/engine.js";
import type { Plan, PlannedModel } from "../../model/model.js";
import { typesOf } from "../../model/types.js";
import { checkSeed, type Seed } from "../../stream.js";
import { type CopiedRange, type FileLayout, layoutOf } from "./layout.js";
import type { OnnxModel } from "./model.js";
import { originOf } from "./origin.js";
import { planOnnx } from "./plan.js";
import { replacement } from "./replacement.js";
import { editsFor, type Replaced } from "./rewrite.js";
import type { StoredValue } from "./view.js";

/** The options of `reinitialize`. */
export interface ReinitializeOnnxOptions {
  /** From 0 to 2^64 - 1. */
  readonly seed: Seed;
  /** Rules that go before the schemes of the graph; see `planOnnx`. */
  readonly plan?: Plan | undefined;
  /** The engine that draws. Default: the best one available. It cannot change a byte. */
  readonly engine?: EngineName | undefined;
}

/** A file of a model that was initialized again. */
export interface OnnxFile {
  /** Its path from the model's folder on; "" is the model itself. */
  readonly location: string;
  /** Size of the file. */
  readonly byteLength: number;
  /** The tensors in it that are drawn. */
  readonly tensors: readonly CheckpointTensor[];
}

/**
 * Gives the weights of an ONNX model new values. Nothing is drawn yet: `read`, `bytes` and `stream` of the result do that.
 *
 * @param model from `readOnnx`.
 * @param options the seed, a plan, who draws.
 * @throws what `planOnnx` throws; TypeError, RangeError for a wrong option, and for a distribution that a dtype does not hold.
 */
export async function reinitialize(model: OnnxModel, options: ReinitializeOnnxOptions): Promise<ReinitializedOnnx> {
  checkRequired("options", options, ["seed", "plan", "engine"]);
  const { seed, plan, engine: name } = options;
  if (seed === undefined) throw wrongType("seed", "a whole number, as the bytes depend on it", seed);
  return reinitialized(model, planOnnx(model, plan), checkSeed(seed), engine(name));
}

/** The same for a model that was planned. */
export async function reinitialized(
  model: OnnxModel,
  planned: PlannedModel,
  seed: Seed,
  drawer: Drawer,
): Promise<ReinitializedOnnx> {
  const types = typesOf(planned, undefined) as readonly DType[];
  const typed = planned.tensors.map((tensor, i) => ({ tensor, dtype: types[i] as DType }));
  const { sources, stored } = originOf(model);
  const placed = new Map<string, CheckpointTensor[]>(); // by location: a file for each tensor is usual
  const replaced: Replaced[] = [];
  const rewritten: string[] = [];
  for (const { tensor, dtype } of typed) {
    const { name } = tensor;
    const place = model.places.get(name);
    if (place === undefined) {
      replaced.push(await replacement(sources.get("") as ByteSource, stored.get(name) as StoredValue, name, dtype));
      rewritten.push(name);
      continue;
    }
    const { location, begin, end } = place;
    const known = placed.get(location);
    if (known === undefined) placed.set(location, [{ ...tensor, dtype, begin, end }]);
    else known.push({ ...tensor, dtype, begin, end });
  }
  const byName = new Map(typed.map((one) => [one.tensor.name, one]));
  const editsOfModel = editsFor(replaced);
  const layouts = [...sources].map(([location, source]) =>
    layoutOf(location, source, placed.get(location) ?? [], { edits: location === "" ? editsOfModel : [], byName }),
  );
  return new ReinitializedOnnx(model, planned, rewritten, layouts, seed, drawer);
}

const CHUNK_BYTES = 0x100000;

/** An ONNX model with new values, made by `reinitialize`: files that are described, and drawn when they are read. */
export class ReinitializedOnnx {
  /** The model itself, and the files with data beside it. */
  readonly files: readonly OnnxFile[];
  /** @internal What draws. */
  readonly checkpoint: Checkpoint;
  readonly #layouts: ReadonlyMap<string, FileLayout>;

  /** @internal */
  constructor(
    /** What was read. */
    readonly model: OnnxModel,
    /** What is drawn, and from what. */
    readonly planned: PlannedModel,
    /**
     * The tensors whose values had another encoding (f16 as whole numbers, nodes that fill a tensor with one value) and have
     * become raw ones, so that the file has another length.
     */
    readonly rewritten: readonly string[],
    layouts: readonly FileLayout[],
    seed: Seed,
    drawer: Drawer,
  ) {
    this.files = layouts;
    this.#layouts = new Map(layouts.map((layout) => [layout.location, layout]));
    this.checkpoint = new Checkpoint(seed, layouts, drawer, new KeptWithin());
  }

  /**
   * Bytes [begin, end) of a file.
   *
   * @param file one of `files`, or its location; "" is the model.
   * @param begin offset of the first byte.
   * @param end offset after the last byte.
   * @param into where the bytes go, as long as the range. Default: a new array.
   * @throws TypeError, RangeError naming the argument.
   */
  async read<T extends Uint8Array = Uint8Array<ArrayBuffer>>(
    file: OnnxFile | string,
    begin: number,
    end: number,
    into?: T,
  ): Promise<T> {
    const layout = this.#layout(file);
    if (checkCount("end", end) > layout.byteLength) {
      throw wrongValue("end", `at most ${layout.byteLength}, the length of the file`, end);
    }
    if (checkCount("begin", begin) > end) throw wrongValue("begin", `at most ${end}`, begin);
    const out = into ?? new Uint8Array(end - begin);
    if (out.length !== end - begin) throw wrongValue("into.length", `${end - begin}, as in the range`, out.length);
    await this.copied(layout, begin, out);
    return this.checkpoint.read(layout, begin, end, out) as T;
  }

  /**
   * A whole file.
   *
   * @param file one of `files`, or its location. Default: the model.
   * @throws TypeError, RangeError naming the argument.
   */
  bytes(file: OnnxFile | string = ""): Promise<Uint8Array<ArrayBuffer>> {
    return this.read(file, 0, this.#layout(file).byteLength);
  }

  /**
   * A file as a stream, which draws a chunk whenever its reader asks for one.
   *
   * @param file one of `files`, or its location. Default: the model.
   * @throws TypeError, RangeError naming the argument.
   */
  stream(file: OnnxFile | string = ""): ReadableStream<Uint8Array<ArrayBuffer>> {
    const layout = this.#layout(file);
    let at = 0;
    return new ReadableStream(
      {
        pull: async (controller) => {
          const end = Math.min(layout.byteLength, at + CHUNK_BYTES);
          if (at < end) controller.enqueue(await this.read(layout, at, end));
          at = end;
          if (at === layout.byteLength) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** @internal Fills `out` with what the file has of its source; a promise where the source gives one. */
  copied(file: OnnxFile, begin: number, out: Uint8Array): undefined | Promise<unknown> {
    const { copied, source } = this.#layout(file);
    const end = begin + out.length;
    const waiting: Promise<void>[] = [];
    for (let i = firstBeyond(copied, begin); i < copied.length; ++i) {
      const range = copied[i] as CopiedRange;
      if (range.begin >= end) break;
      const [low, high] = [Math.max(begin, range.begin), Math.min(end, range.end)];
      const from = range.from + low - range.begin;
      const put = (bytes: Uint8Array) => {
        if (bytes.length !== high - low) throw new RangeError("the model became shorter while it was read");
        out.set(bytes, low - begin);
      };
      const read = source.read(from, from + high - low);
      if (read instanceof Uint8Array) put(read);
      else waiting.push(read.then(put));
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting);
  }

  #layout(file: OnnxFile | string): FileLayout {
    const found = this.#layouts.get(typeof file === "string" ? file : file?.location);
    if (found === undefined || (typeof file !== "string" && found !== file))
      throw wrongValue("file", "a file of this model, or its location", file);
    return found;
  }
}
