/** Readers of other formats: what they read, and what they refuse. Whatever the bytes, they end, with an error that says why. */
import { describe, expect, test } from "vitest";
import { parseGgufHeader, parseNpyHeader, readNpz } from "../../src/checkpoint.js";
import { crc32 } from "../../src/format/crc32.js";
import { ggufHeader } from "../../src/format/gguf/writer.js";
import { npyHeader } from "../../src/format/npy.js";
import { centralDirectory, localHeader, localLength } from "../../src/format/zip.js";
import { testChanges } from "./changes.js";
import { made, wholeFile } from "./models.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The header of a `.npy` file of version 1 with this text. */
function npy(text: string): Uint8Array {
  const body = bytesOf(text);
  return new Uint8Array([0x93, ...bytesOf("NUMPY"), 1, 0, body.length & 255, body.length >> 8, ...body]);
}

describe("npy", () => {
  test.each([[[]], [[7]], [[2, 3]], [[0, 4]], [[1, 2, 3, 4, 5]]])("the shape %j", (shape) => {
    const bytes = npyHeader("<f4", shape);
    expect(bytes.length % 64).toBe(0);
    const size = shape.reduce((a, b) => a * b, 1);
    expect(parseNpyHeader(bytes)).toEqual({
      ...{ descr: "<f4", fortranOrder: false, shape },
      headerBytes: bytes.length,
      dataBytes: 4 * size,
    });
  });

  test("keys in another order, as old programs write them", () => {
    const header = parseNpyHeader(npy("{'shape': (3,), 'fortran_order': True, 'descr': '>i2'}\n"));
    expect(header).toMatchObject({ descr: ">i2", fortranOrder: true, shape: [3] });
  });

  test.each([
    ...([
      ["|b1", 1],
      ["|i1", 1],
      [">u8", 8],
      ["<f2", 2],
      ["<f12", 12],
      ["<f16", 16],
      ["<c8", 8],
      ["<c32", 32],
    ] as const),
    ...([
      ["|V2", 2],
      ["|V100", 100],
      ["<M8[ns]", 8],
      [">m8[25us]", 8],
      ["<M8[D]", 8],
      ["<M8", 8],
    ] as const),
  ])("reads NumPy's type %s, of %i bytes", (descr, bytes) => {
    const header = parseNpyHeader(npy(`{'descr': '${descr}', 'fortran_order': False, 'shape': (3,)}`));
    expect(header).toMatchObject({ descr, dataBytes: 3 * bytes });
  });

  test.each([
    ["{'descr': '<f4', 'fortran_order': False}", "npy: header"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}", "npy: header"],
    ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", "npy: header"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (3 4,)}", "npy: shape"],
    ["{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", "npy: descr"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "npy: shape"],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740991, 2)}", "npy: shape"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (${"1, ".repeat(65)})}`, "npy: shape"],
    ...["<f7", "<i3", "<c3", "<b9", "|V0", "<M8[ns]7", "<M4[ns]", "<M8[]", "<M8[parsec]", "<m8 [s]", "f4"].map(
      (descr) => [`{'descr': '${descr}', 'fortran_order': False, 'shape': (3,)}`, "npy: descr"],
    ),
    ["__import__('os').system('true')", "npy: header"],
  ])("refuses %s", (text, message) => {
    expect(() => parseNpyHeader(npy(text))).toThrow(message);
  });

  test("refuses another magic, another version, and a header that is cut off", () => {
    const good = npyHeader("<f4", [3]);
    expect(() => parseNpyHeader(bytesOf("PK\u0003\u0004------------"))).toThrow("NUMPY");
    expect(() => parseNpyHeader(good.with(6, 4))).toThrow("npy: version");
    expect(() => parseNpyHeader(good.subarray(0, 40))).toThrow("npy: header");
    expect(() => parseNpyHeader(new Uint8Array([...good.subarray(0, 6), 2, 0, 255, 255, 255, 255]))).toThrow("65535");
  });

  test.each(["1,1 ,", "1", " ", ","])("a header of many %j takes no time", (text) => {
    const begun = performance.now();
    expect(() => parseNpyHeader(npy(`{'shape': (${text.repeat(60_000 / text.length)}`))).toThrow("npy: header");
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

test("crc32 is that of zip", () => {
  expect(crc32(bytesOf("123456789"))).toBe(0xcbf43926);
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) & 255);
  for (let cut = 0; cut <= 100; ++cut)
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
});

