/** A tensor, or a part of one, as the engines know it: all that its values follow from. */
import type { DType } from "./dtype.js";
import type { Law } from "./fill.js";
import type { Key } from "./stream.js";

export interface Tensor {
  readonly fill: Law;
  readonly key: Key;
  readonly dtype: DType;
}
