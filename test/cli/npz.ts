/** Archives as numpy.savez writes them. */
import { crc32 } from "../../src/format/crc32.js";
import { npyHeader } from "../../src/format/npy.js";
import { centralDirectory, localHeader } from "../../src/format/zip.js";

export interface TestArray {
  readonly descr: string;
  readonly shape: readonly number[];
  /** Elements in the order of the file. */
  readonly values: ArrayBufferView;
  readonly fortranOrder?: boolean;
}

export function npzOf(arrays: Readonly<Record<string, TestArray>>): Uint8Array {
  let begin = 0;
  const entries = [];
  const pieces: Uint8Array[] = [];
  for (const [name, { descr, shape, values, fortranOrder }] of Object.entries(arrays)) {
    const header = Buffer.from(npyHeader(descr, shape));
    if (fortranOrder) header.write("True ", header.indexOf("False"));
    const npy = Buffer.concat([header, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
    const entry = { name: `${name}.npy`, crc: crc32(npy), bytes: npy.length };
    entries.push({ ...entry, begin });
    const local = localHeader(entry);
    pieces.push(local, npy);
    begin += local.length + npy.length;
  }
  return Buffer.concat([...pieces, centralDirectory(entries, begin)]);
}
