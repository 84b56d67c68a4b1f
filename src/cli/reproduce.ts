/** `--reproduce`: draws a file again from what it records of itself, and compares bits. */
import { certain, type Finding } from "../audit/check.js";
import { show } from "../check.js";
import { elementOf, type FileType, RECORD } from "../checkpoint/safetensors.js";
import { isStructured, lawsOf } from "../distribution.js";
import { view } from "../dtype.js";
import { type Checkpoint, piecesOf, type Shard, type StoredTensor } from "../file/checkpoint.js";
import { fill, init } from "../init.js";
import { bytesOf, integers, isInteger, wholeOf } from "../model/init.js";
import { resolve, type Scheme, scheme } from "../scheme/scheme.js";
import { sizeOf } from "../shape.js";
import { checkSeed, type Seed, STREAM_VERSION } from "../stream.js";

/**
 * What differs, by the tensors' names.
 *
 * @throws Error naming the file, where it does not record how it was drawn, or by another version of the stream.
 */
export function reproduce({ shards, tensors }: Checkpoint): ReadonlyMap<string, Finding> {
  const records = new Map(shards.map((shard) => [shard.path, recordOf(shard)]));
  const found = new Map<string, Finding>();
  for (const tensor of tensors) {
    const { seed, schemes } = records.get(tensor.path) as Recorded;
    const json = Object.hasOwn(schemes, tensor.name) ? schemes[tensor.name] : undefined;
    const finding = compare(tensor, seed, json);
    if (finding !== undefined) found.set(tensor.name, finding);
  }
  return found;
}

interface Recorded {
  readonly seed: Seed;
  readonly schemes: Readonly<Record<string, unknown>>;
}

function recordOf({ path, metadata }: Shard): Recorded {
  const { [RECORD.stream]: stream, [RECORD.seed]: seed, [RECORD.schemes]: schemes } = metadata;
  if (stream === undefined || seed === undefined || schemes === undefined) {
    throw new Error(`${path}: its metadata do not say how it was drawn (${Object.values(RECORD).join(", ")})`);
  }
  if (stream !== String(STREAM_VERSION)) {
    throw new Error(`${path}: drawn by version ${show(stream)} of the stream, this is version ${STREAM_VERSION}`);
  }
  try {
    return { seed: checkSeed(BigInt(seed)), schemes: JSON.parse(schemes) };
  } catch (error) {
    throw new Error(`${path}: its record cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function compare(tensor: StoredTensor, seed: Seed, json: unknown): Finding | undefined {
  const { name, shape, dtype, begin, end } = tensor;
  if (json === undefined) return certain("reproduce", "the record does not say how it was drawn");
  const again = drawing(name, shape, dtype, seed, scheme(json));
  const size = (end - begin) / Math.max(1, sizeOf(shape));
  for (const { done, bytes } of piecesOf(tensor)) {
    const drawn = again(done / size, bytes.length / size);
    if (Buffer.compare(bytes, drawn) === 0) continue;
    const differs = bytes.findIndex((byte, i) => byte !== drawn[i]);
    const first = Math.floor((done + differs) / size);
    return certain("reproduce", `differs from what its record draws, first at element ${first}`);
  }
  return undefined;
}

/** The bytes of a run of the tensor. */
function drawing(name: string, shape: readonly number[], stored: FileType, seed: Seed, scheme: Scheme) {
  const type = elementOf(stored);
  if (type === undefined) throw new Error(`${show(name)}: ${stored.toLowerCase()} is not drawn`);
  if (isInteger(type)) {
    const value = wholeOf({ name, shape, scheme }, type);
    return (_: number, count: number) => bytesIn(integers(type, count, value));
  }
  const options = { seed, name, dtype: type };
  if (lawsOf(resolve(scheme, shape)).some(isStructured)) {
    const whole = bytesIn(init(shape, scheme, options)); // a slice costs as much
    return (start: number, count: number) => whole.subarray(start * bytesOf(type), (start + count) * bytesOf(type));
  }
  return (start: number, count: number) => {
    const values = view(options.dtype, new ArrayBuffer(count * bytesOf(type)), 0, count);
    return bytesIn(fill(values, shape, scheme, { ...options, start }));
  };
}

const bytesIn = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
