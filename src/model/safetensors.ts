/** The safetensors format: eight bytes of length, a JSON header, the tensors' bytes, little-endian and row-major. */
import { type DType, FORMATS } from "../dtype.js";
import type { Model } from "../model.js";
import { sizeOf } from "../shape.js";
import { type Seed, STREAM_VERSION } from "../stream.js";

/**
 * The file's first bytes. The metadata say how to draw the tensors again; nothing in them varies between runs, engines
 * or releases.
 */
export function safetensorsHeader({ tensors }: Model, seed: Seed, dtype: DType): Buffer {
  const header: Record<string, unknown> = {
    __metadata__: {
      format: "pt", // transformers reads no file without it
      "nn-init.stream": String(STREAM_VERSION),
      "nn-init.seed": String(seed),
      "nn-init.schemes": JSON.stringify(Object.fromEntries(tensors.map(({ name, scheme }) => [name, scheme]))),
    },
  };
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + FORMATS[dtype].bytes * sizeOf(shape);
    header[name] = { dtype: dtype.toUpperCase(), shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8; // so that the tensors begin at a multiple of 8
  const bytes = Buffer.alloc(8 + padded, " ");
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(bytes, 8);
  return bytes;
}
