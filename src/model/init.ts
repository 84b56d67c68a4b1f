/** Drawing a planned model: which type each tensor has, checks of all before the first, then one after the other. */
import { Arena } from "../arena.js";
import { checkOptions, show, wrongType, wrongValue } from "../check.js";
import { BITS, storedAs } from "../checkpoint/safetensors.js";
import { checkReach } from "../distribution.js";
import { checkDType, type DType, type Values } from "../dtype.js";
import type { EngineName } from "../engine/choose.js";
import { init } from "../init.js";
import { resolve } from "../scheme/scheme.js";
import { sizeOf } from "../shape.js";
import { checkSeed, randomSeed, type Seed } from "../stream.js";
import type { ElementType, IntegerType, Model, PlannedModel, PlannedTensor } from "./model.js";
import { type Plan, planModel } from "./plan.js";

const INTEGERS = {
  i64: BigInt64Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<IntegerType, unknown>;

export type IntegerValues = InstanceType<(typeof INTEGERS)[IntegerType]>;

export const isInteger = (type: ElementType): type is IntegerType => Object.hasOwn(INTEGERS, type);

/** Bytes of an element. */
export const bytesOf = (type: ElementType): number => BITS[storedAs(type)] / 8;

/**
 * The type of each tensor: its own where that is of whole numbers, else what is asked for, else its own, else the config's,
 * else f32.
 *
 * @throws RangeError naming the tensor whose law cannot be drawn in its type.
 */
export function typesOf({ tensors, dtype }: PlannedModel, asked: DType | undefined): readonly ElementType[] {
  return tensors.map((tensor) => {
    const own = tensor.dtype;
    const type = own !== undefined && isInteger(own) ? own : (asked ?? own ?? dtype ?? "f32");
    try {
      if (tensor.foreign !== undefined && asked === undefined) {
        throw wrongValue("dtype", "one that is drawn, to be asked for (--dtype)", tensor.foreign);
      }
      if (isInteger(type)) wholeOf(tensor, type);
      else checkReach(resolve(tensor.scheme, tensor.shape), type);
    } catch (error) {
      throw new RangeError(`${show(tensor.name)}: ${(error as Error).message}`, { cause: error });
    }
    return type;
  });
}

const RANGES: Readonly<Record<IntegerType, readonly [number, number]>> = {
  i64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  i32: [-0x80000000, 0x7fffffff],
  i16: [-0x8000, 0x7fff],
  i8: [-0x80, 0x7f],
  u8: [0, 255],
  bool: [0, 1],
};

/** The one whole number that a tensor of an integer type is full of. */
export function wholeOf({ scheme, shape }: PlannedTensor, type: IntegerType): number {
  const fill = resolve(scheme, shape);
  const value = fill.law === "constant" ? fill.value : Number.NaN;
  const [least, most] = RANGES[type];
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`scheme: expected a constant from ${least} to ${most}, since its type is ${type}`);
}

/** An array of an integer type, full of one number. */
export function integers(
  type: IntegerType,
  length: number,
  value: number,
  memory?: Uint8Array<ArrayBufferLike>,
): IntegerValues {
  const kind = INTEGERS[type];
  const array =
    memory === undefined ? new kind(length) : new kind(memory.buffer as ArrayBuffer, memory.byteOffset, length);
  if (array instanceof BigInt64Array) array.fill(BigInt(value));
  else array.fill(value);
  return array;
}

export interface InitModelOptions<Buffer extends ArrayBufferLike = ArrayBuffer> {
  /** From 0 to 2^64 - 1. Without one, a fresh one is drawn, and given back. */
  readonly seed?: Seed;
  /** Default: the tensor's own, else the config's, else f32. Whole numbers stay what they are. */
  readonly dtype?: DType;
  /** Where the tensors go. Default: one as large as the model. */
  readonly arena?: Arena<Buffer>;
  /** Default: the best there is. It cannot change a value. */
  readonly engine?: EngineName;
}

