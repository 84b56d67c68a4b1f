/** Drawing a whole model. Everything is checked before the first tensor; then one tensor is drawn after the other. */

import { Arena, checkArena, reserve } from "../arena.js";
import { checkOptions, wrongType } from "../check.js";
import { pieceDrawer } from "../checkpoint/draw.js";
import { checkDType, type DType, type Values, view } from "../dtype.js";
import { engine } from "../engine/choose.js";
import type { AsyncDrawer, Drawer, EngineName } from "../engine/engine.js";
import type { AsyncThreadPool, ThreadPool } from "../pool.js";
import { carryOut, carryOutAsync, type Request } from "../request.js";
import { sizeOf } from "../shape.js";
import { aliased } from "../spelling.js";
import { checkSeed, randomSeed, type Seed } from "../stream.js";
import { bytesOf, type ElementType, type IntegerValues, integerView, isInteger } from "./element.js";
import { extended } from "./extended.js";
import type { Model, Plan, PlannedTensor } from "./model.js";
import { planModel } from "./parse.js";
import { typesOf } from "./types.js";

/** The options of `iterateModel`; `initModel` has them too. */
export interface IterateModelOptions {
  /** Which scheme each tensor starts from. Default: schemes of the tensors' own, else the model's plan. */
  readonly plan?: Plan | undefined;
  /** From 0 to 2^64 - 1. Default: a random seed, which the result reports. */
  readonly seed?: Seed | undefined;
  /** Element type of all tensors that are not integers. Default: the tensor's own, else the config's, else f32. */
  readonly dtype?: DType | undefined;
  /** The engine that draws. Default: the best one available. It cannot change a value. */
  readonly engine?: EngineName | undefined;
}

/** The options of `initModel`. */
export interface InitModelOptions<Buffer extends ArrayBufferLike = ArrayBuffer> extends IterateModelOptions {
  /** Where the tensors go. Default: a new arena of the model's size. */
  readonly arena?: Arena<Buffer> | undefined;
}

/** The option that draws with several threads and blocks until the tensors are there. It excludes `engine`. */
export interface WithPool {
  /** From `openPool` of nn-init/threads. Default: this thread alone. */
  readonly pool?: ThreadPool | undefined;
}

/** The option that draws with several threads without blocking. It excludes `engine`. */
export interface WithAsyncPool {
  /** From `openPoolAsync` of nn-init/threads. */
  readonly pool: AsyncThreadPool;
}

/** A tensor with its values. */
export interface DrawnTensor<Buffer extends ArrayBufferLike = ArrayBufferLike> extends PlannedTensor {
  /** The element type that it was drawn in. */
  readonly dtype: ElementType;
  /** Flat and row-major, in the array of its dtype; f16 and bf16 as 16-bit patterns in a Uint16Array. */
  readonly values: Values<Buffer> | IntegerValues;
}

/** A model whose tensors are all in memory. */
export interface InitializedModel<Buffer extends ArrayBufferLike = ArrayBuffer> {
  /** The seed that was given or chosen. It draws the same model again. */
  readonly seed: Seed;
  /** The memory of all tensors. */
  readonly arena: Arena<Buffer>;
  /** By name, in the order of the model. */
  readonly tensors: ReadonlyMap<string, DrawnTensor<Buffer>>;
}

/** A model whose tensors are drawn one at a time, when the loop asks for them. */
export interface ModelIterator<Tensors> {
  /** The seed that was given or chosen. It draws the same model again. */
  readonly seed: Seed;
  /** An iterable of `DrawnTensor`, in the order of the model. Every loop over it draws from the start. */
  readonly tensors: Tensors;
}

const WORDS = { plan: "rules", pool: "by threads" };
const ITERATE_OPTIONS = aliased(["plan", "seed", "dtype", "engine", "pool"], WORDS);
const INIT_OPTIONS = aliased(["arena", ...ITERATE_OPTIONS], WORDS);

/** The pool of either kind, as the implementations take it. */
interface WithAnyPool {
  readonly pool?: ThreadPool | AsyncThreadPool | undefined;
}

