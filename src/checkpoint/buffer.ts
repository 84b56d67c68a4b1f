/** A whole safetensors file in memory. */
import { show, wrongValue } from "../check.js";
import { sizeOf } from "../shape.js";
import { checkUint8Array } from "./bytes.js";
import { type HeaderTensor, safetensorsHeader } from "./header.js";
import { BITS, type FileType, parseSafetensorsHeader, safetensorsHeaderLength } from "./safetensors.js";

/** A tensor of a file in memory. */
export interface SafetensorsTensor extends HeaderTensor {
  /** Its elements, little-endian and row-major. */
  readonly bytes: Uint8Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** In the order of their bytes. */
  readonly tensors: readonly SafetensorsTensor[];
  /** Strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file. Nothing in it is believed before it is checked, and nothing is copied.
 *
 * @param file all of its bytes.
 * @returns the tensors, whose `bytes` are views of `file`, and the metadata.
 * @throws TypeError, RangeError naming the tensor or the part of the file that is wrong.
 * @example
 * ```js
 * import { readSafetensors, writeSafetensors } from "nn-init/checkpoint";
 *
 * const file = writeSafetensors([{ name: "b", dtype: "F32", shape: [2], bytes: new Uint8Array(8) }]);
 * console.log(readSafetensors(file).tensors[0]?.name); // b
 * ```
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  checkUint8Array("file", file);
  const data = 8 + safetensorsHeaderLength(file, file.length);
  const { tensors: located, metadata } = parseSafetensorsHeader(file.subarray(8, data), file.length - data);
  const tensors = located.map(({ name, dtype, shape, begin, end }) => ({
    ...{ name, dtype, shape },
    bytes: file.subarray(data + begin, data + end),
  }));
  return { tensors, metadata };
}

/**
 * Makes a safetensors file of tensors, in their order.
 *
 * @param tensors with their bytes.
 * @param metadata strings by name. Readers of PyTorch files expect `format: "pt"`.
 * @returns all bytes of the file.
 * @throws what `safetensorsHeader` throws; TypeError, RangeError for bytes that are not as long as the shape says.
 */
export function writeSafetensors(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = safetensorsHeader(tensors, metadata);
  let at = header.length;
  for (const { name, dtype, shape, bytes } of tensors) at += checkBytes(name, dtype, shape, bytes);
  const file = new Uint8Array(at);
  file.set(header);
  at = header.length;
  for (const { bytes } of tensors) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function checkBytes(name: string, dtype: FileType, shape: readonly number[], bytes: Uint8Array): number {
  const expected = (BITS[dtype] / 8) * sizeOf(shape);
  checkUint8Array(`${show(name)}: bytes`, bytes);
  if (bytes.length === expected) return expected;
  throw wrongValue(`${show(name)}: bytes`, `${expected} bytes for its shape and dtype`, bytes.length);
}
