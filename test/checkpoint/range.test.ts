/** Bytes of a file from any place on, into memory at any place. */
import { expect, test } from "vitest";
import { drawsOfRange } from "../../src/checkpoint/range.js";
import { type CheckpointFile, checkpoint } from "../../src/checkpoint.js";
import { modelOfShapes } from "../../src/model.js";

const model = modelOfShapes("m", [
  { name: "a", shape: [5, 3], scheme: "normal", std: 1 },
  { name: "b", shape: [4, 4], scheme: "orthogonal" },
  { name: "c", shape: [1], scheme: "constant", value: 3 },
  { name: "d", shape: [9], scheme: "uniform", low: -1, high: 1 },
]);

test.each(["f32", "f64", "bf16"] as const)("of %s: every range of the tensors and the end of the header", (dtype) => {
  const described = checkpoint(model, { seed: 5, dtype });
  const { name, byteLength } = described.files[0] as CheckpointFile;
  const read = described.read.bind(described);
  const all = read(name, 0, byteLength);
  const from = byteLength - (15 + 16 + 1 + 9) * { f32: 4, f64: 8, bf16: 2 }[dtype] - 3;
  const memory = new Uint8Array(byteLength + 16);
  for (let begin = from; begin <= byteLength; ++begin) {
    for (let end = begin; end <= byteLength; end += 1 + ((begin * 7 + end) % 5)) {
      const place = (begin + 3 * end) % 16;
      memory.fill(0xa5);
      const into = memory.subarray(place, place + end - begin);
      read(name, begin, end, into);
      const isRight = Buffer.compare(into, all.subarray(begin, end)) === 0;
      const isUntouched = (place === 0 || memory[place - 1] === 0xa5) && memory[place + end - begin] === 0xa5;
      if (!isRight || !isUntouched)
        expect.fail(`${begin} to ${end} at ${place}: ${isRight ? "beside it" : "other bytes"}`);
    }
  }
});

/** Draws a range of a file whose bytes are numbered, of sections that begin at 8. Tells of each draw: elements, and "copied". */
function numbered(bounds: readonly (readonly [number, number])[], begin: number, out: Uint8Array): string[] {
  const sections = bounds.map(([begin, end]) => ({ dtype: "f32" as const, begin, end }));
  const file = { header: Uint8Array.from({ length: 8 }, (_, i) => i), sections } as unknown as CheckpointFile;
  const made: string[] = [];
  const drawerOf = (section: { begin: number }) => {
    expect(section.begin).toBeLessThan(begin + out.length); // others are not asked for
    return drawing(section);
  };
  const drawing = (section: { begin: number }) => (bytes: Uint8Array<ArrayBufferLike>, start: number) => {
    expect(bytes.byteOffset % 4).toBe(0);
    for (let i = 0; i < bytes.length; ++i) bytes[i] = section.begin + 4 * start + i;
    const where = bytes.buffer === out.buffer ? "" : ", copied";
    made.push(`${start} to ${start + bytes.length / 4}${where}`);
    return [];
  };
  for (const _ of drawsOfRange(file, begin, out, drawerOf)) expect.fail("nothing is left to draw");
  const wrong = out.findIndex((byte, i) => byte !== ((begin + i) & 255));
  if (wrong >= 0) expect.fail(`byte ${wrong} is ${out[wrong]}`);
  return made;
}

test.each<[string, number, number, readonly string[]]>([
  ["the header", 0, 8, []],
  ["whole sections, without what has no elements", 0, 32, ["0 to 4", "0 to 2"]],
  ["a part of each", 20, 28, ["3 to 4", "0 to 1"]],
  ["no byte", 24, 24, []],
  ["no byte of an element", 17, 17, []],
  ["an element that is cut", 13, 15, ["1 to 2, copied"]],
  ["elements that are cut at both ends", 9, 22, ["0 to 1, copied", "1 to 3", "3 to 4, copied"]],
  ["elements that are cut at the end", 8, 14, ["0 to 1", "1 to 2, copied"]],
  ["elements that are cut at the beginning", 9, 16, ["0 to 1, copied", "1 to 2"]],
])("of %s: each element is drawn once, where it lies if it can be", (_, begin, end, expected) => {
  const sections = [
    [8, 24],
    [24, 24],
    [24, 32],
  ] as const;
  const memory = new Uint8Array(64); // whole elements lie at multiples of 4 there
  expect(numbered(sections, begin, memory.subarray(begin % 4, (begin % 4) + end - begin))).toEqual(expected);
});

test("elements that do not lie at multiples of their size are copied, 256 KiB at a time", () => {
  const pieces = ["0 to 65536, copied", "65536 to 131072, copied", "131072 to 150000, copied"];
  const memory = new Uint8Array(600_008);
  expect(numbered([[8, 600_008]], 8, memory.subarray(1, 600_001))).toEqual(pieces);
  expect(numbered([[8, 600_008]], 9, memory.subarray(0, 599_999))).toEqual(pieces);
});
