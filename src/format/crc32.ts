/** CRC-32 as zip has it (polynomial 0xedb88320), eight bytes at a time (Kounavis and Berry 2005). */

type SumTable = Uint32Array<ArrayBuffer>;

const TABLES = /* @__PURE__ */ makeTables() as [
  SumTable,
  SumTable,
  SumTable,
  SumTable,
  SumTable,
  SumTable,
  SumTable,
  SumTable,
];

function makeTables(): readonly SumTable[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  const [first] = tables as [SumTable];
  for (let byte = 0; byte < 256; ++byte) {
    let sum = byte;
    for (let bit = 0; bit < 8; ++bit) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xedb88320;
    first[byte] = sum;
  }
  for (let k = 1; k < 8; ++k) {
    for (let byte = 0; byte < 256; ++byte) {
      const before = tables[k - 1]?.[byte] as number;
      (tables[k] as SumTable)[byte] = (before >>> 8) ^ (first[before & 255] as number);
    }
  }
  return tables;
}

/** @param before the sum of the bytes before these. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let sum = ~before;
  let at = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const last = bytes.length - 8; at <= last; at += 8) {
    const low = view.getUint32(at, true) ^ sum;
    const high = view.getUint32(at + 4, true);
    sum =
      (t7[low & 255] as number) ^
      (t6[(low >>> 8) & 255] as number) ^
      (t5[(low >>> 16) & 255] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[high & 255] as number) ^
      (t2[(high >>> 8) & 255] as number) ^
      (t1[(high >>> 16) & 255] as number) ^
      (t0[high >>> 24] as number);
  }
  for (; at < bytes.length; ++at) sum = (sum >>> 8) ^ (t0[(sum ^ (bytes[at] as number)) & 255] as number);
  return ~sum >>> 0;
}
