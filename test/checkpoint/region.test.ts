/** Slices of tensors along their axes: every element comes from its place, and runs that lie near each other are drawn at once. */
import { describe, expect, test } from "vitest";
import { checkRanges, drawsOfRegion } from "../../src/checkpoint/region.js";
import { parseSafetensorsHeader, safetensorsHeaderLength } from "../../src/checkpoint/safetensors.js";
import { chooser } from "../kernels.js";

type Ranges = readonly (readonly [number, number])[];

/** The slice, each value the number of its element, and what was drawn: [first element, number of elements]. */
function sliced(shape: readonly number[], ranges: Ranges) {
  const size = ranges.reduce((product, [begin, end]) => product * (end - begin), 1);
  const values = new Uint32Array(size);
  const drawn: [number, number][] = [];
  const draw = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBufferLike>, first: number) => {
    const to = new Uint32Array(buffer, byteOffset, byteLength / 4);
    for (let i = 0; i < to.length; ++i) to[i] = first + i;
    drawn.push([first, to.length]);
    return [];
  };
  for (const _ of drawsOfRegion(ranges, shape, new Uint8Array(values.buffer), 4, draw))
    expect.fail("nothing is left to draw");
  return { values: [...values], drawn };
}

/** The numbers of a slice's elements, one by one. */
function numbersOf(shape: readonly number[], ranges: Ranges): number[] {
  let numbers = [0];
  for (const [axis, length] of shape.entries()) {
    const [begin, end] = ranges[axis] as readonly [number, number];
    numbers = numbers.flatMap((number) => Array.from({ length: end - begin }, (_, i) => number * length + begin + i));
  }
  return numbers;
}

test("random slices of tensors of one to four axes", () => {
  const choose = chooser(33);
  for (let round = 0; round < 300; ++round) {
    const shape = Array.from({ length: 1 + (choose() % 4) }, () => 1 + (choose() % 9));
    const ranges = shape.map((length): [number, number] => {
      const begin = choose() % length;
      return choose() % 3 === 0 ? [0, length] : [begin, begin + 1 + (choose() % (length - begin))];
    });
    expect(sliced(shape, ranges).values, JSON.stringify({ shape, ranges })).toEqual(numbersOf(shape, ranges));
  }
});

describe("what is drawn at once", () => {
  test.each<[string, readonly number[], Ranges, [number, number][]]>([
    [
      "a whole tensor",
      [3, 4, 5],
      [
        [0, 3],
        [0, 4],
        [0, 5],
      ],
      [[0, 60]],
    ],
    [
      "rows",
      [6, 10],
      [
        [2, 5],
        [0, 10],
      ],
      [[20, 30]],
    ],
    [
      "columns, with what lies between them",
      [4, 10],
      [
        [1, 4],
        [2, 5],
      ],
      [[12, 23]],
    ],
    [
      "rows that lie a block apart, one by one",
      [3, 6000],
      [
        [0, 3],
        [5, 6],
      ],
      [
        [5, 1],
        [6005, 1],
        [12_005, 1],
      ],
    ],
    [
      "rows that lie one element less than a block apart",
      [3, 4096],
      [
        [0, 3],
        [5, 6],
      ],
      [[5, 8193]],
    ],
    [
      "rows that lie just a block apart",
      [2, 4097],
      [
        [0, 2],
        [5, 6],
      ],
      [
        [5, 1],
        [4102, 1],
      ],
    ],
    [
      "runs that fill 128 KiB",
      [9, 4000],
      [
        [0, 9],
        [0, 768],
      ],
      [[0, 32_768]],
    ],
    [
      "as many runs as 128 KiB hold",
      [12, 4096],
      [
        [0, 12],
        [0, 2],
      ],
      [
        [0, 28_674],
        [32_768, 12_290],
      ],
    ],
    [
      "runs of equal distances",
      [2, 3, 10],
      [
        [0, 2],
        [0, 2],
        [0, 5],
      ],
      [
        [0, 15],
        [30, 15],
      ],
    ],
    [
      "nothing",
      [3, 4],
      [
        [1, 1],
        [0, 4],
      ],
      [],
    ],
  ])("%s", (_, shape, ranges, expected) => {
    const { values, drawn } = sliced(shape, ranges);
    expect(values).toEqual(numbersOf(shape, ranges));
    expect(drawn).toEqual(expected);
  });
});

test("elements that lie next to each other are drawn where they belong", () => {
  const out = new Uint8Array(4 * 12);
  const places: number[] = [];
  const draw = (bytes: Uint8Array<ArrayBufferLike>) => {
    if (bytes.buffer === out.buffer) places.push(bytes.length);
    return [];
  };
  const draws = (ranges: Ranges, size: number) => [...drawsOfRegion(ranges, [3, 4], out.subarray(0, size), 4, draw)];
  const rows = [0, 4] as const;
  expect(draws([[0, 3], rows], 48)).toEqual([]);
  expect(draws([[1, 3], rows], 32)).toEqual([]);
  expect(places).toEqual([48, 32]);
});

test.each<[unknown, RegExp]>([
  [[0], /^ranges\[1\]: expected \[begin, end\] or null, got \[0\]$/],
  [[0, 1, 2], /^ranges\[1\]: expected \[begin, end\] or null, got \[0, 1, 2\]$/],
  [{ length: 2 }, /^ranges\[1\]: expected \[begin, end\] or null/],
  [[-1, 2], /^ranges\[1\]\[0\]: expected/],
  [[0, 1.5], /^ranges\[1\]\[1\]: expected/],
  [[3, 2], /^ranges\[1\]: expected \[begin, end\] with begin <= end <= 4, got \[3, 2\]$/],
  [[0, 5], /^ranges\[1\]: expected \[begin, end\] with begin <= end <= 4, got \[0, 5\]$/],
])("the range %j is refused", (range, message) => {
  expect(() => checkRanges([null, range as never], [3, 4])).toThrow(message);
});

describe("a safetensors header", () => {
  const start = (length: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };
  const MOST = 100_000_000n;

  test("has at most 100 MB, and lies within its file", () => {
    expect(safetensorsHeaderLength(start(12n), 20)).toBe(12);
    expect(() => safetensorsHeaderLength(start(13n), 20)).toThrow(
      /^header: expected at most the 12 bytes that follow in the file, got 13$/,
    );
    expect(safetensorsHeaderLength(start(MOST), 2e8)).toBe(Number(MOST));
    expect(() => safetensorsHeaderLength(start(MOST), 20)).toThrow(/^header: expected at most the 12 bytes/);
    expect(() => safetensorsHeaderLength(start(MOST + 1n), 2e8)).toThrow(
      /^header: expected at most 100000000 bytes, got 100000001$/,
    );
  });

  test.each<[string, () => unknown, RegExp]>([
    ["an array for bytes", () => safetensorsHeaderLength([] as never, 8), /^bytes: expected a Uint8Array, got \[\]/],
    ["a size that is no count", () => safetensorsHeaderLength(start(0n), -1), /^fileBytes: expected/],
    ["a text for bytes", () => parseSafetensorsHeader("{}" as never, 0), /^json: expected a Uint8Array, got "\{\}"/],
    ["a length that is no count", () => parseSafetensorsHeader(new Uint8Array(2), 0.5), /^dataBytes: expected/],
    ["a byte of one digit", () => parseSafetensorsHeader(Uint8Array.of(5), 0), /, got the byte 0x05$/],
    ["nothing", () => parseSafetensorsHeader(new Uint8Array(0), 0), /, got nothing$/],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
