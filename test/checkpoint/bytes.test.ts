/** Blobs that are read by ranges: by promises, and at once in a worker of a browser. */
import { afterEach, expect, test, vi } from "vitest";
import { readBlob } from "../../src/checkpoint/bytes.js";

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);
const blob = new Blob([BYTES]);

/** Reads what `slice` below gives, which has its bytes at hand. */
class Reader {
  static made = 0;
  constructor() {
    Reader.made += 1;
  }
  readAsArrayBuffer({ begin, end }: { readonly begin: number; readonly end: number }): ArrayBuffer {
    return BYTES.slice(begin, end).buffer;
  }
}

afterEach(() => vi.unstubAllGlobals());

test("by promises where nothing else is there", async () => {
  expect(readBlob(blob)(1, 3)).toBeInstanceOf(Promise);
  expect(await readBlob(blob)(1, 3)).toEqual(Uint8Array.of(2, 3));
});

test("at once in a worker, with one reader; by promises what is no Blob", async () => {
  vi.stubGlobal("FileReaderSync", Reader);
  const sliced = Object.assign(new Blob([BYTES]), { slice: (begin: number, end: number) => ({ begin, end }) });
  const read = readBlob(sliced as unknown as Blob);
  expect([read(0, 2), read(2, 5)]).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5)]);
  expect(Reader.made).toBe(1);
  const other = { size: 5, slice: (begin: number, end: number) => blob.slice(begin, end) };
  expect(await readBlob(other)(1, 3)).toEqual(Uint8Array.of(2, 3));
});
