/** Names in memory: their values are those that are saved, in any piece, and what cannot be converted is refused. */
import { describe, expect, test } from "vitest";
import { pieceDrawer } from "../../src/checkpoint/draw.js";
import { checkpoint } from "../../src/checkpoint.js";
import { engine as engineOf } from "../../src/engine/choose.js";
import { inMemory } from "../../src/model/memory.js";
import {
  initModel,
  iterateModel,
  type Model,
  type ModelTensor,
  modelOf,
  type Plan,
  type PlannedTensor,
  planModel,
} from "../../src/model.js";
import { carryOut } from "../../src/request.js";
import { ENGINES } from "../engines.js";

const MIXTRAL = {
  ...{ model_type: "mixtral", vocab_size: 50, hidden_size: 40, intermediate_size: 60, num_hidden_layers: 2 },
  ...{ num_attention_heads: 2, num_key_value_heads: 1, num_local_experts: 3 },
};
const DINOV2 = {
  ...{ model_type: "dinov2", architectures: ["Dinov2Model"], hidden_size: 24, num_hidden_layers: 1 },
  ...{ num_attention_heads: 2, image_size: 4, patch_size: 2, use_swiglu_ffn: true },
};
const memory = { names: "memory" } as const;
const bytesOf = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const join = (parts: readonly ArrayBufferView[]) => Buffer.concat(parts.map(bytesOf));

const valuesOf = (model: Model, options: object = {}) => {
  const { tensors } = initModel(model, { seed: 42, ...options });
  return (name: string) => bytesOf(tensors.get(name)?.values ?? new Uint8Array(0));
};

describe.each(ENGINES)("drawn by %s", (engine) => {
  test.each(["f32", "f64", "bf16"] as const)("experts in %s are those that are saved, stacked", (dtype) => {
    const saved = valuesOf(modelOf(MIXTRAL), { engine, dtype });
    const held = valuesOf(modelOf(MIXTRAL, memory), { engine, dtype });
    const experts = (...names: string[]) =>
      join(
        [0, 1, 2].flatMap((i) => names.map((n) => saved(`model.layers.1.block_sparse_moe.experts.${i}.${n}.weight`))),
      );
    const gateUp = held("model.layers.1.mlp.experts.gate_up_proj");
    expect(Buffer.compare(gateUp, experts("w1", "w3"))).toBe(0);
    expect(Buffer.compare(held("model.layers.1.mlp.experts.down_proj"), experts("w2"))).toBe(0);
    expect(held("model.layers.0.mlp.gate.weight")).toEqual(saved("model.layers.0.block_sparse_moe.gate.weight"));
    expect(held("lm_head.weight")).toEqual(saved("lm_head.weight"));
    expect(gateUp.byteLength).toBe(3 * 120 * 40 * { f32: 4, f64: 8, bf16: 2 }[dtype]);
  });

  test("chunks are the two halves of what is saved", () => {
    const saved = valuesOf(modelOf(DINOV2), { engine });
    const held = valuesOf(modelOf(DINOV2, memory), { engine });
    const halves = ["gate_proj", "up_proj"].map((name) => held(`encoder.layer.0.mlp.${name}.weight`));
    expect(Buffer.compare(join(halves), saved("encoder.layer.0.mlp.weights_in.weight"))).toBe(0);
    expect(halves[0]).not.toEqual(halves[1]);
  });

  test("any piece of a stack is a piece of the whole", () => {
    const name = "model.layers.0.mlp.experts.gate_up_proj";
    const tensor = planModel(modelOf(MIXTRAL, memory)).tensors.find((each) => each.name === name) as PlannedTensor;
    const whole = valuesOf(modelOf(MIXTRAL, memory), { engine })(name);
    const drawer = pieceDrawer(tensor, "f32", 42);
    for (const [start, length] of [
      [0, 1],
      [2399, 2],
      [2400, 2400],
      [1000, 7000],
      [14399, 1],
      [4799, 4803],
    ] as const) {
      const bytes = new Uint8Array(4 * length);
      carryOut(engineOf(engine), { draws: drawer(bytes, start), out: undefined });
      expect(Buffer.compare(bytes, whole.subarray(4 * start, 4 * (start + length))), `${start}`).toBe(0);
    }
  });
});

