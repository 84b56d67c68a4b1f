/** New values for the weights of an ONNX model, in place: every other byte stays, and as a rule the length of each file. */
import { checkCount, checkRequired, wrongType, wrongValue } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { CheckpointFile, CheckpointTensor, FileSection } from "../../checkpoint/file.js";
import { KeptWithin } from "../../checkpoint/kept.js";
import { firstBeyond } from "../../checkpoint/range.js";
import type { DType } from "../../dtype.js";
import { engine } from "../../engine/choose.js";
import type { Drawer, EngineName } from "../../engine/engine.js";
import type { Plan, PlannedModel, PlannedTensor } from "../../model/model.js";
import { typesOf } from "../../model/types.js";
import { checkSeed, type Seed } from "../../stream.js";
import type { OnnxModel } from "./model.js";
import { originOf } from "./origin.js";
import { payloadBytes } from "./payload.js";
import { planOnnx } from "./plan.js";
import { MOST_MODEL } from "./reader.js";
import { type Edit, editsFor, type Replaced } from "./rewrite.js";
import { readExactly } from "./source.js";
import type { StoredValue } from "./view.js";
import { type Message, tagOf, varintBytes, WireCursor } from "./wire.js";

/** The options of `reinitialize`. */
export interface ReinitializeOnnxOptions {
  /** From 0 to 2^64 - 1. */
  readonly seed: Seed;
  /** Rules that go before the schemes of the graph; see `planOnnx`. */
  readonly plan?: Plan | undefined;
  /** The engine that draws. Default: the best one available. It cannot change a byte. */
  readonly engine?: EngineName | undefined;
}

/** Bytes of a file that are those of its source. */
interface CopiedRange {
  readonly begin: number;
  readonly end: number;
  /** Where they begin in the source. */
  readonly from: number;
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
  const layouts: FileLayout[] = [];
  const rewritten: string[] = [];
  const { sources, stored } = originOf(model);
  const placed = new Map<string, CheckpointTensor[]>(); // by location: a file for each tensor is usual
  for (const { tensor, dtype } of typed) {
    const place = model.places.get(tensor.name);
    if (place === undefined) continue;
    const { location, begin, end } = place;
    const known = placed.get(location);
    if (known === undefined) placed.set(location, [{ ...tensor, dtype, begin, end }]);
    else known.push({ ...tensor, dtype, begin, end });
  }
  const byName = new Map(typed.map((one) => [one.tensor.name, one]));
  for (const [location, source] of sources) {
    const replaced: Replaced[] = [];
    if (location === "") {
      for (const { tensor, dtype } of typed) {
        if (model.places.has(tensor.name)) continue;
        replaced.push(await replacement(source, stored.get(tensor.name) as StoredValue, tensor.name, dtype));
        rewritten.push(tensor.name);
      }
    }
    layouts.push(layoutOf(location, source, placed.get(location) ?? [], { edits: editsFor(replaced), byName }));
  }
  return new ReinitializedOnnx(model, planned, rewritten, layouts, seed, drawer);
}

/** A file as it will be. */
interface FileLayout extends CheckpointFile, OnnxFile {
  readonly source: ByteSource;
  readonly copied: readonly CopiedRange[];
}

type Typed = { readonly tensor: PlannedTensor; readonly dtype: DType };

