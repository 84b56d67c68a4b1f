/** Whole models in code: planned, then drawn into an arena or one tensor after the other, with the bits of `init`. */
import { describe, expect, test } from "vitest";
import { Arena, init, resolve, type Scheme } from "../../src/index.js";
import { initModel, iterateModel, type Model, modelOf, modelOfShapes, parsePlan, planModel } from "../../src/model.js";
import { expectSameBits } from "../bits.js";

const GPT2 = { model_type: "gpt2", n_layer: 2, n_embd: 16, n_positions: 8, vocab_size: 20 };
const RESNET = {
  model_type: "resnet",
  embedding_size: 8,
  hidden_sizes: [8, 16],
  depths: [1, 1],
  layer_type: "basic",
  num_labels: 3,
};

test.each([GPT2, RESNET])("each tensor of $model_type is what init draws, in every dtype", (config) => {
  const model = modelOf(config);
  for (const dtype of [undefined, "f64", "f16", "bf16"] as const) {
    const { tensors, arena, seed } = initModel(model, { seed: 7, ...(dtype && { dtype }) });
    expect(seed).toBe(7);
    expect([...tensors.keys()]).toEqual(model.tensors.map(({ name }) => name));
    for (const { name, shape, scheme, dtype: type, values } of tensors.values()) {
      expect(values.buffer).toBe(arena.buffer);
      if (type === "i64") expect(values).toEqual(new BigInt64Array(1));
      else
        expectSameBits(
          values as Float32Array,
          init(shape, scheme as Scheme, { seed: 7, name, dtype: type as "f32" }),
          name,
        );
    }
  }
});

test("iterateModel draws each tensor in an array of its own, and anew in each iteration", () => {
  const { tensors } = iterateModel(modelOf(GPT2), { seed: 7 });
  const all = initModel(modelOf(GPT2), { seed: 7 }).tensors;
  for (let i = 0; i < 2; ++i) {
    let count = 0;
    for (const { name, values } of tensors) {
      expectSameBits(values as Float32Array, all.get(name)?.values as Float32Array, name);
      expect(values.byteLength).toBe(values.buffer.byteLength);
      count += 1;
    }
    expect(count).toBe(all.size);
  }
});

test("initModel takes a plan and the config's dtype, and returns the seed that it has drawn", () => {
  const model = modelOf({ ...GPT2, torch_dtype: "bfloat16" });
  const plan = parsePlan({
    rules: [
      { match: "*.weight", scheme: "constant", value: "n_embd" },
      { match: "*", scheme: "zeros" },
    ],
  });
  const { tensors } = initModel(model, { plan });
  const weight = tensors.get("transformer.wte.weight");
  expect(weight).toMatchObject({ dtype: "bf16", rule: 0 });
  expect(weight?.values[0]).toBe(0x4180);
  const [a, b] = [initModel(model), initModel(model)];
  expect(a.seed).not.toBe(b.seed);
  const again = initModel(model, { seed: a.seed });
  expect(again.tensors.get("transformer.wte.weight")?.values).toEqual(a.tensors.get("transformer.wte.weight")?.values);
});

test.each([GPT2, RESNET])(
  "each planned tensor of $model_type carries the distribution of its scheme and shape",
  (config) => {
    const { tensors } = planModel(modelOf(config));
    for (const { shape, scheme, distribution } of tensors)
      expect(distribution).toEqual(resolve(shape, scheme as Scheme));
  },
);

test("a tensor with a scheme of its own carries its distribution, also where it is packed or structured", () => {
  const { tensors } = planModel(
    modelOfShapes("m", [
      { name: "a", shape: [12, 8], scheme: "split", axis: 0, parts: [4, 8], of: { scheme: "xavierUniform" } },
      { name: "b", shape: [12, 8], scheme: "orthogonal" },
      { name: "c", shape: [12, 8], scheme: "heNormal" },
    ]),
  );
  expect(tensors.map(({ distribution }) => distribution.kind)).toEqual(["split", "orthogonal", "truncated"]);
  for (const { shape, scheme, distribution } of tensors) expect(distribution).toEqual(resolve(shape, scheme as Scheme));
});

describe("an arena that is given", () => {
  test("is filled in place, or refused before anything is written where it is too small", () => {
    const arena = new Arena(2 ** 16);
    const before = arena.used;
    const { tensors } = initModel(modelOf({ ...GPT2, n_layer: 1 }), { seed: 1, arena });
    expect(arena.used).toBeGreaterThan(before);
    expect(tensors.get("transformer.wte.weight")?.values.buffer).toBe(arena.buffer);
    const small = new Arena(1024);
    expect(() => initModel(modelOf(GPT2), { seed: 1, arena: small })).toThrow(
      /arena: expected room for \d+ bytes, got 1024/,
    );
    expect(small.used).toBe(0);
  });

  test("cannot be made for a model larger than memory", () => {
    const large = modelOfShapes("large", [{ name: "w", shape: [2 ** 33], scheme: "zeros" }]);
    expect(() => initModel(large, { seed: 1 })).toThrow(/bytes: expected at most/);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ["an unknown option", () => initModel(modelOf(GPT2), { sead: 1 } as never), /options/],
  ["a negative seed", () => initModel(modelOf(GPT2), { seed: -1 }), /seed/],
  ["an unknown dtype", () => initModel(modelOf(GPT2), { dtype: "f8" as never }), /dtype/],
  ["an object that is no arena", () => initModel(modelOf(GPT2), { arena: {} as never }), /arena/],
  ["an arena for an iterator", () => iterateModel(modelOf(GPT2), { arena: new Arena(1) } as never), /options/],
  [
    "a distribution that the dtype cannot hold",
    () =>
      initModel(modelOfShapes("m", [{ name: "w", shape: [2], scheme: "constant", value: 1e6 }]), {
        dtype: "f16",
      }),
    /"w": dtype/,
  ],
  [
    "integers from a distribution",
    () => initModel(modelOf(RESNET), { plan: parsePlan({ rules: [{ match: "*", scheme: "normal", std: 1 }] }) }),
    /num_batches_tracked": scheme: expected a constant/,
  ],
  [
    "two shapes of one name",
    () => modelOfShapes("m", Array(2).fill({ name: "w", shape: [1] })),
    /two tensors are named "w"/,
  ],
  [
    "two tensors of one name",
    () =>
      initModel(
        {
          name: "m",
          variables: {},
          tied: {},
          tensors: [
            { name: "w", shape: [1] },
            { name: "w", shape: [1] },
          ],
        } as Model,
        { plan: parsePlan({ rules: [{ match: "*", scheme: "ones" }] }) },
      ),
    /two tensors are named "w"/,
  ],
  [
    "a name that the file format reserves",
    () => planModel(modelOfShapes("m", [{ name: "__metadata__", shape: [1], scheme: "ones" }])),
    /name: expected one that safetensors files do not reserve/,
  ],
  [
    "a shape of more than 2^53 elements",
    () =>
      planModel(
        { name: "m", variables: {}, tied: {}, tensors: [{ name: "w", shape: [2 ** 40, 2 ** 40] }] },
        parsePlan({ rules: [{ match: "*", scheme: "ones" }] }),
      ),
    /shape: expected at most 2\^53/,
  ],
])("no model is drawn with %s", (_, call, message) => expect(call).toThrow(message));

test("an own key __proto__ of a list's entry is refused, as other unknown keys are", () => {
  const list = JSON.parse('[{"name":"a","shape":[3],"scheme":"ones","__proto__":{"dtype":"f16"}}]');
  expect(() => modelOfShapes("m", list)).toThrow("[0]: expected keys without __proto__");
});
