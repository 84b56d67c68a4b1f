/** Bytes of a file from any place on, into memory at any place. */
import { expect, test } from "vitest";
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
