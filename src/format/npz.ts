/** A model as an `.npz` archive: a `.npy` file for each tensor, stored in a zip archive. NumPy and MLX read it. */
import { show } from "../check.js";
import { type CheckpointFile, recordFor, type SectionMaker } from "../checkpoint/file.js";
import type { Draw } from "../engine/engine.js";
import { bytesOf, type ElementType } from "../model/element.js";
import { forTensor, rangeError } from "../model/fault.js";
import type { PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { crc32 } from "./crc32.js";
import { FileBuilder } from "./file.js";
import type { FormatSource } from "./gguf/gguf.js";
import { npyHeader, numpyType } from "./npy.js";
import { centralDirectory, centralLength, localHeader, localLength } from "./zip.js";

/** A tensor in the archive. */
interface NpzEntry {
  readonly name: string;
  /** Where its header begins in the archive. */
  readonly begin: number;
  /** Bytes of the `.npy` file. */
  readonly bytes: number;
  readonly crc: (by: SectionMaker) => Generator<Draw, number>;
}

const CHUNK_BYTES = 0x400000; // that are drawn at once for a checksum
const MOST_NAME = 65_535; // bytes: a zip archive counts those of a name in 16 bits

/**
 * Lays a model out as one `.npz` file. A zip archive has the checksum of each file in front of it, so a range that has such a
 * header costs the whole tensor; its checksum is kept.
 *
 * @throws RangeError naming the tensor: for bf16 or more than 64 axes, which NumPy does not have, and for a name of more than
 * 65,531 bytes.
 */
export function npzFile(name: string, { model, types, seed }: FormatSource): CheckpointFile {
  const builder = new FileBuilder(name, new Uint8Array(0));
  const entries = model.tensors.map((tensor, i) => addEntry(builder, tensor, types[i] as ElementType));
  const begin = builder.end;
  builder.fixed(centralLength(entries, begin), function* (by) {
    const found = [];
    for (const { crc, ...entry } of entries) found.push({ ...entry, crc: yield* crc(by) });
    return centralDirectory(found, begin);
  });
  return builder.file(JSON.stringify([types, model.tensors.map(({ shape }) => shape), recordFor(model.tensors, seed)]));
}

function addEntry(builder: FileBuilder, tensor: PlannedTensor, dtype: ElementType): NpzEntry {
  const { name: own, shape } = tensor;
  const name = checkedName(own);
  const head = forTensor(own, () => npyHeader(checkedType(dtype), shape));
  const dataBytes = bytesOf(dtype) * sizeOf(shape);
  const bytes = head.length + dataBytes;
  const entry: NpzEntry = { name, begin: builder.end, bytes, crc: checksum(tensor, dtype, head) };
  builder.fixed(localLength(name, bytes) + head.length, function* (by) {
    const local = localHeader({ name, bytes, crc: yield* entry.crc(by) });
    const both = new Uint8Array(local.length + head.length);
    both.set(local);
    both.set(head, local.length);
    return both;
  });
  builder.tensor({ name: own, shape, dtype, planned: tensor, make: ({ drawer }) => drawer(tensor, dtype) });
  return entry;
}

function checkedName(tensor: string): string {
  const name = `${tensor}.npy`;
  const { length } = new TextEncoder().encode(name);
  if (length <= MOST_NAME) return name;
  const expected = `expected a name of at most ${MOST_NAME} bytes for the format npz, with .npy at its end, got ${length}`;
  throw rangeError(`tensor ${show(tensor)}: ${expected}; --format safetensors holds it`);
}

function checkedType(dtype: ElementType): string {
  const described = numpyType(dtype);
  if (described !== undefined) return described;
  const message = `expected a dtype that NumPy has for the format npz, got ${show(dtype)}`;
  throw new RangeError(`${message}; --dtype f32 or --dtype f16 stores it, --format safetensors holds bf16`);
}

/** Draws a tensor for its checksum, once. */
function checksum(tensor: PlannedTensor, dtype: ElementType, head: Uint8Array): NpzEntry["crc"] {
  let known: number | undefined;
  return function* ({ drawer }) {
    if (known !== undefined) return known;
    const size = bytesOf(dtype);
    const count = sizeOf(tensor.shape);
    const draw = drawer(tensor, dtype);
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, count * size));
    let sum = crc32(head);
    for (let start = 0; start < count; start += chunk.length / size) {
      const part = chunk.subarray(0, (count - start) * size);
      yield* draw(part, start);
      sum = crc32(part, sum);
    }
    known = sum;
    return sum;
  };
}
