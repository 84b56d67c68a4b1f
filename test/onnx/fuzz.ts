/** Broken ONNX files: refused, or read and drawn. */
import fc from "fast-check";
import { expect } from "vitest";
import { readOnnx, reinitialize } from "../../src/onnx.js";
import { bytes, functionOf, graph, ints, model, node, tensor } from "./proto.js";

const good = model(
  {
    nodes: [
      node("Conv", ["x", "w", "b"], ["a"], { group: 2 }),
      node("If", ["a"], ["c"], {
        then_branch: { graph: graph({ nodes: [node("Relu", ["a"], ["r"])], inputs: [], outputs: ["r"] }) },
      }),
      node("Reshape", ["c", "shape"], ["d"]),
      node("own:F", ["d", "v"], ["y"]),
    ],
    tensors: [
      tensor("w", [8, 2, 3]),
      tensor("b", [8]),
      tensor("v", [8, 8], { type: "f16", fields: bytes(5, Array(64).fill(60)) }),
      ints("shape", [0, -1]),
    ],
  },
  [functionOf("own", "F", ["p", "q"], ["r"], [node("MatMul", ["p", "q"], ["r"])])],
);

/** A file with changes: bytes at a place that become one other byte. */
const changed = fc
  .array(fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255), length: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    const file = [...good];
    for (const { at, value, length } of changes) file.splice(at, length, value);
    return Uint8Array.from(file);
  });

/** Holds that a file is refused by a TypeError or RangeError, or drawn to the length that it should have. */
async function check(file: Uint8Array): Promise<void> {
  const made = await readOnnx(file)
    .then((read) => reinitialize(read, { seed: 1 }))
    .catch((error: Error) => error);
  if (made instanceof Error) expect([TypeError, RangeError], made.stack).toContain(made.constructor);
  else expect((await made.bytes()).length).toBe(made.files[0]?.byteLength);
}

/** @param step between the lengths that a file is cut to. */
export async function cutFiles(step: number): Promise<void> {
  for (let end = 0; end < good.length; end += step) await check(good.slice(0, end));
}

export const changedFiles = (numRuns: number, seed: number): Promise<void> =>
  fc.assert(fc.asyncProperty(changed, check), { numRuns, seed });