export interface DrawnTensor<Buffer extends ArrayBufferLike = ArrayBufferLike> extends PlannedTensor {
  readonly dtype: ElementType;
  /** Flat and row-major; f16 and bf16 as patterns. */
  readonly values: Values<Buffer> | IntegerValues;
}

export interface InitializedModel<Buffer extends ArrayBufferLike = ArrayBuffer> {
  readonly seed: Seed;
  readonly arena: Arena<Buffer>;
  /** By name. */
  readonly tensors: ReadonlyMap<string, DrawnTensor<Buffer>>;
}

const KEYS = ["seed", "dtype", "engine"];

/**
 * All tensors of a model, as views of one arena.
 *
 * @param plan default: the model's own.
 * @throws what `planModel` throws; RangeError for a model larger than the arena. Nothing is drawn before all is checked.
 */
export function initModel<Buffer extends ArrayBufferLike = ArrayBuffer>(
  model: Model,
  plan?: Plan,
  options: InitModelOptions<Buffer> = {},
): InitializedModel<Buffer> {
  checkOptions("options", options, ["arena", ...KEYS]);
  const { arena: given, ...others } = options;
  if (given !== undefined && !(given instanceof Arena)) throw wrongType("arena", "an Arena", given);
  const all = prepare(model, plan, others);
  const room = all.planned.reduce(
    (sum, { shape }, i) => sum + 64 * Math.ceil((bytesOf(all.types[i] as ElementType) * sizeOf(shape)) / 64),
    0,
  );
  const arena = given ?? (new Arena(room) as unknown as Arena<Buffer>);
  const free = arena.capacity - arena.used;
  if (room > free) throw new RangeError(`arena: expected room for ${room} bytes, got ${free} free`);
  const tensors = new Map<string, DrawnTensor<Buffer>>();
  for (const tensor of drawn(all, arena)) tensors.set(tensor.name, tensor);
  return { seed: all.seed, arena, tensors };
}

/**
 * The tensors of a model one after the other, each in an array of its own, so that no two need be in memory at once.
 * All is checked by the call, before the first is asked for.
 */
export function drawModel(
  model: Model,
  plan?: Plan,
  options: Omit<InitModelOptions, "arena"> = {},
): { readonly seed: Seed; readonly tensors: Iterable<DrawnTensor> } {
  checkOptions("options", options, KEYS);
  const all = prepare(model, plan, options);
  return { seed: all.seed, tensors: { [Symbol.iterator]: () => drawn(all, undefined) } };
}

interface Prepared {
  readonly planned: readonly PlannedTensor[];
  readonly types: readonly ElementType[];
  readonly seed: Seed;
  readonly engine: EngineName | undefined;
}

function prepare(model: Model, plan: Plan | undefined, options: Omit<InitModelOptions, "arena">): Prepared {
  const planned = planModel(model, plan);
  const asked = options.dtype === undefined ? undefined : checkDType(options.dtype);
  const types = typesOf(planned, asked);
  const seed = options.seed === undefined ? randomSeed() : checkSeed(options.seed);
  return { planned: planned.tensors, types, seed, engine: options.engine };
}

function* drawn<Buffer extends ArrayBufferLike>(
  { planned, types, seed, engine }: Prepared,
  arena: Arena<Buffer> | undefined,
): Generator<DrawnTensor<Buffer>, void> {
  for (const [i, tensor] of planned.entries()) {
    const dtype = types[i] as ElementType;
    const { name, shape, scheme } = tensor;
    if (isInteger(dtype)) {
      const length = sizeOf(shape);
      const memory = arena?.allocate(Math.ceil((bytesOf(dtype) * length) / 4), "f32");
      const bytes = memory && new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
      yield { ...tensor, dtype, values: integers(dtype, length, wholeOf(tensor, dtype), bytes) };
    } else {
      const options = { seed, name, dtype, ...(engine && { engine }), ...(arena && { arena }) };
      yield { ...tensor, dtype, values: init(shape, scheme, options) as Values<Buffer> };
    }
  }
}
