/** The two calls: `init` makes a tensor, `fill` writes into memory that the caller owns. */
import { checkOptions } from "./check.js";
import type { ArrayOf, DType, FillableOf } from "./dtype.js";
import { type EngineName, engine } from "./engine/choose.js";
import {
  type DrawOptions,
  FILL_KEYS,
  type FillPlace,
  INIT_KEYS,
  type InitPlace,
  prepareFill,
  prepareInit,
} from "./request.js";
import type { Scheme } from "./scheme/scheme.js";

interface EngineOption {
  /** Default: the best there is. It cannot change a value. */
  readonly engine?: EngineName;
}

const INIT_OPTIONS = ["engine", ...INIT_KEYS];
const FILL_OPTIONS = ["engine", ...FILL_KEYS];

export type InitOptions<D extends DType = DType, Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions<D> &
  InitPlace<Buffer> &
  EngineOption;
export type FillOptions<D extends DType = DType> = DrawOptions<D> & FillPlace & EngineOption;

/**
 * A new tensor of this shape, flat and row-major, in the array of its dtype; with `arena`, a view of it.
 *
 * @throws TypeError, RangeError naming the argument, before anything is written.
 */
export function init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
  shape: readonly number[],
  scheme: Scheme,
  options: InitOptions<D, Buffer> = {},
): ArrayOf<Buffer>[D] {
  checkOptions("options", options, INIT_OPTIONS);
  const by = engine(options.engine);
  const { draws, out } = prepareInit(shape, scheme, options);
  for (const { tensor, start, out } of draws) by.draw(tensor, start, out);
  return out;
}

/**
 * Writes a tensor of this shape, or with `start` the run of it that begins there, to `array`, and returns that.
 * A view of an arena is filled in place.
 *
 * @throws TypeError, RangeError naming the argument, before anything is written.
 */
export function fill<T extends FillableOf[D], D extends DType = "f32">(
  array: T,
  shape: readonly number[],
  scheme: Scheme,
  options: FillOptions<D> = {},
): T {
  checkOptions("options", options, FILL_OPTIONS);
  const by = engine(options.engine);
  const { draws } = prepareFill(array, shape, scheme, options);
  for (const { tensor, start, out } of draws) by.draw(tensor, start, out);
  return array;
}
