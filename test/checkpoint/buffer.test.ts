/** Whole files in memory, and what their headers refuse. */
import { expect, test } from "vitest";
import { jsonLength, paddedLength } from "../../src/checkpoint/header.js";
import { readSafetensors, safetensorsHeader, writeSafetensors } from "../../src/checkpoint.js";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);
const TENSORS = [
  { name: "a", dtype: "F32", shape: [2], bytes: bytes(8) },
  { name: "none", dtype: "BF16", shape: [0, 3], bytes: bytes(0) },
  { name: "half", dtype: "F4", shape: [2, 3], bytes: bytes(3) },
  { name: "2", dtype: "I64", shape: [], bytes: bytes(8) },
] as const;

test("what is written is read: tensors in the order of their bytes, as views of the file, and metadata", () => {
  const file = writeSafetensors(TENSORS, { format: "pt" });
  const { tensors, metadata } = readSafetensors(file);
  expect(tensors).toEqual(TENSORS);
  expect(metadata).toEqual({ format: "pt" });
  for (const tensor of tensors) expect(tensor.bytes.buffer).toBe(file.buffer);
  expect(file.length).toBe(safetensorsHeader(TENSORS, { format: "pt" }).length + 8 + 3 + 8);
  expect(readSafetensors(writeSafetensors([]))).toEqual({ tensors: [], metadata: {} });
});

test("bytes that do not fit are refused by name", () => {
  const write = (given: unknown) => () => writeSafetensors([{ ...TENSORS[0], bytes: given as Uint8Array }]);
  expect(write([1, 2])).toThrow(/^"a": bytes: expected a Uint8Array, got/);
  expect(write(bytes(7))).toThrow(/^"a": bytes: expected 8 bytes for its shape and dtype, got 7/);
  expect(write(bytes(9))).toThrow(/^"a": bytes: expected 8 bytes/);
  expect(() => readSafetensors([1] as never)).toThrow(/^file: expected a Uint8Array, got/);
});

const entry = (name: string, shape: readonly number[] = [1]) => ({ name, dtype: "F64", shape }) as const;
const LARGE = [2 ** 47 - 1]; // 2^50 - 8 bytes, the most that a tensor may have

test.each<[string, unknown, RegExp]>([
  ["no list", { 0: entry("w") }, /^tensors: expected a list of objects with name, dtype and shape, got/],
  ["a name for a tensor", [entry("w"), "w"], /^tensors: expected a list of objects/],
  ["no name", [entry("v"), { dtype: "F32", shape: [1] }], /^tensors\[1\]: name: expected a string, got undefined/],
  ["a number for a name", [{ ...entry("v"), name: 5 }], /^tensors\[0\]: name: expected a string, got 5/],
  ["two of one name", [entry("v"), entry("w"), entry("v")], /^name: expected one that no other tensor has, .*got "v"/],
  ["the name of the metadata", [entry("__metadata__")], /^name: expected .*, and not __metadata__, got/],
  [
    "more bytes than are counted exactly",
    Array.from({ length: 9 }, (_, i) => entry(`t${i}`, LARGE)),
    /^"t8": end: expected at most 2\^53 - 1 bytes, got 1013/,
  ],
])("a header of %s is refused", (_, tensors, message) => {
  expect(() => safetensorsHeader(tensors as never)).toThrow(message);
});

test("a header has at most 100,000,000 bytes", () => {
  expect(paddedLength(99_999_993)).toBe(100_000_008);
  expect(paddedLength(100_000_000)).toBe(100_000_008);
  expect(() => paddedLength(100_000_001)).toThrow(/^header: expected at most 100000000 bytes, got 100000008/);
});

// A header that is short is made at once, a long one in pieces.
test.each([0x20000 - 1, 0x20000, 0x20000 + 1, 0x40000])("a header of %d bytes is JSON, in UTF-8", (length) => {
  const made = (text: string) => safetensorsHeader([entry("é\u{1f600}"), entry("w")], { text });
  const begun = jsonLength(made(""));
  const header = made("x".repeat(length - begun));
  const json = new TextDecoder().decode(header.subarray(8)).trimEnd();
  expect(JSON.parse(json)).toMatchObject({ w: { data_offsets: [8, 16] }, "é\u{1f600}": { data_offsets: [0, 8] } });
  expect([jsonLength(header), new TextEncoder().encode(json).length]).toEqual([length, length]);
});