function layoutOf(
  location: string,
  source: ByteSource,
  placed: readonly CheckpointTensor[],
  { edits, byName }: { readonly edits: readonly Edit[]; readonly byName: ReadonlyMap<string, Typed> },
): FileLayout {
  const inPlace = [...placed].sort((a, b) => a.begin - b.begin);
  const sections: FileSection[] = [];
  const drawn: CheckpointTensor[] = [];
  const copied: CopiedRange[] = [];
  let [from, at] = [0, 0]; // in the source, in the file
  const draw = (tensor: CheckpointTensor) => {
    sections.push(tensor);
    drawn.push(tensor);
    at = tensor.end;
  };
  const copyTo = (end: number) => {
    if (end > from) copied.push({ begin: at, end: at + end - from, from });
    at += end - from;
    from = end;
  };
  const stops = [
    ...inPlace.map((tensor) => ({ start: tensor.begin, tensor })),
    ...edits.map((edit) => ({ start: edit.start, edit })),
  ];
  for (const stop of stops.sort((a, b) => a.start - b.start)) {
    copyTo(stop.start);
    if ("tensor" in stop) {
      const { tensor } = stop;
      const end = at + tensor.end - tensor.begin;
      from = tensor.end;
      draw({ ...tensor, begin: at, end });
      continue;
    }
    const { bytes, more, tensor: name, end } = stop.edit;
    from = end;
    if (bytes.length > 0) sections.push(literal(bytes, at));
    at += bytes.length;
    const typed = name === undefined ? undefined : byName.get(name);
    if (typed !== undefined) draw({ ...typed.tensor, dtype: typed.dtype, begin: at, end: at + more });
  }
  copyTo(source.byteLength);
  if (location === "" && at > MOST_MODEL) {
    throw wrongValue("the model", `at most ${MOST_MODEL} bytes with its weights in it`, at);
  }
  const name = location === "" ? "model.onnx" : location;
  const file = { location, name, byteLength: at, tensors: drawn, header: new Uint8Array(0), etag: "" };
  return { ...file, sections, source, copied };
}

/** Bytes that are known: no draws. */
const literal = (bytes: Uint8Array, begin: number): FileSection => ({
  ...{ dtype: "u8", begin, end: begin + bytes.length },
  made: () => (out, start) => {
    out.set(bytes.subarray(start, start + out.length));
    return [];
  },
});

/** Field numbers of onnx.proto. */
const NODE = { output: 2, name: 3, op: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, tensor: 5, type: 20 } as const;
const TENSOR = { dims: 1, type: 2, raw: 9 } as const;
const VALUES: readonly number[] = [4, 5, 6, 7, 9, 10, 11]; // of a tensor: fields that have values
const TENSOR_ATTRIBUTE = 4;

/** A tensor in place of one whose values are encoded otherwise, or a constant in place of a node that fills one. */
async function replacement(source: ByteSource, stored: StoredValue, name: string, dtype: DType): Promise<Replaced> {
  const { tensor, filledBy } = stored;
  const more = payloadBytes(dtype, tensor.dims);
  const raw = [...tagOf(TENSOR.raw), ...varintBytes(more)];
  const message = filledBy === undefined ? tensor.message : filledBy.message;
  const body =
    filledBy === undefined ? [...(await otherFields(source, message)), ...raw] : constantNode(stored, raw, more);
  const tag = await readExactly(source, message.start, message.lengthAt);
  const bytes = Uint8Array.from([...tag, ...varintBytes(body.length + more), ...body]);
  return { start: message.start, end: message.end, bytes, more, tensor: name, parent: message.parent };
}

/** The fields of a tensor besides its values. */
async function otherFields(source: ByteSource, message: Message): Promise<readonly number[]> {
  const kept: number[] = [];
  await new WireCursor(source).fields(message, async (field) => {
    if (!VALUES.includes(field.number)) kept.push(...(await readExactly(source, field.start, field.end)));
  });
  return kept;
}

/** A Constant node up to the values of its tensor. */
function constantNode({ tensor, filledBy }: StoredValue, raw: readonly number[], more: number): readonly number[] {
  const text = (field: number, value: string) => {
    const bytes = new TextEncoder().encode(value);
    return [...tagOf(field), ...varintBytes(bytes.length), ...bytes];
  };
  const int = (field: number, value: number) => [...varintBytes(field * 8), ...varintBytes(value)];
  const before = (field: number, body: readonly number[]) => [
    ...tagOf(field),
    ...varintBytes(body.length + more),
    ...body,
  ];
  const { name = "", outputs = [] } = filledBy ?? {};
  const dims = tensor.dims.flatMap((length) => int(TENSOR.dims, length));
  const value = before(ATTRIBUTE.tensor, [...dims, ...int(TENSOR.type, tensor.type), ...raw]);
  const attribute = [...text(ATTRIBUTE.name, "value"), ...int(ATTRIBUTE.type, TENSOR_ATTRIBUTE), ...value];
  const named = name === "" ? [] : text(NODE.name, name);
  return [
    ...outputs.flatMap((output) => text(NODE.output, output)),
    ...named,
    ...text(NODE.op, "Constant"),
    ...before(NODE.attribute, attribute),
  ];
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
