/** Drawing a whole model: which type each tensor has, checks of all before the first, then one after the other. */
import { Arena, checkArena, reserve } from "../arena.js";
import { checkOptions, wrongType } from "../check.js";
import { pieceDrawer } from "../checkpoint/draw.js";
import { checkDType, type DType, type Values, view } from "../dtype.js";
import { engine } from "../engine/choose.js";
import type { Draw } from "../engine/compose.js";
import type { AsyncDrawer, Drawer, EngineName } from "../engine/engine.js";
import type { AsyncThreadPool, ThreadPool } from "../pool.js";
import { carryOut, carryOutAsync, type Request } from "../request.js";
import { sizeOf } from "../shape.js";
import { checkSeed, randomSeed, type Seed } from "../stream.js";
import { bytesOf, type ElementType, elementsIn, type IntegerValues, isInteger } from "./element.js";
import type { Model, Plan, PlannedTensor } from "./model.js";
import { planModel } from "./plan.js";
import { typesOf } from "./types.js";

/** What both calls take. */
export interface DrawModelOptions {
  /** Which scheme each tensor has. Default: the model's own plan. */
  readonly plan?: Plan;
  /** From 0 to 2^64 - 1. Without one, a fresh one is drawn and returned. */
  readonly seed?: Seed;
  /** Type of all tensors but those of whole numbers. Default: the tensor's own, else the config's, else f32. */
  readonly dtype?: DType;
  /** Who draws. Default: the best engine there is. It cannot change a value. */
  readonly engine?: EngineName;
}

/** The options of `initModel`. */
export interface InitModelOptions<Buffer extends ArrayBufferLike = ArrayBuffer> extends DrawModelOptions {
  /** Where the tensors go. Default: a new arena as large as the model. */
  readonly arena?: Arena<Buffer>;
}

/** Draws with several threads, and blocks until the tensors are there; from `openPool` of nn-init/threads. */
export interface WithPool {
  readonly pool?: ThreadPool;
}

/** Draws with several threads without blocking; from `openPoolAsync` of nn-init/threads. */
export interface WithAsyncPool {
  readonly pool: AsyncThreadPool;
}

/** A tensor with its values. */
export interface DrawnTensor<Buffer extends ArrayBufferLike = ArrayBufferLike> extends PlannedTensor {
  readonly dtype: ElementType;
  /** Flat and row-major; f16 and bf16 as patterns of 16 bits. */
  readonly values: Values<Buffer> | IntegerValues;
}

/** A model whose tensors are all in memory. */
export interface InitializedModel<Buffer extends ArrayBufferLike = ArrayBuffer> {
  readonly seed: Seed;
  readonly arena: Arena<Buffer>;
  /** By name, in the order of the model. */
  readonly tensors: ReadonlyMap<string, DrawnTensor<Buffer>>;
}

/** The tensors of a model, each drawn when it is asked for. */
export interface ModelIterator<Tensors> {
  readonly seed: Seed;
  readonly tensors: Tensors;
}

const KEYS = ["plan", "seed", "dtype", "engine", "pool"];

/**
 * All tensors of a model at once, as views of one arena.
 *
 * @param model from `modelOf` or `modelOfShapes`.
 * @returns the seed, the arena and the tensors by name; a promise of it with an asynchronous pool.
 * @throws what `planModel` throws; RangeError for a model larger than the arena. Nothing is drawn before all is checked.
 * @example
 * ```js
 * import { initModel, modelOfShapes } from "nn-init/model";
 *
 * const model = modelOfShapes("tiny", [{ name: "fc.weight", shape: [4, 8], scheme: "xavierUniform" }]);
 * const { tensors } = initModel(model, { seed: 42 });
 * console.log(tensors.get("fc.weight").values.length); // 32
 * ```
 */
export function initModel<Buffer extends ArrayBufferLike = ArrayBuffer>(
  model: Model,
  options?: InitModelOptions<Buffer> & WithPool,
): InitializedModel<Buffer>;
export function initModel<Buffer extends ArrayBufferLike = ArrayBuffer>(
  model: Model,
  options: InitModelOptions<Buffer> & WithAsyncPool,
): Promise<InitializedModel<Buffer>>;
export function initModel<Buffer extends ArrayBufferLike = ArrayBuffer>(
  model: Model,
  options: InitModelOptions<Buffer> & { readonly pool?: ThreadPool | AsyncThreadPool } = {},
): InitializedModel<Buffer> | Promise<InitializedModel<Buffer>> {
  checkOptions("options", options, ["arena", ...KEYS]);
  const { arena: given, ...others } = options;
  if (given !== undefined) checkArena(given);
  const all = prepare(model, others);
  const room = all.tensors.reduce((sum, { shape }, i) => sum + padded(bytesOf(typeAt(all, i)) * sizeOf(shape)), 0);
  const arena = given ?? (new Arena(room) as unknown as Arena<Buffer>);
  const free = arena.capacity - arena.used;
  if (room > free) throw new RangeError(`arena: expected room for ${room} bytes, got ${free} free`);
  const tensors = new Map<string, DrawnTensor<Buffer>>();
  const result = { seed: all.seed, arena, tensors };
  const { by } = all;
  if ("draw" in by) {
    for (const request of requests(all, arena)) tensors.set(request.out.name, carryOut(by, request));
    return result;
  }
  return (async () => {
    for (const request of requests(all, arena)) tensors.set(request.out.name, await carryOutAsync(by, request));
    return result;
  })();
}

