/** Headers are written in pieces, and are the bytes that JSON.stringify would give. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkpoint, parseSafetensorsHeader, safetensorsHeader } from "../../src/checkpoint.js";
import { modelOfShapes } from "../../src/model.js";

/** Names that JSON.stringify moves to the front, names that look like them, and others. */
const NAMES = [
  "w",
  "10",
  "2",
  "01",
  "-1",
  "1.5",
  "4294967294",
  "4294967295",
  "99999999999",
  "é\u{1f600}",
  "__proto__",
  '"\\\n',
];
const names = fc.shuffledSubarray(NAMES, { minLength: 1 });

const jsonOf = (header: Uint8Array) => new TextDecoder().decode(header.subarray(8)).trimEnd();
const objectOf = (entries: (readonly [string, unknown])[]) => JSON.stringify(Object.fromEntries(entries));

test("safetensorsHeader: the JSON of an object, padded to a multiple of 8", () => {
  const check = (chosen: string[]) => {
    const tensors = chosen.map((name, i) => ({ name, dtype: "F32" as const, shape: [i, 2] }));
    const metadata = { format: "pt", é: '"' };
    const header = safetensorsHeader(tensors, metadata);
    let end = 0;
    const entries = tensors.map(({ name, dtype, shape: [rows = 0] }) => {
      const begin = end;
      end += 8 * rows;
      return [name, { dtype, shape: [rows, 2], data_offsets: [begin, end] }] as const;
    });
    expect(jsonOf(header)).toBe(objectOf([["__metadata__", metadata], ...entries]));
    expect(header.length % 8).toBe(0);
    expect(
      parseSafetensorsHeader(header.subarray(8), end)
        .tensors.map(({ name }) => name)
        .sort(),
    ).toEqual([...chosen].sort());
  };
  fc.assert(fc.property(names, check), { numRuns: 100 });
});

test("the header of a checkpoint records the schemes as the JSON of an object", () => {
  const check = (chosen: string[]) => {
    const list = chosen.map((name) => ({ name, shape: [2, 2], scheme: "normal", std: 0.5 }));
    const shapes = [...list, { name: "copied", shape: [2, 2], copy: chosen[0] }];
    const [file] = checkpoint(modelOfShapes("m", shapes), { seed: 7 }).files;
    const { __metadata__: metadata } = JSON.parse(jsonOf(file?.header as Uint8Array));
    const scheme = { scheme: "normal", std: 0.5 };
    const recorded = [
      ...chosen.map((name) => [name, scheme] as const),
      ["copied", { ...scheme, copy: chosen[0] }] as const,
    ];
    expect(metadata).toEqual({
      format: "pt",
      "nn-init.stream": "1",
      "nn-init.seed": "7",
      "nn-init.schemes": objectOf(recorded),
    });
  };
  fc.assert(fc.property(names, check), { numRuns: 50 });
});

test("a tensor whose properties change as they are read is read once", () => {
  let reads = 0;
  const changing = {
    dtype: "F32" as const,
    shape: [1],
    get name() {
      reads += 1;
      return "w".repeat(reads);
    },
  };
  expect(jsonOf(safetensorsHeader([changing]))).toBe(
    objectOf([
      ["__metadata__", {}],
      ["w", { dtype: "F32", shape: [1], data_offsets: [0, 4] }],
    ]),
  );
});

test.each<[string, unknown, RegExp]>([
  ["a Map, whose entries would be lost", new Map([["a", "b"]]), /^metadata: expected an object of strings/],
  ["a lone surrogate", { a: "\ud800" }, /^metadata: expected text without lone surrogates/],
  ["one in a key", { "\udc00": "a" }, /^metadata: expected text without lone surrogates/],
  ["a number", { a: 1 }, /__metadata__: expected an object of strings/],
])("metadata is refused: %s", (_, metadata, message) => {
  expect(() => safetensorsHeader([], metadata as never)).toThrow(message);
});
