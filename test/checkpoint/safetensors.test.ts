/** Headers of safetensors files that are refused: each message names the tensor, what was expected, and what came. */
import { expect, test } from "vitest";
import { parseSafetensorsHeader } from "../../src/checkpoint.js";

const ENTRY = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (entry: unknown) => parseSafetensorsHeader(bytesOf(JSON.stringify({ w: entry })), 8);

test("a tensor has up to 64 axes", () => {
  const [tensor] = parse({ ...ENTRY, shape: [2, ...Array(63).fill(1)] }).tensors;
  expect(tensor?.shape).toHaveLength(64);
});

test.each<[unknown, string]>([
  [5, '"w": entry: expected an object with dtype, shape and data_offsets, got 5'],
  [null, '"w": entry: expected an object with dtype, shape and data_offsets, got null'],
  [{ ...ENTRY, begin: 0 }, '"w": entry: expected the keys dtype, shape and data_offsets, got "begin"'],
  [{ ...ENTRY, data_offsets: [0, 8, 8] }, '"w": data_offsets: expected two whole numbers from 0, got [0, 8, 8]'],
  [{ ...ENTRY, data_offsets: [0, 8.5] }, '"w": data_offsets: expected two whole numbers from 0, got [0, 8.5]'],
  [{ ...ENTRY, data_offsets: undefined }, '"w": data_offsets: expected two whole numbers from 0, got undefined'],
  [{ ...ENTRY, data_offsets: [4, 11] }, '"w": data_offsets: expected 8 bytes for its shape and dtype, got 7'],
  [
    { ...ENTRY, data_offsets: [4, 12] },
    '"w": data_offsets: expected to begin at 0, since every byte belongs to a tensor, got [4, 12]',
  ],
  [{ ...ENTRY, dtype: 5 }, "U32, I32, U64, I64, got 5"],
  [{ ...ENTRY, dtype: ["F32"] }, 'I64, got ["F32"]'],
  [{ ...ENTRY, dtype: "f32" }, '"w": dtype: expected one of F4, F6_E2M3, '],
  [{ ...ENTRY, shape: [-2] }, '"w": shape: expected at most 64 whole numbers from 0, got [-2]'],
  [{ ...ENTRY, shape: Array(65).fill(1) }, '"w": shape: expected at most 64 whole numbers from 0, got ['],
])("the entry %j is refused", (entry, message) => {
  expect(() => parse(entry)).toThrow(message);
});

test("bytes that are not UTF-8 are refused, and so is text that is not JSON, with the cause", () => {
  const bytes = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d);
  expect(() => parseSafetensorsHeader(bytes, 0)).toThrow(/^the header is not valid JSON: its bytes are no UTF-8$/);
  const refused = expect.objectContaining({ cause: expect.any(TypeError) });
  expect(() => parseSafetensorsHeader(bytesOf("{"), 0)).toThrow(refused);
});
