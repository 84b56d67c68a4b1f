/** What a checkpoint does once and not twice. */
import { expect, test, vi } from "vitest";
import { checkpointOf } from "../../src/checkpoint/checkpoint.js";
import { KeptWithin, keptFor, withLast } from "../../src/checkpoint/kept.js";
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

const floats = (count: number) => new Float32Array(count);

test("what was used last is kept, as much as fits into the budget", () => {
  const kept = new KeptWithin(40);
  const [a, b, c] = [floats(5), floats(5), floats(1)];
  for (const [name, values] of Object.entries({ a, b })) kept.set(name, values);
  expect([kept.get("a"), kept.get("b"), kept.get("none")]).toEqual([a, b, undefined]); // 40 bytes fit
  kept.get("a");
  kept.set("a", floats(5)); // it is there
  kept.set("c", c);
  expect(kept.get("a")).toBe(a);
  expect([kept.get("b"), kept.get("c")]).toEqual([undefined, c]); // b was used before a
  kept.set("large", floats(11));
  expect([kept.get("large"), kept.get("a")]).toEqual([undefined, a]);
  kept.set("whole", floats(10)); // takes the place of all
  expect([kept.get("a"), kept.get("c"), kept.get("whole")]).toEqual([undefined, undefined, floats(10)]);
  kept.set("d", c);
  expect([kept.get("whole"), kept.get("d")]).toEqual([undefined, c]);
  expect(new KeptWithin().budget).toBe(2 ** 26);
});

test("a reader in order also keeps the last tensor that is larger than the budget", () => {
  const within = new KeptWithin(8);
  const last = withLast(within);
  const [small, large] = [floats(2), floats(3)];
  last.set("small", small);
  expect([last.get("small"), within.get("small")]).toEqual([small, small]);
  last.set("large", large);
  expect([last.get("large"), last.get("small"), within.get("large")]).toEqual([large, small, undefined]);
  last.set("small", small); // and no longer the large one
  expect(last.get("large")).toBeUndefined();
  within.set("other", floats(1));
  expect(last.get("small")).toBeUndefined(); // it fitted, and has made room
});

test("checkpoints that share a budget do not see each other's tensors", () => {
  const kept = new KeptWithin(100);
  const [one, two] = [keptFor(kept, "one"), keptFor(kept, "two")];
  one.set("w", floats(3));
  expect([one.get("w"), two.get("w"), one.budget]).toEqual([floats(3), undefined, 100]);
});
