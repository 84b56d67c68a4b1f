/** A tensor in memory that is made of slices of saved ones: any part of it has their values. */
import { expect, test } from "vitest";
import { pieceDrawer } from "../../src/checkpoint/draw.js";
import { KeptWithin } from "../../src/checkpoint/kept.js";
import { engine } from "../../src/engine/choose.js";
import { resolve, sparse } from "../../src/index.js";
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
    expect(out.length).toBeGreaterThan(0);
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

/** The draws of a piece: first element and elements, "copied" where they are not drawn in place. */
function drawsOf(tensor: PlannedTensor, begin: number, end: number, kept?: KeptWithin): string[] {
  const { buffer } = new Float32Array(end - begin);
  return Array.from(pieceDrawer(tensor, "f32", 7n, kept)(new Uint8Array(buffer), begin), ({ start, out }) => {
    return `${start}, ${out.length}${out.buffer === buffer ? "" : ", copied"}`;
  });
}

test("a matrix is drawn where it lies if all of it is asked for, else whole and once; other tensors only in part", () => {
  expect(drawsOf(a, 3, 10)).toEqual(["3, 7"]);
  expect(drawsOf(b, 0, 9)).toEqual(["0, 9"]);
  const kept = new KeptWithin();
  expect(drawsOf(b, 3, 6, kept)).toEqual(["0, 9, copied"]);
  expect(drawsOf(b, 0, 9, kept)).toEqual([]);
  expect(drawsOf(b, 6, 9, kept)).toEqual([]);
});

test("a tensor that must be drawn whole and has no room is refused with its bytes", () => {
  const shape = [2 ** 17, 2 ** 17];
  const tensor = { ...a, shape, distribution: resolve(shape, sparse({ sparsity: 0.5 })) };
  const draw = () => [...pieceDrawer(tensor, "f64", 7n)(new Uint8Array(8), 0)];
  expect(draw).toThrow("bytes: this runtime could not reserve 137438953472 bytes");
});