const padded = (bytes: number): number => 64 * Math.ceil(bytes / 64); // as an arena allocates

/**
 * The tensors of a model one after the other, each in an array of its own, so that no two need be in memory at once. All
 * is checked by the call, before the first tensor is asked for.
 *
 * @param model from `modelOf` or `modelOfShapes`.
 * @returns the seed, and an iterable of the tensors; an async iterable with an asynchronous pool.
 * @throws what `planModel` throws.
 * @example
 * ```js
 * import { iterateModel, modelOfShapes } from "nn-init/model";
 *
 * const model = modelOfShapes("tiny", [{ name: "fc.weight", shape: [4, 8], scheme: "xavierUniform" }]);
 * for (const { name, values } of iterateModel(model, { seed: 42 }).tensors) console.log(name, values.length); // fc.weight 32
 * ```
 */
export function iterateModel(model: Model, options?: DrawModelOptions & WithPool): ModelIterator<Iterable<DrawnTensor>>;
export function iterateModel(
  model: Model,
  options: DrawModelOptions & WithAsyncPool,
): ModelIterator<AsyncIterable<DrawnTensor>>;
export function iterateModel(
  model: Model,
  options: DrawModelOptions & { readonly pool?: ThreadPool | AsyncThreadPool } = {},
): ModelIterator<Iterable<DrawnTensor> | AsyncIterable<DrawnTensor>> {
  checkOptions("options", options, KEYS);
  const all = prepare(model, options);
  const { by, seed } = all;
  if ("draw" in by) {
    const tensors = {
      *[Symbol.iterator]() {
        for (const request of requests(all)) yield carryOut(by, request);
      },
    };
    return { seed, tensors };
  }
  const tensors = {
    async *[Symbol.asyncIterator]() {
      for (const request of requests(all)) yield await carryOutAsync(by, request);
    },
  };
  return { seed, tensors };
}

interface Prepared {
  readonly tensors: readonly PlannedTensor[];
  readonly types: readonly ElementType[];
  readonly seed: Seed;
  readonly by: Drawer | AsyncDrawer;
}

const typeAt = ({ types }: Prepared, i: number): ElementType => types[i] as ElementType;

function prepare(
  model: Model,
  { plan, seed, dtype, engine: name, pool }: DrawModelOptions & { readonly pool?: ThreadPool | AsyncThreadPool },
): Prepared {
  if (pool !== undefined && (typeof pool !== "object" || pool === null || !("draw" in pool || "drawAsync" in pool))) {
    throw wrongType("pool", "a pool from openPool or openPoolAsync", pool);
  }
  if (pool !== undefined && name !== undefined) throw wrongType("engine", "a pool or an engine, not both", name);
  const by = (pool as Drawer | AsyncDrawer | undefined) ?? engine(name);
  const planned = planModel(model, plan);
  const types = typesOf(planned, dtype === undefined ? undefined : checkDType(dtype));
  return { tensors: planned.tensors, types, seed: seed === undefined ? randomSeed() : checkSeed(seed), by };
}

/** A request for each tensor, in an arena or in an array of its own. */
function* requests<Buffer extends ArrayBufferLike>(
  all: Prepared,
  arena?: Arena<Buffer>,
): Generator<Request<DrawnTensor<Buffer>>, void> {
  for (const [i, tensor] of all.tensors.entries()) {
    const dtype = typeAt(all, i);
    const length = sizeOf(tensor.shape);
    const bytes = allocate(bytesOf(dtype) * length, arena);
    const values = isInteger(dtype)
      ? elementsIn(dtype, bytes)
      : (view(dtype, bytes.buffer, bytes.byteOffset, length) as Values<Buffer>);
    const pieces: Iterable<Draw> = pieceDrawer(tensor, dtype, all.seed)(bytes, 0);
    yield { draws: pieces, out: { ...tensor, dtype, values } };
  }
}

function allocate<Buffer extends ArrayBufferLike>(bytes: number, arena: Arena<Buffer> | undefined): Uint8Array<Buffer> {
  if (arena === undefined) return reserve(() => new Uint8Array(bytes), bytes) as Uint8Array<ArrayBufferLike> as never;
  const { buffer, byteOffset } = arena.allocate(Math.ceil(bytes / 4));
  return new Uint8Array(buffer, byteOffset, bytes);
}
