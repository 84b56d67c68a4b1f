/** The tensors of an ONNX model, as its users see them. Types only. */
import type { ModelTensor } from "../../model/model.js";

/** A tensor of an ONNX model. */
export interface OnnxWeight extends ModelTensor {
  /** The operators that take it. */
  readonly takenBy: readonly string[];
  /** Its shape in the file, of which `shape` may join axes. */
  readonly dims: readonly number[];
}

/** A tensor that stays as it is. */
export interface LeftTensor {
  /** As in `OnnxModel.tensors`. */
  readonly name: string;
  /** Its shape. */
  readonly dims: readonly number[];
  /** The name of its element type. */
  readonly type: string;
  /** The reason, in words. */
  readonly why: string;
  /** Whether a rule of a plan can have it drawn, by its name or by the role `buffer`. */
  readonly drawable: boolean;
}
