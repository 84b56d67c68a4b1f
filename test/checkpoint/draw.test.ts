/** A tensor in memory that is made of slices of saved ones: any part of it has their values. */
import { expect, test } from "vitest";
import { pieceDrawer } from "../../src/checkpoint/draw.js";
import { engine } from "../../src/engine/choose.js";
import type { PlannedTensor } from "../../src/model/model.js";
import { modelOfShapes, planModel } from "../../src/model.js";

const { tensors } = planModel(
  modelOfShapes("m", [
    { name: "a", shape: [12] },
    { name: "b", shape: [3, 3] },
  ]),
  {
    rules: [
      { match: "a", scheme: "normal", std: 1 },
      { match: "b", scheme: "orthogonal" },
    ],
  },
);
const [a, b] = tensors as readonly [PlannedTensor, PlannedTensor];
const slice = (tensor: PlannedTensor, begin: number, end: number) => ({ name: tensor.name, tensor, begin, end });

/** Values [begin, end) of a tensor, as they are drawn. */
function drawn(tensor: Parameters<typeof pieceDrawer>[0], begin: number, end: number): number[] {
  const values = new Float32Array(end - begin);
  for (const { source, start, out } of pieceDrawer(tensor, "f32", 7n)(new Uint8Array(values.buffer), begin)) {
    engine().draw(source, start, out);
  }
  return [...values];
}

test("every part of slices, one after the other", () => {
  const parts = [slice(a, 3, 10), slice(b, 2, 7), slice(a, 10, 12), slice(b, 0, 9)];
  const whole = parts.flatMap(({ tensor, begin, end }) => drawn(tensor, begin, end));
  const joined = { ...a, name: "joined", shape: [whole.length], plannedSlices: parts };
  for (let begin = 0; begin <= whole.length; ++begin) {
    for (let end = begin; end <= whole.length; ++end) {
      expect(drawn(joined, begin, end), `${begin} to ${end}`).toEqual(whole.slice(begin, end));
    }
  }
});