describe("zip", () => {
  const GIB = 2 ** 30;

  test("sizes and offsets from 4 GiB - 1 on stand in the fields of zip64", () => {
    const small = { name: "a.npy", crc: 1, bytes: 5 * GIB - 1 };
    expect(localHeader(small).length).toBe(localLength("a.npy", small.bytes));
    const view = new DataView(localHeader(small).buffer);
    expect([view.getUint16(4, true), view.getUint32(18, true), view.getUint32(22, true)]).toEqual([
      45,
      2 ** 32 - 1,
      2 ** 32 - 1,
    ]);
    expect([view.getUint16(35, true), view.getUint16(37, true)]).toEqual([1, 16]);
    expect(Number(view.getBigUint64(39, true))).toBe(5 * GIB - 1);
    const list = centralDirectory([{ ...small, begin: 6 * GIB }], 12 * GIB);
    const central = new DataView(list.buffer);
    const extra = 46 + 5;
    expect([central.getUint16(extra, true), central.getUint16(extra + 2, true)]).toEqual([1, 24]);
    expect(Number(central.getBigUint64(extra + 20, true))).toBe(6 * GIB);
    const end64 = extra + 28;
    expect(central.getUint32(end64, true)).toBe(0x06064b50);
    expect(Number(central.getBigUint64(end64 + 48, true))).toBe(12 * GIB);
    expect(Number(central.getBigUint64(end64 + 56 + 8, true))).toBe(12 * GIB + end64);
  });

  test("below, there is no zip64", () => {
    expect(localLength("a.npy", 2 ** 32 - 2)).toBe(35);
    expect(centralDirectory([{ name: "a.npy", crc: 1, bytes: 9, begin: 0 }], 99).length).toBe(46 + 5 + 22);
  });
});

const NPZ = wholeFile(made("npz", "gpt2", "f16"));

describe("npz", () => {
  const patched = (at: number, ...values: number[]) => {
    const copy = NPZ.slice();
    copy.set(values, at);
    return copy;
  };
  const list = NPZ.length - 22 - [...readNpz(NPZ)].reduce((sum, { name }) => sum + 46 + name.length + 4, 0);

  test("a comment at the end is read over", () => {
    const commented = new Uint8Array([...NPZ, ...bytesOf("a comment")]);
    commented[NPZ.length - 2] = 9;
    expect(readNpz(commented).length).toBe(readNpz(NPZ).length);
  });

  test.each<[string, () => Uint8Array, string]>([
    ["another file", () => bytesOf("GGUF and more"), "zip archive"],
    ["nothing", () => new Uint8Array(0), "zip archive"],
    ["a changed value", () => patched(200, ~(NPZ[200] as number) & 255), "checksum"],
    ["a compressed file", () => patched(list + 10, 8), "numpy.savez"],
    ["an encrypted file", () => patched(list + 8, 1), "encrypted"],
    ["another size", () => patched(list + 24, 255, 255), "as it is stored"],
    ["a file past the end", () => patched(list + 42, 255, 255, 255, 0), "offset"],
    ["more files than there are", () => patched(NPZ.length - 12, 255), "npz: list of files"],
    ["a list past the end", () => patched(NPZ.length - 10, 255, 255, 255, 0), "npz: list of files"],
  ])("refuses %s", (_, make, message) => {
    expect(() => readNpz(make())).toThrow(message);
  });

  test("refuses files that share bytes, which make a small archive large", () => {
    const file = npyHeader("<f4", [0]);
    const entry = { name: "a.npy", crc: crc32(file), bytes: file.length };
    const local = localHeader(entry);
    const twice = centralDirectory(
      [
        { ...entry, begin: 0 },
        { ...entry, name: "b.npy", begin: 0 },
      ],
      local.length + file.length,
    );
    expect(() => readNpz(new Uint8Array([...local, ...file, ...twice]))).toThrow("offset");
  });
});

const GGUF = wholeFile(made("gguf", "qwen3_moe", "f16"));

