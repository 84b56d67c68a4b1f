/** What a file is by its first bytes, and where chunks of a file end. */
import { expect, test } from "vitest";
import { notJson, notSafetensors, POINTER } from "../../src/checkpoint/format.js";
import { chunkEnd, firstBeyond } from "../../src/checkpoint/range.js";
import { checkpoint } from "../../src/checkpoint.js";
import { modelOfShapes } from "../../src/model.js";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

test.each([
  [POINTER, "a Git LFS pointer; git lfs pull fetches the file itself"],
  ["<!DOCTYPE", "a web page; the download brought a page in place of the file"],
  ["PK\u0003\u0004", "a zip archive, as torch.save and numpy.savez write"],
  ["\u0080\u0002", "a Python pickle"],
  ["GGUF\u0003", "a GGUF file"],
  ["\u0089HDF\r\n", "an HDF5 file"],
  ["\u001f\u008b\b", "a gzip archive"],
])("%j begins %s", (begin, what) => {
  const hint = what.includes(";") ? "" : "; tensors are read from .safetensors and .onnx";
  expect([notSafetensors(bytes(begin)), notJson(bytes(begin))]).toEqual([what, what + hint]);
  expect(notSafetensors(bytes(` ${begin}`))).toBeUndefined();
});

test("a pointer begins with Git LFS's first line, whatever its version", () => {
  expect("version https://git-lfs.github.com/spec/v1\n".startsWith(POINTER)).toBe(true);
});

test("JSON is no safetensors file, and a safetensors file no JSON", () => {
  expect(["{}", "[1]"].map(bytes).map(notSafetensors)).toEqual(["JSON", "JSON"]);
  expect(["{}", "[1]", "", "\b\0\0\0\0\0\0\0", "\b\0\0\0\0\0\0\0["].map(bytes).map(notJson)).toEqual(
    Array(5).fill(undefined),
  );
  const what = "a safetensors file";
  const header = (length: bigint) => {
    const file = new Uint8Array(12).fill(0x7b, 3); // at an offset in its memory
    new DataView(file.buffer).setBigUint64(3, length, true);
    return file.subarray(3);
  };
  expect([100_000_000n, 100_000_001n].map(header).map(notJson)).toEqual([what, undefined]);
});

test("the first section that ends after an offset", () => {
  const sections = [10, 20, 20, 35].map((end) => ({ end }));
  expect([0, 9, 10, 19, 20, 34, 35, 99].map((at) => firstBeyond(sections, at))).toEqual([0, 0, 1, 1, 3, 3, 4, 4]);
});

test("chunks end where no block is cut, and those shorter than a block where they are asked to", () => {
  const model = modelOfShapes("m", [{ name: "w", shape: [100_000], scheme: "zeros" }]);
  const [file] = checkpoint(model, { seed: 1 }).files as [ReturnType<typeof checkpoint>["files"][0]];
  const begin = file.header.length;
  expect(chunkEnd(file, 0, begin + 16384 + 5)).toBe(begin + 16384);
  expect(chunkEnd(file, begin + 16384, 40_000)).toBe(begin + 3 * 16384);
  expect(chunkEnd(file, begin + 100, 16384 - 100)).toBe(begin + 16384);
  expect(chunkEnd(file, begin + 100, 1000)).toBe(begin + 1100);
  expect(chunkEnd(file, begin + 16384, 16383)).toBe(begin + 2 * 16384 - 1);
  expect(chunkEnd(file, 0, begin)).toBe(begin);
  expect(chunkEnd(file, 0, file.byteLength)).toBe(file.byteLength);
});
