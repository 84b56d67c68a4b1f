/** What a checkpoint does once and not twice. */
import { expect, test, vi } from "vitest";
import { checkpointOf } from "../../src/checkpoint/checkpoint.js";
import { engine } from "../../src/engine/choose.js";
import { modelOfShapes, planModel } from "../../src/model.js";

test("a copy of a tensor that is drawn whole comes from the one that is kept", () => {
  const tensors = ["a", "b"].map((name) => ({ name, shape: [64, 64] }));
  const model = planModel(modelOfShapes("tied", tensors), {
    rules: [
      { match: "a", scheme: "orthogonal" },
      { match: "b", copy: "a" },
    ],
  });
  const one = engine("scalar");
  const draw = vi.fn(one.draw.bind(one));
  const drawer = { name: one.name, draw } as unknown as typeof one;
  const described = checkpointOf(model, ["f32", "f32"], { seed: 1n, drawer });
  const bytes = (name: string) => described.region(name, [[0, 10]]);
  const a = bytes("a");
  const drawn = draw.mock.calls.length;
  expect(drawn).toBeGreaterThan(0);
  expect(bytes("b")).toEqual(a);
  expect(draw.mock.calls.length).toBe(drawn);
});