describe("GGUF", () => {
  const header = (
    fields: Record<string, unknown> = {},
    tensors: readonly { name: string; shape: number[]; dtype: "f32" }[] = [],
  ) => ggufHeader(new Map(Object.entries(fields)) as never, tensors);

  test.each([
    ["u8", 256, "a whole number from 0 to 255, as it is u8, got 256"],
    ["u8", -1, "a whole number from 0 to 255"],
    ["i8", 128, "a whole number from -128 to 127"],
    ["u16", 65536, "a whole number from 0 to 65535"],
    ["i16", -32769, "a whole number from -32768 to 32767"],
    ["u32", 2 ** 33, "a whole number from 0 to 4294967295, as it is u32, got 8589934592"],
    ["i32", 2 ** 31, "a whole number from -2147483648 to 2147483647"],
    ["u64", -1n, "a whole number from 0 to 18446744073709551615"],
    ["i64", 2n ** 63n, "a whole number from -9223372036854775808 to 9223372036854775807"],
    ["u32", 1.5, "a whole number from 0 to 4294967295"],
    ["bool", 2, "a whole number from 0 to 1"],
    ["f32", 1e39, "a finite number, as it is f32, got 1e+39"],
    ["f32", 1e-50, "0 or a number of at least 1.4e-45 in magnitude"],
    ["f64", Number.NaN, "a finite number"],
  ])("refuses a %s of %s", (type, value, message) => {
    const expected = `gguf: "k.v": expected ${message}`;
    expect(() => header({ "k.v": { type, value } })).toThrow(expected);
    expect(() => header({ "k.v": { type: "array", of: type, value: [value] } })).toThrow(expected);
  });

  test("values of every type come back, and those past 2^53 as bigints", () => {
    const fields = {
      small: { type: "u8", value: 255 },
      negative: { type: "i16", value: -2 },
      whole: { type: "i32", value: -3 },
      real: { type: "f32", value: 0.5 },
      double: { type: "f64", value: 0.1 },
      flag: { type: "bool", value: true },
      long: { type: "u64", value: 2n ** 60n },
      text: { type: "string", value: "h\u00e9" },
      list: { type: "array", of: "string", value: ["a", ""] },
    };
    const read = parseGgufHeader(header(fields)).metadata;
    expect(Object.fromEntries(read)).toEqual({
      ...{ small: 255, negative: -2, whole: -3, real: 0.5, double: 0.1, flag: true },
      ...{ long: 2n ** 60n, text: "h\u00e9", list: ["a", ""] },
    });
  });

  const patched = (bytes: Uint8Array, at: number, ...values: number[]) => {
    const copy = bytes.slice();
    copy.set(values, at);
    return copy;
  };
  const BIG = [255, 255, 255, 255, 255, 255, 255, 127];

  test.each<[string, () => Uint8Array, string]>([
    ["another magic", () => bytesOf("PK\u0003\u0004, which is a zip archive"), "begins with GGUF"],
    ["version 1", () => patched(header(), 4, 1), "gguf: version"],
    ["a big-endian file", () => patched(header(), 4, 0, 0, 0, 3), "big-endian"],
    ["too many tensors", () => patched(header(), 8, ...BIG), "gguf: tensors"],
    ["too many values", () => patched(header(), 16, ...BIG), "gguf: metadata"],
    ["a long key", () => patched(header({ a: { type: "u8", value: 1 } }), 24, ...BIG), "gguf: metadata: key"],
    ["a text past the end", () => patched(header({ a: { type: "string", value: "b" } }), 37, 99), "cut off"],
    ["a type that there is not", () => patched(header({ a: { type: "u8", value: 1 } }), 33, 13), "type"],
    [
      "an array past the end",
      () => patched(header({ a: { type: "array", of: "u8", value: [1] } }), 41, ...BIG),
      "elements",
    ],
    ["an alignment of 3", () => header({ "general.alignment": { type: "u32", value: 3 } }), "general.alignment"],
    ["many axes", () => patched(header({}, [{ name: "w", shape: [2], dtype: "f32" }]), 33, 200), "axes"],
    [
      "a tensor past the end",
      () => header({}, [{ name: "w", shape: [2], dtype: "f32" }]),
      "the bytes of the file".slice(4, 9),
    ],
    [
      "two tensors of one name",
      () =>
        header({}, [
          { name: "w", shape: [0], dtype: "f32" },
          { name: "w", shape: [0], dtype: "f32" },
        ]),
      "each tensor once",
    ],
  ])("refuses %s", (_, make, message) => {
    expect(() => parseGgufHeader(make())).toThrow(message);
  });

  test("refuses arrays that are nested deeper than four", () => {
    const nested = (depth: number) => Array.from({ length: depth }, () => [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]).flat();
    const start = header({ a: { type: "u8", value: 1 } }).slice(0, 33);
    expect(() => parseGgufHeader(new Uint8Array([...start, 9, 0, 0, 0, ...nested(10_000)]))).toThrow("deep");
  });

  test("reads a header without the tensors, given the size of the file", () => {
    const { headerBytes, tensors } = parseGgufHeader(GGUF);
    expect(parseGgufHeader(GGUF.slice(0, headerBytes), GGUF.length).tensors).toEqual(tensors);
    expect(() => parseGgufHeader(GGUF.slice(0, headerBytes - 40), GGUF.length)).toThrow("cut off");
  });
});

testChanges(60);
