/** A tensor as the engines know it, plain data that can be posted to a worker: all that its values follow from. */
import type { DType } from "./dtype.js";
import type { Fill } from "./fill.js";
import type { Key } from "./stream.js";

export interface Tensor {
  readonly fill: Fill;
  readonly key: Key;
  readonly dtype: DType;
}
