/** The two calls: `init` makes a tensor, `fill` writes into memory that the caller owns. */
import type { Arena } from "./arena.js";
import { checkOptions } from "./check.js";
import { type EngineName, engine } from "./engine.js";
import { type DrawOptions, FILL_KEYS, type FillPlace, INIT_KEYS, type InitPlace, planFill, planInit } from "./plan.js";
import type { Scheme } from "./scheme.js";

interface EngineOption {
  /** Default: the best there is. It cannot change a value. */
  readonly engine?: EngineName;
}

const INIT_OPTIONS = ["engine", ...INIT_KEYS];
const FILL_OPTIONS = ["engine", ...FILL_KEYS];

export type InitOptions<Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions & InitPlace<Buffer> & EngineOption;
export type FillOptions = DrawOptions & FillPlace & EngineOption;

/**
 * A new tensor of this shape, flat and row-major; with `arena`, a view of it.
 *
 * @throws TypeError, RangeError naming the argument, before anything is written.
 */
export function init(shape: readonly number[], scheme: Scheme, options?: InitOptions): Float32Array<ArrayBuffer>;
export function init<Buffer extends ArrayBufferLike>(
  shape: readonly number[],
  scheme: Scheme,
  options: InitOptions<Buffer> & { readonly arena: Arena<Buffer> },
): Float32Array<Buffer>;
export function init(
  shape: readonly number[],
  scheme: Scheme,
  options: InitOptions<ArrayBufferLike> = {},
): Float32Array {
  checkOptions("options", options, INIT_OPTIONS);
  const by = engine(options.engine);
  const { fill, key, start, out } = planInit(shape, scheme, options);
  by.draw(fill, key, start, out);
  return out;
}

/**
 * Writes a tensor of this shape, or with `start` the run of it that begins there, to `array`, and returns that.
 * A view of an arena is filled in place.
 *
 * @throws TypeError, RangeError naming the argument, before anything is written.
 */
export function fill<T extends Float32Array>(
  array: T,
  shape: readonly number[],
  scheme: Scheme,
  options: FillOptions = {},
): T {
  checkOptions("options", options, FILL_OPTIONS);
  const by = engine(options.engine);
  const { fill, key, start, out } = planFill(array, shape, scheme, options);
  by.draw(fill, key, start, out);
  return out;
}
