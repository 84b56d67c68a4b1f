/** Ranges and slices at random, compared with whole files and whole tensors. */
import { describe, expect, test } from "vitest";
import { type AxisRange, type CheckpointOptions, checkpoint, readSafetensors } from "../../src/checkpoint.js";
import { type DrawnTensor, iterateModel } from "../../src/model.js";
import { DTYPES, filesOf, MODELS } from "./models.js";

/** Whole numbers from 0 to below a limit, from a seed. */
function numbers(seed: number) {
  let state = seed;
  return (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const CASES = MODELS.flatMap((model) => DTYPES.map((dtype) => ({ name: model.name, model, dtype })));

/** Tests of seven models in each dtype. @param count of ranges in each. */
export function testRanges(count: number): void {
  describe.each(CASES)("$name in $dtype", ({ model, dtype }) => {
    const options: CheckpointOptions = { seed: 42, dtype, maxShardBytes: 60_000 };
    const whole = checkpoint(model, options);
    const files = filesOf(whole, model, options);
    const random = numbers(dtype.length + model.tensors.length);

    test("a file is its header and its tensors", () => {
      for (const [name, bytes] of files) {
        const file = whole.files.find((file) => file.name === name);
        expect(file?.byteLength).toBe(bytes.length);
        const read = readSafetensors(bytes);
        expect(read.tensors.map(({ name, bytes: { byteOffset } }) => [name, byteOffset - bytes.byteOffset])).toEqual(
          file?.tensors.map(({ name, begin }) => [name, begin]),
        );
        expect(Buffer.compare(whole.read(name, 0, bytes.length), bytes)).toBe(0);
      }
    });

    test(`${count} ranges, by read and by stream`, async () => {
      for (let i = 0; i < count; ++i) {
        const file = whole.files[random(whole.files.length)];
        if (file === undefined) throw new Error("no file");
        const begin = random(file.byteLength + 1);
        const end = begin + random(Math.min(file.byteLength - begin, i % 2 === 0 ? 300 : 2 ** 20) + 1);
        const expected = (files.get(file.name) as Uint8Array).subarray(begin, end);
        const into = new Uint8Array(end - begin + 8).subarray(i % 8, (i % 8) + end - begin); // at any alignment
        expect(Buffer.compare(whole.read(file, begin, end, into), expected)).toBe(0);
        const chunks: Uint8Array[] = [];
        for await (const chunk of whole.stream(file, { begin, end, chunkBytes: 1 + random(9000) })) chunks.push(chunk);
        expect(Buffer.compare(Buffer.concat(chunks), expected)).toBe(0);
      }
    });

    test("slices along every axis", () => {
      for (const tensor of iterateModel(model, { seed: 42, dtype }).tensors) {
        const { shape, values } = tensor;
        const ranges = shape.map((length): AxisRange => {
          const begin = random(length + 1);
          return random(3) === 0 ? null : [begin, begin + random(length - begin + 1)];
        });
        expect(whole.region(tensor.name, ranges), tensor.name).toEqual(slice(values, shape, ranges));
      }
    });
  });
}

/** Element by element, from the indices. */
function slice(values: DrawnTensor["values"], shape: readonly number[], ranges: readonly AxisRange[]) {
  return (values as Float32Array).filter((_: unknown, element: number) => {
    let rest = element;
    for (let axis = shape.length - 1; axis >= 0; --axis) {
      const length = shape[axis] as number;
      const index = rest % length;
      rest = (rest - index) / length;
      const [begin, end] = ranges[axis] ?? [0, length];
      if (index < begin || index >= end) return false;
    }
    return true;
  });
}
