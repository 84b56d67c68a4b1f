/**
 * Whole models drawn by pools of threads: the same bits as without. The pools are those of the sources; their workers run
 * the script of the build.
 */
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import { Arena } from "../../src/index.js";
import {
  type DrawnTensor,
  initModel,
  iterateModel,
  type Model,
  modelOf,
  modelOfShapes,
  parsePlan,
} from "../../src/model.js";
import { type AsyncThreadPool, openPool, openPoolAsync, type ThreadPool } from "../../src/threads.js";
import { expectSameBits } from "../bits.js";

const script = new URL("../../dist/engine/pool/worker.node.js", import.meta.url);
const made: Worker[] = [];
const worker = () => {
  const worker = new Worker(script);
  made.push(worker);
  worker.unref();
  return worker;
};

const pool = openPool({ threads: 3, worker });
const asyncPool = await openPoolAsync({ threads: 3, worker });
afterAll(async () => {
  pool.close();
  asyncPool.close();
  for (const worker of made) await worker.terminate();
});

const GPT2 = modelOf({ model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 32, vocab_size: 2000 });
const RESNET = modelOf({
  ...{ model_type: "resnet", embedding_size: 8, hidden_sizes: [8, 16], depths: [1, 1] },
  ...{ layer_type: "basic", num_labels: 3 },
});
const MIXED = modelOfShapes("mixed", [
  { name: "a", shape: [50, 70], scheme: "orthogonal" },
  { name: "b", shape: [40, 120], scheme: "split", axis: 1, parts: 3, of: { scheme: "orthogonal" } },
  { name: "c", shape: [60, 50], scheme: "sparse", sparsity: 0.2, dtype: "bf16" },
  { name: "d", shape: [30, 20], scheme: "hadamard", dtype: "f64" },
  { name: "e", shape: [300_001], scheme: "normal", std: 1, dtype: "f16" },
  { name: "f", shape: [], scheme: "ones" },
  { name: "g", shape: [20, 6], scheme: "sinusoidal" },
  { name: "h", shape: [5000], scheme: "logUniform", low: 0.001, high: 0.1, inverse: "softplus" },
  { name: "i", shape: [40, 40], scheme: "icnr", factor: 2, of: { scheme: "orthogonal" } },
  { name: "j", shape: [50, 1], norms: "a", axis: 0 },
  { name: "k", shape: [30, 20], copy: "d", scale: 2, dtype: "f64" },
]);

/** Holds tensors to those that are drawn without a pool. */
function expectSameModel(tensors: Iterable<DrawnTensor>, model: Model, options: object): void {
  const alone = [...initModel(model, options).tensors.values()];
  const drawn = [...tensors];
  expect(drawn.map(({ name, dtype }) => [name, dtype])).toEqual(alone.map(({ name, dtype }) => [name, dtype]));
  drawn.forEach(({ name, values }, i) => {
    expectSameBits(values as Float32Array, alone[i]?.values as Float32Array, name);
  });
}

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

describe.each([
  ["gpt2", GPT2],
  ["resnet", RESNET],
  ["a list of structured and computed tensors", MIXED],
])("%s has the same bits", (_, model) => {
  const DTYPES = [undefined, "f64", "f16", "bf16"] as const;

  test.each(DTYPES)("by initModel with a pool, dtype %s", (dtype) => {
    const options = { seed: 7, ...(dtype && { dtype }) };
    const { tensors, seed, arena } = initModel(model, { ...options, pool });
    expect(seed).toBe(7);
    expectSameModel(tensors.values(), model, options);
    for (const { values } of tensors.values()) expect(values.buffer).toBe(arena.buffer);
  });

  test.each(DTYPES)("by initModel with an async pool, dtype %s", async (dtype) => {
    const options = { seed: 7, ...(dtype && { dtype }) };
    const { tensors, seed } = await initModel(model, { ...options, pool: asyncPool });
    expect(seed).toBe(7);
    expectSameModel(tensors.values(), model, options);
  });

  test("by iterateModel with a pool, in each iteration", () => {
    const { tensors, seed } = iterateModel(model, { seed: 7, pool });
    expect(seed).toBe(7);
    for (let i = 0; i < 2; ++i) expectSameModel(tensors, model, { seed: 7 });
  });

  test("by iterateModel with an async pool, in each iteration", async () => {
    const { tensors, seed } = iterateModel(model, { seed: 7, pool: asyncPool });
    expect(seed).toBe(7);
    for (let i = 0; i < 2; ++i) expectSameModel(await collect(tensors), model, { seed: 7 });
  });
});

