/**
 * Zip archives of files that are stored, not compressed (PKWARE's APPNOTE 6.3.10). With zip64 where a size or an offset
 * exceeds 32 bits, or there are more than 65,535 files.
 */
import { concat } from "../checkpoint/bytes.js";

/** A file in an archive. */
interface ZipEntry {
  readonly name: string;
  readonly crc: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Where its header begins in the archive. */
  readonly begin: number;
}

const LIMIT = 0xffffffff;
const DATE = 0x21; // the first of January 1980: an archive is a function of its files
const UTF8 = 0x800; // the flag for names that are not ASCII

const encode = (name: string): Uint8Array => new TextEncoder().encode(name);

const isLarge = (bytes: number): boolean => bytes >= LIMIT;

/** The length of the header in front of a file. */
export const localLength = (name: string, bytes: number): number =>
  30 + encode(name).length + (isLarge(bytes) ? 20 : 0);

/** The header in front of a file. */
export function localHeader({ name, crc, bytes }: Omit<ZipEntry, "begin">): Uint8Array {
  const large = isLarge(bytes);
  const extra = large ? [u16(1), u16(16), u64(bytes), u64(bytes)] : [];
  return header(0x04034b50, [], name, { crc, bytes }, extra, []);
}

/** The list of all files, which ends an archive. */
export function centralDirectory(entries: readonly ZipEntry[], begin: number): Uint8Array {
  const files = entries.map((entry) => centralHeader(entry));
  const bytes = files.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  const end: Uint8Array[] = [];
  if (count >= 0xffff || isLarge(bytes) || isLarge(begin)) {
    end.push(
      ...[u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), u64(count), u64(count), u64(bytes), u64(begin)],
      ...[u32(0x07064b50), u32(0), u64(begin + bytes), u32(1)],
    );
  }
  const counted = u16(Math.min(count, 0xffff));
  end.push(u32(0x06054b50), u16(0), u16(0), counted, counted);
  end.push(u32(Math.min(bytes, LIMIT)), u32(Math.min(begin, LIMIT)), u16(0));
  return concat([...files, ...end]);
}

/** How long `centralDirectory` is. */
export const centralLength = (entries: readonly Omit<ZipEntry, "crc">[], begin: number): number =>
  centralDirectory(
    entries.map((entry) => ({ ...entry, crc: 0 })),
    begin,
  ).length;

function centralHeader({ name, crc, bytes, begin }: ZipEntry): Uint8Array {
  const sizes = isLarge(bytes) ? [u64(bytes), u64(bytes)] : [];
  const wide = isLarge(begin) ? [...sizes, u64(begin)] : sizes;
  const extra = wide.length > 0 ? [u16(1), u16(8 * wide.length), ...wide] : [];
  const after = [u16(0), u16(0), u16(0), u32(0), u32(Math.min(begin, LIMIT))];
  return header(0x02014b50, [u16(45)], name, { crc, bytes }, extra, after);
}

/** What the two headers of a file have in common. */
function header(
  signature: number,
  madeBy: readonly Uint8Array[],
  name: string,
  { crc, bytes }: { readonly crc: number; readonly bytes: number },
  extra: readonly Uint8Array[],
  after: readonly Uint8Array[],
): Uint8Array {
  const encoded = encode(name);
  const size = u32(Math.min(bytes, LIMIT));
  const extras = concat(extra);
  const flags = encoded.length === name.length ? 0 : UTF8;
  return concat([
    ...[u32(signature), ...madeBy, u16(extra.length > 0 ? 45 : 20), u16(flags), u16(0), u16(0), u16(DATE), u32(crc)],
    ...[size, size, u16(encoded.length), u16(extras.length), ...after, encoded, extras],
  ]);
}

const u16 = (value: number): Uint8Array => new Uint8Array(new Uint16Array([value]).buffer);
const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
const u64 = (value: number): Uint8Array => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