test("iterateModel draws the same", () => {
  const model = modelOf(MIXTRAL, memory);
  const values = valuesOf(model);
  const drawn = [...iterateModel(model, { seed: 42 }).tensors];
  expect(drawn.map(({ name }) => name)).toEqual(model.tensors.map(({ name }) => name));
  for (const each of drawn) expect(Buffer.compare(bytesOf(each.values), values(each.name)), each.name).toBe(0);
});

const withRules = (rules: Plan["rules"]) => ({ rules: [...rules, ...(modelOf(MIXTRAL).plan as Plan).rules] });
const stackBy = (rules: Plan["rules"]) =>
  planModel(modelOf(MIXTRAL, memory), withRules(rules)).tensors.find(({ name }) => name.endsWith("gate_up_proj"));

test("a stack of more tensors than a call can have arguments", () => {
  const tensors = Array.from({ length: 130_000 }, (_, i) => ({ name: `experts.${i}.w`, shape: [1] }) as ModelTensor);
  const names = { "experts.w": ["experts.*.w"] };
  const held = inMemory({ name: "own", tensors, variables: {}, tied: {}, memory: names } as Model);
  expect(held.tensors.map(({ name, shape }) => [name, shape])).toEqual([["experts.w", [130_000, 1]]]);
});

test("a plan's rules are those of the saved names; a stack of two distributions is split", () => {
  const stack = stackBy([{ match: "*.w3.weight", scheme: "uniform", low: -1, high: 1 }]);
  const parts = [
    { kind: "normal", mean: 0, std: 0.02 },
    { kind: "uniform", low: -1, high: 1 },
  ];
  expect(stack?.distribution).toEqual({
    kind: "split",
    parts: parts.map((distribution) => ({ length: 2400, distribution })),
  });
  expect(stack?.scheme).toMatchObject({ scheme: "split", axis: 1, parts: [60, 60], of: [{ std: 0.02 }, { high: 1 }] });
  expect(stackBy([{ match: "*.experts.*", scheme: "skip" }])).toBeUndefined();
});

test.each([
  [{ match: "*.w3.weight", scheme: "skip" }, /gate_up_proj": the plan skips a part of it/],
  [{ match: "*.experts.1.*", scheme: "zeros" }, /distributions that cannot be joined/],
  [{ match: "*.w1.weight", scheme: "orthogonal" }, /distributions that cannot be joined/],
])("refuses a plan that a stack cannot follow: %j", (rule, message) => {
  expect(() => stackBy([rule])).toThrow(message);
});

test("files have the names that are saved", () => {
  expect(() => checkpoint(modelOf(MIXTRAL, memory), { seed: 1 })).toThrow(/model: expected the names that are saved/);
  expect(() => modelOf(MIXTRAL, { names: "held" as "memory" })).toThrow(/names: expected one of "saved", "memory"/);
});

describe("a file of a user's own", () => {
  const family = (memory: object) => ({
    ...{ name: "own", class: "Own", default: "Model", fields: { width: "length" }, classes: { Model: {} }, memory },
    tensors: {
      "experts.{i}": { for: { i: 3 }, of: { a: { linear: ["width", "width + i"] }, b: { linear: ["width", 6] } } },
    },
    plan: { rules: [{ match: "*", scheme: "zeros" }] },
  });
  const held = (names: object) => modelOf({ model_type: "own", width: 5 }, { architecture: family(names), ...memory });

  test("stacks, cuts and renames", () => {
    const { tensors } = held({
      "all.b": ["experts.*.b.weight"],
      "b.half": { of: "b.bias", part: 1, parts: 2 },
      one: "experts.1.a",
    });
    const shapes = Object.fromEntries(tensors.map(({ name, shape }) => [name, String(shape)]));
    expect(shapes).toMatchObject({
      "all.b": "3,6,5",
      "experts.0.b.half": "3",
      "one.weight": "6,5",
      "experts.2.a.bias": "7",
    });
  });

  test.each([
    [{ all: ["experts.*.a.weight"] }, /the tensors of "all" cannot be stacked/],
    [{ all: ["experts.*.b.weight", "experts.*.b.bias"] }, /the tensors of "all" cannot be stacked/],
    [{ half: { of: "experts.0.a.bias", part: 0, parts: 2 } }, /"experts.0.a.bias" cannot be cut into 2 equal parts/],
    [{ half: { of: "a", parts: 2 } }, /not an architecture/],
    [{ half: [] }, /not an architecture/],
  ])("refuses %j", (names, message) => {
    expect(() => held(names)).toThrow(message);
  });
});