test("the pool draws every random tensor", () => {
  const seen: string[] = [];
  const spy = { draw: (...call: Parameters<ThreadPool["draw"]>) => void seen.push(call[0].dtype) };
  initModel(MIXED, { seed: 1, pool: spy as unknown as ThreadPool });
  expect(seen).toEqual(expect.arrayContaining(["f32", "f16"]));
  expect(seen.length).toBeGreaterThanOrEqual(7); // one for a, e and f; three for b; two or more for c
});

test("the workers of a pool draw into an arena of the pool", async () => {
  for (let i = 0; i < 1000 && pool.ready < 2; ++i) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(pool.ready).toBe(2);
  const arena = pool.arena(2 ** 22);
  const { tensors } = initModel(MIXED, { seed: 7, pool, arena });
  expect(arena.buffer).toBeInstanceOf(SharedArrayBuffer);
  for (const { values } of tensors.values()) expect(values.buffer).toBe(arena.buffer);
  expectSameModel(tensors.values(), MIXED, { seed: 7 });
});

test("two models can be drawn by one async pool at once", async () => {
  const [one, two] = await Promise.all([
    initModel(MIXED, { seed: 1, pool: asyncPool }),
    initModel(GPT2, { seed: 2, pool: asyncPool }),
  ]);
  expectSameModel(one.tensors.values(), MIXED, { seed: 1 });
  expectSameModel(two.tensors.values(), GPT2, { seed: 2 });
});

test("a plan decides, with a pool or without", async () => {
  const plan = parsePlan({
    rules: [
      { match: "*.weight", scheme: "normal", std: "1 / n_embd" },
      { match: "*", scheme: "zeros" },
    ],
  });
  const { tensors } = initModel(GPT2, { seed: 1, plan, pool });
  expect(tensors.get("transformer.wte.weight")).toMatchObject({ rule: 0, scheme: { scheme: "normal", std: 1 / 64 } });
  expectSameModel(tensors.values(), GPT2, { seed: 1, plan });
  expectSameModel(iterateModel(GPT2, { seed: 1, plan, pool }).tensors, GPT2, { seed: 1, plan });
  expectSameModel(await collect(iterateModel(GPT2, { seed: 1, plan, pool: asyncPool }).tensors), GPT2, {
    seed: 1,
    plan,
  });
});

describe("nothing is drawn", () => {
  let draws = 0;
  const count = (): void => {
    draws += 1;
  };
  const counting = { draw: count } as unknown as ThreadPool;

  test.each<[string, object, RegExp]>([
    [
      "with a pool and an engine",
      { pool: counting, engine: "simd" },
      /^engine: expected a pool or an engine, not both/,
    ],
    ["with the plan itself for options", { rules: [] }, /^options: .*perhaps "plan".*got "rules"/],
    ["with a plan that decides nothing", { pool: counting, plan: { rules: [] } }, /./],
    ["with a negative seed", { pool: counting, seed: -1 }, /^seed/],
    ["with an unknown dtype", { pool: counting, dtype: "f8" }, /^dtype/],
    [
      "with an arena that is too small",
      { pool: counting, arena: new Arena(64) },
      /^arena: expected room for \d+ bytes/,
    ],
    ["with a pool that is null", { pool: null }, /^pool: expected a pool from openPool or openPoolAsync, got null$/],
    ["with a pool that is a number of threads", { pool: 4 }, /^pool: expected a pool from openPool.*got 4$/],
    ["with an object that is no pool", { pool: {} }, /^pool: expected a pool/],
    ["with the promise of a pool", { pool: openPoolAsync({ threads: 1 }) }, /^pool: expected a pool/],
  ])("%s", (_, options, message) => {
    expect(() => initModel(GPT2, options)).toThrow(message);
    if (!("arena" in options)) expect(() => iterateModel(GPT2, options)).toThrow(message);
    expect(draws).toBe(0);
  });

  test("by a pool that is closed", async () => {
    const closed = openPool({ threads: 1 });
    closed.close();
    expect(() => initModel(MIXED, { seed: 1, pool: closed })).toThrow(/^pool: expected an open pool/);
    const { tensors } = iterateModel(MIXED, { seed: 1, pool: closed });
    expect(() => [...tensors]).toThrow(/^pool: expected an open pool/);
  });

  test("by an async pool that is closed, whose promises are rejected", async () => {
    const closed: AsyncThreadPool = await openPoolAsync({ threads: 1 });
    closed.close();
    await expect(initModel(MIXED, { seed: 1, pool: closed })).rejects.toThrow(/^pool: expected an open pool/);
    await expect(collect(iterateModel(MIXED, { seed: 1, pool: closed }).tensors)).rejects.toThrow(/^pool/);
  });
});
