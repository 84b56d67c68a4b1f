/** The two calls: `init` makes a tensor, `fill` writes into memory that the caller owns. */
import { checkOptions } from "./check.js";
import type { ArrayOf, DType, FillableOf } from "./dtype.js";
import { engine } from "./engine/choose.js";
import type { EngineName } from "./engine/engine.js";
import {
  carryOut,
  type Drawable,
  type DrawOptions,
  FILL_KEYS,
  type FillPlace,
  INIT_KEYS,
  type InitPlace,
  requestFill,
  requestInit,
} from "./request.js";

interface EngineOption {
  /** Who draws. Default: the best engine there is. It cannot change a value. */
  readonly engine?: EngineName;
}

const INIT_OPTIONS = ["engine", ...INIT_KEYS];
const FILL_OPTIONS = ["engine", ...FILL_KEYS];

/** The options of `init`. */
export type InitOptions<D extends DType = DType, Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions<D> &
  InitPlace<Buffer> &
  EngineOption;
/** The options of `fill`. */
export type FillOptions<D extends DType = DType> = DrawOptions<D> & FillPlace & EngineOption;

/**
 * A new tensor, flat and row-major, in the array of its dtype; with `arena`, a view of the arena's memory.
 *
 * @param shape lengths of the axes; [] is a scalar.
 * @param scheme a scheme, the name of one whose options have defaults, or a distribution from `resolve`.
 * @throws TypeError, RangeError naming the argument, before anything is written.
 * @example
 * ```js
 * import { heNormal, init } from "nn-init";
 *
 * const w = init([784, 512], heNormal(), { seed: 42, name: "fc1.kernel" });
 * console.log(w.length, w[0]); // 401408 -0.038448259234428406
 * ```
 */
export function init<D extends DType = "f32", Buffer extends ArrayBufferLike = ArrayBuffer>(
  shape: readonly number[],
  scheme: Drawable,
  options: InitOptions<D, Buffer> = {},
): ArrayOf<Buffer>[D] {
  checkOptions("options", options, INIT_OPTIONS);
  return carryOut(engine(options.engine), requestInit(shape, scheme, options));
}

/**
 * Writes a tensor into `array`, or with `start` the run of its elements that begins there, and returns the array. A view
 * of an arena is written in place, without a copy.
 *
 * @param array of the dtype's type, as long as the tensor; shorter with `start`.
 * @param shape lengths of the axes of the whole tensor.
 * @param scheme a scheme, the name of one whose options have defaults, or a distribution from `resolve`.
 * @throws TypeError, RangeError naming the argument, before anything is written.
 * @example
 * ```js
 * import { fill, heNormal } from "nn-init";
 *
 * const row = fill(new Float32Array(512), [784, 512], heNormal(), { seed: 42, name: "fc1.kernel", start: 783 * 512 });
 * console.log(row[511]); // 0.002304496243596077
 * ```
 */
export function fill<T extends FillableOf[D], D extends DType = "f32">(
  array: T,
  shape: readonly number[],
  scheme: Drawable,
  options: FillOptions<D> = {},
): T {
  checkOptions("options", options, FILL_OPTIONS);
  return carryOut(engine(options.engine), requestFill<T, D>(array, shape, scheme, options));
}
