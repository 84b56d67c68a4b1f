/** Every public function, called with what it does not take: it says what it expected, and no error comes from inside. */
import { describe, expect, test } from "vitest";
import * as audit from "../../src/audit.js";
import * as checkpoint from "../../src/checkpoint.js";
import * as main from "../../src/index.js";
import * as jax from "../../src/jax.js";
import * as lab from "../../src/lab.js";
import * as model from "../../src/model.js";
import * as onnx from "../../src/onnx.js";
import * as recipes from "../../src/recipes.js";
import * as serve from "../../src/serve.js";
import * as tfjs from "../../src/tfjs.js";
import * as threads from "../../src/threads.js";
import * as train from "../../src/train.js";

type Call = (...values: unknown[]) => unknown;

const WRONG: readonly unknown[] = [
  ...[null, 0, -1, Number.NaN, "", "x", true, 1n, Symbol("s"), () => {}],
  ...[[], [1], [null], [{}], {}, { in: 1 }, { scheme: "normal" }, { scheme: null }, { kind: "normal" }],
  ...[{ tensors: 1 }, { tensors: [null], variables: {} }, { tensors: [], variables: null }, { rules: [null] }],
  Object.create(null),
];

/** No argument, each one alone, and each in the second and in the third place. */
const LISTS: readonly (readonly unknown[])[] = [
  [],
  ...WRONG.flatMap((wrong) => [
    [wrong],
    [wrong, [2, 2]],
    [[2, 2], wrong],
    [[2, 2], "heNormal", wrong],
    [new Float32Array(4), wrong],
    [new Float32Array(4), [2, 2], wrong],
    [new Float32Array(4), [2, 2], "heNormal", wrong],
  ]),
];

/** The error of a call that is refused; undefined if it is carried out. */
async function errorOf(call: Call, values: readonly unknown[]): Promise<unknown> {
  try {
    ((await call(...values)) as { close?(): void } | undefined)?.close?.();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What was expected, or for a model without a plan, what is required. */
const OURS = /expected |a plan is required/;

async function faultsOf(call: Call): Promise<readonly string[]> {
  const errors = (await Promise.all(LISTS.map((values) => errorOf(call, values)))).filter(
    (error) => error !== undefined,
  );
  const raw = errors.filter((error) => {
    return !(error instanceof TypeError || error instanceof RangeError) || !OURS.test(error.message);
  });
  return [...new Set(raw.map(String))];
}

const functionsOf = (door: object): readonly (readonly [string, Call])[] =>
  Object.entries(door).filter(([, value]) => typeof value === "function" && !/^class/.test(String(value)));

/** What would be carried out with some of these arguments, and take seconds or change this realm. */
const LEFT_OUT = ["lab", "setKernelModule", "openPoolAsync", "compare"];

describe.each(Object.entries({ main, threads, recipes, model, checkpoint, serve, lab, train, audit, tfjs, jax, onnx }))(
  "nn-init, %s",
  (_, door) => {
    test.each(functionsOf(door).filter(([name]) => !LEFT_OUT.includes(name)))("%s", async (_, call) => {
      expect(await faultsOf(call)).toEqual([]);
    });
  },
);

test.each(["torch", "keras", "flax", "tfjs", "mlx"] as const)("the layers of %s", async (framework) => {
  for (const [name, layer] of functionsOf(recipes.defaults(framework))) expect(await faultsOf(layer), name).toEqual([]);
});

test("the methods of a monitor", async () => {
  for (const [name, method] of functionsOf(train.monitor())) expect(await faultsOf(method), name).toEqual([]);
});

test("an arena's constructor and methods", async () => {
  const arena = new main.Arena(64);
  expect(await faultsOf((bytes) => new main.Arena(bytes as number))).toEqual([]);
  expect(await faultsOf((...values) => (arena.allocate as Call).apply(arena, values))).toEqual([]);
});

test("what is left out refuses what it does not take", async () => {
  for (const wrong of [null, 3, "x", [], { widht: 3 }]) {
    expect(() => lab.lab(wrong as never)).toThrow(/^options: expected /);
    expect(() => main.setKernelModule(wrong as never)).toThrow(/^module: expected /);
    await expect(threads.openPoolAsync(wrong as never)).rejects.toThrow(/^options: expected /);
    await expect(train.compare(wrong as never)).rejects.toThrow(/^options: expected /);
  }
});

test("an error from inside would be found, also of a promise", async () => {
  const inside: Call = (value) => (value as { tensors: unknown[] }).tensors.length;
  expect(await faultsOf(inside)).not.toEqual([]);
  expect(await faultsOf(async (value) => inside(value))).toEqual(await faultsOf(inside));
});

test("swapped arguments get the order", () => {
  const scheme = main.heNormal();
  for (const call of [main.init, main.resolve, main.explain] as unknown as Call[]) {
    for (const first of [scheme, "heNormal"]) {
      expect(() => call(first, [2, 2])).toThrow(
        /^shape: expected an array of lengths \(the shape comes before the scheme\)/,
      );
    }
  }
  expect(() => (main.fill as Call)(new Float32Array(4), scheme, [2, 2])).toThrow(/the shape comes before the scheme/);
  expect(() => (main.fans as Call)({ layout: "io" }, [2, 2])).toThrow(/the shape comes before the placement/);
});
