/** The tensors of an ONNX model as those of a checkpoint, for an audit. */
import { storedAs } from "../../checkpoint/safetensors.js";
import type { StoredCheckpoint, StoredTensor } from "../../checkpoint/stored.js";
import { bytesOf, type ElementType } from "../../model/element.js";
import type { PlannedModel } from "../../model/model.js";
import { sizeOf } from "../../shape.js";
import type { OnnxModel } from "./model.js";

/**
 * The weights in the shape that they are drawn in, and what else has values of its own.
 *
 * @param pathOf the path of a file, from its location in the model; "" is the model.
 */
export function storedOnnx(
  model: OnnxModel,
  planned: PlannedModel,
  pathOf: (location: string) => string,
): StoredCheckpoint {
  const known = new Map(planned.tensors.map((tensor) => [tensor.name, tensor]));
  const left = new Map(model.left.map((tensor) => [tensor.name, tensor]));
  const tensors = [...model.places].map(([name, { location, begin, end }]): StoredTensor => {
    const tensor = known.get(name);
    const type = (tensor?.dtype ?? left.get(name)?.type ?? "f32") as ElementType;
    const shape = tensor?.shape ?? left.get(name)?.dims ?? [(end - begin) / bytesOf(type)];
    const bytes = bytesOf(type) * sizeOf(shape);
    return { name, dtype: storedAs(type), shape, begin: 0, end: bytes, path: pathOf(location), at: begin };
  });
  return { shards: [], tensors };
}
