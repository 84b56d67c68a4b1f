/** What a checkpoint is laid out as: its options, its files with their index, and its hashes. */
import { describe, expect, test } from "vitest";
import { checkpointOf } from "../../src/checkpoint/checkpoint.js";
import { filesByRuntime } from "../../src/checkpoint/layout.js";
import { type CheckpointFile, checkpoint, parseSafetensorsHeader } from "../../src/checkpoint.js";
import { engine } from "../../src/engine/choose.js";
import { typesOf } from "../../src/model/types.js";
import { modelOf, modelOfShapes, planModel } from "../../src/model.js";

const two = (length: number) =>
  modelOfShapes(
    "two",
    ["b", "a"].map((name) => ({ name, shape: [length], scheme: "normal", std: 0.5 })),
  );
const MIXTRAL = {
  ...{ model_type: "mixtral", vocab_size: 50, hidden_size: 40, intermediate_size: 60, num_hidden_layers: 1 },
  ...{ num_attention_heads: 2, num_key_value_heads: 1, num_local_experts: 2 },
};

describe("options", () => {
  test.each<[object, RegExp]>([
    [{ keptBytes: -1 }, /^keptBytes: expected a whole number/],
    [{ keptBytes: "64" }, /^keptBytes: expected a whole number/],
    [{ engine: "gpu" }, /^engine: expected one of/],
    [{ bytes: 5 }, /^options: expected options among seed, plan, dtype, maxShardBytes, keptBytes, engine, got "bytes"/],
    [{ maxShardBytes: 8 }, /^maxShardBytes: expected at least the \d+ bytes of the largest header, got 8/],
  ])("%j is refused", (options, message) => {
    expect(() => checkpoint(two(2), { seed: 1, ...options } as never)).toThrow(message);
  });

  test("a plan decides, and the engine changes no byte", () => {
    const plan = { rules: [{ match: "*", scheme: "constant", value: 2 }] };
    const planned = checkpoint(two(2), { seed: 1, plan: plan as never, keptBytes: 0, engine: "scalar" });
    expect(planned.region("a", [])).toEqual(Float32Array.of(2, 2));
    const [first, second] = (["simd", "scalar"] as const).map((engine) => checkpoint(two(99), { seed: 1, engine }));
    expect(first?.region("b", [])).toEqual(second?.region("b", []));
  });

  test("a model with names in memory is refused: files have those that are saved", () => {
    const model = modelOf(MIXTRAL, { names: "memory" });
    expect(() => checkpoint(model, { seed: 1 })).toThrow(/^model: expected the names that are saved, as files have/);
  });
});

test("the size of a file may be as small as its header", () => {
  let length = 50;
  const described = () => checkpoint(two(length), { seed: 1, maxShardBytes: 4 * length });
  const isRefused = () => {
    try {
      described();
      return false;
    } catch {
      return true;
    }
  };
  while (isRefused()) length += 1;
  expect(length).toBeGreaterThan(50);
  expect(described().files.map(({ header }) => header.length)).toEqual([4 * length, 4 * length]);
});

test("so may that of one file", () => {
  const one = (maxShardBytes?: number) => {
    const model = modelOfShapes("m", [{ name: "w", shape: [99], scheme: "zeros" }]);
    return checkpoint(model, { seed: 1, maxShardBytes }).files;
  };
  const length = one()[0]?.header.length as number;
  expect(one(length)).toHaveLength(1);
  expect(() => one(length - 1)).toThrow(`maxShardBytes: expected at least the ${length} bytes of the largest header`);
});

test("one file has no index; of several, the index says which file a tensor is in", () => {
  expect(checkpoint(two(100), { seed: 1 }).index).toBeUndefined();
  const { index, files } = checkpoint(two(100), { seed: 1, maxShardBytes: 400 });
  expect(files.map(({ name }) => name)).toEqual([
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ]);
  expect(index).toEqual({
    metadata: { total_size: 800 },
    weight_map: { a: "model-00002-of-00002.safetensors", b: "model-00001-of-00002.safetensors" },
  });
});

test("memory of another length than the range is refused, wherever the range begins", () => {
  const described = checkpoint(two(100), { seed: 1 });
  expect(() => described.read("model.safetensors", 8, 16, new Uint8Array(7))).toThrow(
    /^into\.length: expected 8, as in/,
  );
  expect(described.read("model.safetensors", 8, 16, new Uint8Array(8))).toHaveLength(8);
});

test.each([5e9, 400])("hashes of the runtime give the same files of %d bytes", async (maxShardBytes) => {
  const planned = planModel(two(100));
  const types = typesOf(planned, undefined);
  const drawn = checkpoint(two(100), { seed: 1n, maxShardBytes });
  const described = await filesByRuntime(planned, types, { seed: 1n, maxShardBytes });
  expect(described.map(({ header }) => header)).toEqual(drawn.files.map(({ header }) => header));
  const etags = await Promise.all(described.map((file) => file.identify?.()));
  expect(etags).toEqual(drawn.files.map(({ etag }) => etag));
  expect(described.map(({ etag }) => etag)).toEqual(etags); // it is known now
  expect(new Set(etags).size).toBe(drawn.files.length);
});

test("files have the names that are saved, not those in memory", async () => {
  const planned = planModel(two(100));
  const inMemory = { ...planned, saved: [] as never };
  const files = filesByRuntime(inMemory, typesOf(planned, undefined), { seed: 1n });
  await expect(files).rejects.toThrow("model: expected the names that are saved");
});

test("tensors have their own type where none is asked for", () => {
  const tensors = [
    { name: "a", shape: [2], dtype: "f64", scheme: "zeros" },
    { name: "b", shape: [2], scheme: "zeros" },
  ];
  const typesOf = (dtype?: "bf16") =>
    checkpoint(modelOfShapes("m", tensors as never), { seed: 1, dtype }).files[0]?.tensors.map(({ dtype }) => dtype);
  expect([typesOf(), typesOf("bf16")]).toEqual([
    ["f64", "f32"],
    ["bf16", "bf16"],
  ]);
});

test("a model without tensors is a file without tensors", () => {
  const { files, index } = checkpoint({ name: "none", tensors: [], variables: {}, tied: {} }, { seed: 1 });
  expect([files.length, index]).toEqual([1, undefined]);
  const { header, byteLength } = files[0] as CheckpointFile;
  expect(header.length).toBe(byteLength);
  const { metadata, tensors } = parseSafetensorsHeader(header.subarray(8), 0);
  expect([tensors, metadata["nn-init.schemes"]]).toEqual([[], "{}"]);
});

test("a checkpoint has up to 10,000 files, which are counted before any header is made", () => {
  const [tensor] = planModel(modelOfShapes("m", [{ name: "w", shape: [2], scheme: "zeros" }])).tensors;
  const seed = {
    toString() {
      throw new Error("a header");
    },
  };
  const laidOut = (count: number) => () =>
    checkpointOf({ tensors: Array(count).fill(tensor) }, Array(count).fill("f32"), {
      ...{ seed: seed as never, maxShardBytes: 8, drawer: engine() },
    });
  expect(laidOut(10_000)).toThrow("a header");
  expect(laidOut(10_001)).toThrow(/^maxShardBytes: expected a size that makes at most 10000 files, got 8/);
});
