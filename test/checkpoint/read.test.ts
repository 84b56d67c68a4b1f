/** Any bytes of any file are those of the whole file; slices of tensors are those of the whole tensor. */
import { describe, expect, test } from "vitest";
import { checkpoint } from "../../src/checkpoint.js";
import { type Model, modelOfShapes } from "../../src/model.js";
import { testRanges } from "./ranges.js";

testRanges(40);

const orthogonal = (sizes: readonly number[]): Model =>
  modelOfShapes(
    "matrices",
    sizes.map((size, i) => ({ name: `m${i}`, shape: [size, size], scheme: "orthogonal" })),
  );

test("whole matrices are kept within the budget, and a budget of 0 changes no byte", () => {
  const model = orthogonal([64, 48, 64]);
  const [none, some] = [0, 30_000].map((keptBytes) => checkpoint(model, { seed: 1, keptBytes }));
  const file = "model.safetensors";
  const length = none?.files[0]?.byteLength as number;
  const expected = none?.read(file, 0, length) as Uint8Array;
  for (let begin = 0; begin < length; begin += 1001) {
    const end = Math.min(length, begin + 1001);
    for (const one of [none, some])
      expect(Buffer.compare(one?.read(file, begin, end) as Uint8Array, expected.subarray(begin, end))).toBe(0);
  }
});

test("a stream of no bytes has no chunk", async () => {
  const chunks: Uint8Array[] = [];
  const stream = checkpoint(orthogonal([4]), { seed: 1 }).stream("model.safetensors", { begin: 5, end: 5 });
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks).toEqual([]);
});

test("a stream that nobody reads draws nothing", async () => {
  const model = orthogonal([20_000]); // drawing any of it takes minutes
  const described = checkpoint(model, { seed: 1 });
  const stream = described.stream("model.safetensors");
  await new Promise((resolve) => setTimeout(resolve, 10));
  await stream.cancel();
});

test.each(["f32", "bf16", "f64"] as const)(
  "a stream of %s cuts blocks of the stream only where tensors end",
  async (dtype) => {
    const shapes = [[300], [100, 1000], [7], [90_000]];
    const tensors = shapes.map((shape, i) => ({ name: `t${i}`, shape, scheme: "normal", std: 1 }));
    const described = checkpoint(modelOfShapes("mixed", tensors), { seed: 1, dtype });
    const [file] = described.files;
    const ends: number[] = [];
    for await (const chunk of described.stream("model.safetensors", { chunkBytes: 50_000 })) {
      expect(chunk.length).toBeLessThanOrEqual(50_000);
      ends.push((ends.at(-1) ?? 0) + chunk.length);
    }
    expect(ends.pop()).toBe(file?.byteLength);
    const cut = ends.map((at) => at - (file?.tensors.find(({ end }) => at < end)?.begin ?? 0));
    expect(cut.map((bytes) => bytes % 16384)).toEqual(cut.map(() => 0));
    expect(cut.length).toBeGreaterThan(6);
  },
);

describe("refused, before anything is drawn", () => {
  const described = checkpoint(orthogonal([20_000]), { seed: 1 });
  const name = "model.safetensors";
  const length = described.files[0]?.byteLength ?? 0;
  const read = (...args: unknown[]) => (described.read as (...args: unknown[]) => unknown).call(described, ...args);
  const region = (...args: unknown[]) => (described.region as (...args: unknown[]) => unknown).call(described, ...args);

  const vast = checkpoint(modelOfShapes("vast", [{ name: "w", shape: [2 ** 36], scheme: "zeros" }]), { seed: 1 });

  test.each<[string, () => unknown, RegExp | string]>([
    ["an end beyond the file", () => read(name, 0, length + 1), /^end: expected at most \d+, the length of the file/],
    ["a reversed range", () => read(name, 10, 5), /^begin: expected at most 5, the end of the range, got 10/],
    ["a fraction", () => read(name, 0.5, 5), /^begin: expected a whole number/],
    ["a negative begin", () => read(name, -1, 5), /^begin: expected a whole number from 0/],
    ["NaN", () => read(name, 0, Number.NaN), /^end: expected a whole number/],
    ["no end", () => read(name, 0), /^end: expected a whole number, got undefined/],
    [
      "a name that is nearly right",
      () => read("model.safetensor", 0, 8),
      /^file: expected one of .*perhaps "model.safetensors"/,
    ],
    ["no file", () => read(undefined, 0, 8), /^file: expected a file of this checkpoint, or its name/],
    [
      "memory of another length",
      () => read(name, 0, 8, new Uint8Array(7)),
      /^into.length: expected 8, as in the range, got 7/,
    ],
    ["memory of another type", () => read(name, 0, 8, new Float32Array(8)), /^into: expected a Uint8Array/],
    ["chunks of 0", () => described.stream(name, { chunkBytes: 0 }), /^chunkBytes: expected a whole number from 1/],
    ["an unknown option", () => described.stream(name, { start: 5 } as object), /^options: .*begin/],
    ["a range that has no room", () => vast.read(name, 2 ** 36, 2 ** 37), `not reserve ${2 ** 36} bytes`],
    ["a slice that has no room", () => vast.region("w", [[0, 2 ** 34]]), `not reserve ${2 ** 36} bytes`],
    ["an unknown tensor", () => region("m7", []), /^name: expected the name of a tensor of this checkpoint/],
    ["too many axes", () => region("m0", [null, null, null]), /^ranges: expected at most 2, one for each axis/],
    [
      "a range beyond its axis",
      () => region("m0", [[0, 20_001]]),
      /^ranges\[0\]: expected \[begin, end\] with begin <= end <= 20000/,
    ],
    ["a reversed range of an axis", () => region("m0", [null, [9, 3]]), /^ranges\[1\]: expected \[begin, end\]/],
    ["a number for a range", () => region("m0", [5]), /^ranges\[0\]: expected \[begin, end\] or null/],
    ["no list", () => region("m0", undefined), /^ranges: expected a list/],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ["no seed", {}, /^seed: expected a whole number, as the bytes depend on it/],
    ["no options", undefined, /^seed: expected a whole number/],
    ["a size of 0", { seed: 1, maxShardBytes: 0 }, /^maxShardBytes: expected a whole number from 1/],
    ["a fraction", { seed: 1, maxShardBytes: 1.5 }, /^maxShardBytes: expected a whole number/],
    ["a size beyond 2^53", { seed: 1, maxShardBytes: 2 ** 60 }, /^maxShardBytes: expected a whole number/],
    ["text", { seed: 1, maxShardBytes: "5GB" }, /^maxShardBytes: expected a whole number, got "5GB"/],
    [
      "too many files",
      { seed: 1, maxShardBytes: 1000 },
      /^maxShardBytes: expected a size that makes at most 10000 files/,
    ],
    ["another dtype", { seed: 1, dtype: "f8" }, /^dtype: expected one of/],
    ["an unknown option", { seed: 1, maxShardSize: 5 }, /perhaps "?maxShardBytes/],
  ])("a checkpoint with %s", (_, options, message) => {
    const tensors = Array.from({ length: 10_001 }, (_, i) => ({ name: `t${i}`, shape: [300], scheme: "zeros" }));
    expect(() => checkpoint(modelOfShapes("many", tensors), options as never)).toThrow(message);
  });
});