/**
 * Draws all tensors of a model into one arena.
 *
 * @param model from `modelOf` or `modelOfShapes`.
 * @param options plan, seed, dtype, arena, and who draws.
 * @returns the seed, the arena, and the tensors by name; a promise of them if the pool is asynchronous.
 * @throws what `planModel` throws; RangeError if a distribution does not fit its dtype, or the model does not fit into the
 * arena. Everything is checked before anything is drawn.
 * @example
 * ```js
 * import { initModel, modelOfShapes } from "nn-init/model";
 *
 * const model = modelOfShapes("tiny", [{ name: "fc.weight", shape: [4, 8], scheme: "xavierUniform" }]);
 * const { tensors } = initModel(model, { seed: 42 });
 * console.log(tensors.get("fc.weight")?.values.length); // 32
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
  options: InitModelOptions<Buffer> & WithAnyPool = {},
): InitializedModel<Buffer> | Promise<InitializedModel<Buffer>> {
  checkOptions("options", options, INIT_OPTIONS);
  const { arena: given, ...others } = options;
  if (given !== undefined) checkArena(given);
  const call = checkCall(model, others);
  const bytes = call.tensors.reduce((sum, { shape }, i) => sum + padded(bytesOf(typeAt(call, i)) * sizeOf(shape)), 0);
  const arena = given ?? (new Arena(bytes) as unknown as Arena<Buffer>);
  const free = arena.capacity - arena.used;
  if (bytes > free) throw new RangeError(`arena: expected room for ${bytes} bytes, got ${free} free`);
  const tensors = new Map<string, DrawnTensor<Buffer>>();
  const result = { seed: call.seed, arena, tensors };
  const { drawer } = call;
  if ("draw" in drawer) {
    for (const request of requests(call, arena)) tensors.set(request.out.name, carryOut(drawer, request));
    return result;
  }
  return (async () => {
    for (const request of requests(call, arena)) tensors.set(request.out.name, await carryOutAsync(drawer, request));
    return result;
  })();
}

const padded = (bytes: number): number => 64 * Math.ceil(bytes / 64); // as an arena allocates

/**
 * Draws the tensors of a model one after the other, each into an array of its own, so that a model larger than memory can be
 * written or sent. The call itself checks everything; the loop over `tensors` draws.
 *
 * @param model from `modelOf` or `modelOfShapes`.
 * @param options plan, seed, dtype, and who draws.
 * @returns the seed, and an iterable of the tensors; an async iterable if the pool is asynchronous.
 * @throws what `planModel` throws; RangeError if a distribution does not fit its dtype.
 * @example
 * ```js
 * import { iterateModel, modelOfShapes } from "nn-init/model";
 *
 * const model = modelOfShapes("tiny", [{ name: "fc.weight", shape: [4, 8], scheme: "xavierUniform" }]);
 * for (const { name, values } of iterateModel(model, { seed: 42 }).tensors) console.log(name, values.length); // fc.weight 32
 * ```
 */
export function iterateModel(
  model: Model,
  options?: IterateModelOptions & WithPool,
): ModelIterator<Iterable<DrawnTensor>>;
export function iterateModel(
  model: Model,
  options: IterateModelOptions & WithAsyncPool,
): ModelIterator<AsyncIterable<DrawnTensor>>;
export function iterateModel(
  model: Model,
  options: IterateModelOptions & WithAnyPool = {},
): ModelIterator<Iterable<DrawnTensor> | AsyncIterable<DrawnTensor>> {
  checkOptions("options", options, ITERATE_OPTIONS);
  const call = checkCall(model, options);
  const { drawer, seed } = call;
  if ("draw" in drawer) {
    const tensors = {
      *[Symbol.iterator]() {
        for (const request of requests(call)) yield carryOut(drawer, request);
      },
    };
    return { seed, tensors };
  }
  const tensors = {
    async *[Symbol.asyncIterator]() {
      for (const request of requests(call)) yield await carryOutAsync(drawer, request);
    },
  };
  return { seed, tensors };
}

/** A checked call: what to draw, and who draws it. */
interface ModelCall {
  readonly tensors: readonly PlannedTensor[];
  /** The element type of each tensor. */
  readonly types: readonly ElementType[];
  readonly seed: Seed;
  readonly drawer: Drawer | AsyncDrawer;
}

const typeAt = ({ types }: ModelCall, i: number): ElementType => types[i] as ElementType;

function checkCall(model: Model, options: IterateModelOptions & WithAnyPool): ModelCall {
  const { plan, seed, dtype, engine: engineName, pool } = options;
  if (pool !== undefined && (typeof pool !== "object" || pool === null || !("draw" in pool || "drawAsync" in pool))) {
    throw wrongType("pool", "a pool from openPool or openPoolAsync", pool);
  }
  if (pool !== undefined && engineName !== undefined) {
    throw wrongType("engine", "a pool or an engine, not both", engineName);
  }
  const drawer = (pool as Drawer | AsyncDrawer | undefined) ?? engine(engineName);
  const planned = planModel(model, plan);
  const types = typesOf(planned, dtype === undefined ? undefined : checkDType(dtype));
  return { tensors: planned.tensors, types, seed: seed === undefined ? randomSeed() : checkSeed(seed), drawer };
}

/** A request for each tensor, in the arena or in an array of its own. */
function* requests<Buffer extends ArrayBufferLike>(
  call: ModelCall,
  arena?: Arena<Buffer>,
): Generator<Request<DrawnTensor<Buffer>>, void> {
  for (const [i, tensor] of call.tensors.entries()) {
    const dtype = typeAt(call, i);
    const length = sizeOf(tensor.shape);
    const bytes = allocate(bytesOf(dtype) * length, arena);
    const values = isInteger(dtype)
      ? integerView(dtype, bytes)
      : (view(dtype, bytes.buffer, bytes.byteOffset, length) as Values<Buffer>);
    yield { draws: pieceDrawer(tensor, dtype, call.seed)(bytes, 0), out: extended(tensor, { dtype, values }) };
  }
}

function allocate<Buffer extends ArrayBufferLike>(bytes: number, arena: Arena<Buffer> | undefined): Uint8Array<Buffer> {
  if (arena === undefined) return reserve(() => new Uint8Array(bytes), bytes) as Uint8Array<ArrayBufferLike> as never;
  const { buffer, byteOffset } = arena.allocate(Math.ceil(bytes / 4));
  return new Uint8Array(buffer, byteOffset, bytes);
}
