/** The record in a header: what it must say, and the file that it describes. */
import { expect, test } from "vitest";
import { headerAlone, recordedFile, recordedTensor, recordOf, schemesOf } from "../../src/checkpoint/record.js";
import { checkpoint, parseSafetensorsHeader } from "../../src/checkpoint.js";
import { modelOfShapes } from "../../src/model.js";

const NORMAL = { scheme: "normal", std: 0.5 };
const METADATA = {
  "nn-init.stream": "1",
  "nn-init.seed": "18446744073709551615",
  "nn-init.schemes": JSON.stringify({ w: NORMAL }),
};
const recorded = (more: object) => recordOf({ tensors: [], metadata: { ...METADATA, ...more } as never });

test("a record has the stream, the seed and the schemes; files of one checkpoint share a hash", () => {
  expect(recorded({})).toStrictEqual({ seed: 2n ** 64n - 1n, schemes: { w: NORMAL } });
  expect(recorded({ "nn-init.checkpoint": "abc" })).toMatchObject({ checkpoint: "abc" });
});

test.each<[object, string | RegExp]>([
  [{ "nn-init.stream": undefined }, /^its metadata does not say how it was drawn \(nn-init\.stream, nn-init\.seed, nn/],
  [{ "nn-init.seed": undefined }, /^its metadata does not say how/],
  [{ "nn-init.schemes": undefined }, /^its metadata does not say how/],
  [{ "nn-init.stream": "2" }, 'drawn by version "2" of the stream; this program has version 1'],
  [{ "nn-init.seed": "-1" }, 'its record cannot be read: nn-init.seed: expected a whole number, got "-1"'],
  [{ "nn-init.seed": "1 " }, /^its record cannot be read: nn-init\.seed/],
  [{ "nn-init.seed": "x1" }, /^its record cannot be read: nn-init\.seed/],
  [{ "nn-init.seed": "" }, /^its record cannot be read: nn-init\.seed/],
  [{ "nn-init.seed": "0".repeat(21) }, /^its record cannot be read: nn-init\.seed/],
  [{ "nn-init.schemes": "[1]" }, "its record cannot be read: nn-init.schemes: expected an object"],
  [
    { "nn-init.schemes": '{"a":1,"a":2}' },
    /^its record cannot be read: nn-init\.schemes: line 1, column 8: expected each/,
  ],
])("a record with %j is refused", (more, message) => {
  expect(() => recorded(more)).toThrow(message);
});

test("a fault in the schemes keeps its cause", () => {
  expect(() => schemesOf("{")).toThrow(expect.objectContaining({ cause: expect.any(TypeError) }));
});

test("a tensor is recorded by its scheme, a copy by the name of the other tensor too", () => {
  expect(recordedTensor(NORMAL)).toEqual({ scheme: NORMAL });
  expect(recordedTensor({ ...NORMAL, copy: "w" })).toEqual({ scheme: NORMAL, copyOf: "w" });
  expect(() => recordedTensor({ ...NORMAL, copy: 5 })).toThrow(/^copy: expected the name of a tensor, got 5/);
  expect(() => recordedTensor(null)).toThrow(/^scheme: expected a scheme/);
  expect(schemesOf("{}")).toEqual({});
});

const model = modelOfShapes("tied", [
  { name: "w", shape: [20, 30], ...NORMAL },
  { name: "v", shape: [20, 30], copy: "w" },
]);

test("the file that a record describes has the bytes of the one that was drawn", () => {
  const described = checkpoint(model, { seed: 3, dtype: "bf16" });
  const [{ header, name, byteLength, etag }] = described.files as [(typeof described.files)[0]];
  const parsed = parseSafetensorsHeader(header.subarray(8), byteLength - header.length);
  const again = recordedFile(name, header, parsed, recordOf(parsed));
  expect(again).toMatchObject({ name, byteLength, etag });
  const ends = ({ tensors }: { tensors: readonly { name: string; begin: number; end: number }[] }) =>
    tensors.map(({ name, begin, end }) => [name, begin, end]);
  expect(ends(again)).toEqual(ends(described.files[0] as never));
  expect(again.tensors.map(({ dtype, copyOf }) => [dtype, copyOf])).toEqual([
    ["bf16", undefined],
    ["bf16", "w"],
  ]);
  expect(headerAlone(parsed)).toEqual(header);
  const shared = { ...parsed, metadata: { ...parsed.metadata, "nn-init.checkpoint": "abc" } };
  expect(headerAlone(shared)).toEqual(header);
});

test("a tensor that the record does not describe is named", () => {
  const tensor = { name: "w", dtype: "F32", shape: [2], begin: 0, end: 8 } as const;
  const read = (more: object, schemes: object) => () =>
    recordedFile(
      "f",
      new Uint8Array(8),
      { tensors: [{ ...tensor, ...more }], metadata: {} },
      { seed: 1, schemes: schemes as never },
    );
  expect(read({}, {})).toThrow(/"?w"?: the record does not say how it was drawn/);
  expect(read({ name: "toString" }, {})).toThrow(/toString"?: the record does not say/);
  expect(read({ dtype: "F8_E4M3" }, { w: NORMAL })).toThrow(/w"?: this program does not draw f8_e4m3/);
});
