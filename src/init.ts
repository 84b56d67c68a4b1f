/** The two main calls: `init` makes a tensor, `fill` writes into an array that the caller owns. */
import { checkOptions } from "./check.js";
import type { ArrayOf, DType, FillableOf } from "./dtype.js";
import { engine } from "./engine/choose.js";
import type { EngineName } from "./engine/engine.js";
import {
  type ArenaOption,
  carryOut,
  type DrawOptions,
  FILL_KEYS,
  INIT_KEYS,
  requestFill,
  requestInit,
  type SchemeLike,
  type StartOption,
} from "./request.js";

interface EngineOption {
  /** Which engine draws. Default: the first available one of `engines()`. The values do not depend on it. */
  readonly engine?: EngineName | undefined;
}

const INIT_OPTIONS = ["engine", ...INIT_KEYS];
const FILL_OPTIONS = ["engine", ...FILL_KEYS];

/** Options of `init`. */
export type InitOptions<D extends DType = DType, Buffer extends ArrayBufferLike = ArrayBuffer> = DrawOptions<D> &
  ArenaOption<Buffer> &
  EngineOption;
/** Options of `fill`. */
export type FillOptions<D extends DType = DType> = DrawOptions<D> & StartOption & EngineOption;

/**
 * Makes a tensor: a new flat array, row-major, or with `arena` a view of the arena's memory.
 *
 * @param shape lengths of the axes; [] is a scalar.
 * @param scheme a scheme, the name of a scheme that needs no options, or a distribution from `resolve`.
 * @param options seed, name, dtype, arena and engine.
 * @returns the array type of the dtype: Float32Array for f32, Float64Array for f64, Uint16Array of bit patterns for f16
 * and bf16.
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
  scheme: SchemeLike,
  options: InitOptions<D, Buffer> = {},
): ArrayOf<Buffer>[D] {
  checkOptions("options", options, INIT_OPTIONS);
  return carryOut(engine(options.engine), requestInit(shape, scheme, options));
}

/**
 * Writes a tensor into `array`, or with `start` the slice of the tensor that begins there, and returns the array.
 * Values are those of `init`. A view of an arena is written in place, without a copy.
 *
 * @param array of the dtype's array type (Float32Array by default), as long as the tensor, or shorter with `start`.
 * @param shape lengths of the axes of the whole tensor; [] is a scalar.
 * @param scheme a scheme, the name of a scheme that needs no options, or a distribution from `resolve`.
 * @param options seed, name, dtype, start and engine.
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
  scheme: SchemeLike,
  options: FillOptions<D> = {},
): T {
  checkOptions("options", options, FILL_OPTIONS);
  return carryOut(engine(options.engine), requestFill<T, D>(array, shape, scheme, options));
}
