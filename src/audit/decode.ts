/** The numbers that a file's bytes stand for. */
import { BITS, type FileType } from "../checkpoint/safetensors.js";
import { decodePattern } from "./pattern.js";

/** Bytes, from the beginning of their buffer on, as numbers. */
export type Decoder = (bytes: Uint8Array<ArrayBuffer>) => Float32Array | Float64Array;

/** Decodes real numbers of whole bytes. */
export function decoderOf(type: FileType): Decoder {
  if (type === "F32") return ({ buffer, length }) => new Float32Array(buffer, 0, length / 4);
  if (type === "F64") return ({ buffer, length }) => new Float64Array(buffer, 0, length / 8);
  const decode = Float32Array.from({ length: 2 ** BITS[type] }, (_, pattern) => decodePattern(pattern, type));
  return (bytes) => {
    const patterns = BITS[type] === 16 ? new Uint16Array(bytes.buffer, 0, bytes.length / 2) : bytes;
    const values = new Float32Array(patterns.length);
    for (let i = 0; i < patterns.length; ++i) values[i] = decode[patterns[i] as number] as number;
    return values;
  };
}

/** As `decoderOf`, also for whole numbers of more than 16 bits; undefined for types of which values are no such numbers. */
export function anyDecoderOf(type: FileType): Decoder | undefined {
  switch (type) {
    case "I64":
      return ({ buffer, length }) => Float64Array.from(new BigInt64Array(buffer, 0, length / 8), Number);
    case "U64":
      return ({ buffer, length }) => Float64Array.from(new BigUint64Array(buffer, 0, length / 8), Number);
    case "I32":
      return ({ buffer, length }) => Float64Array.from(new Int32Array(buffer, 0, length / 4));
    case "U32":
      return ({ buffer, length }) => Float64Array.from(new Uint32Array(buffer, 0, length / 4));
    default:
      return type === "C64" || BITS[type] % 8 !== 0 ? undefined : decoderOf(type);
  }
}
