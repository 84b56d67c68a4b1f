/** What people type from other libraries, or mistype: each error names the right spelling, and no suggestion misleads. */
import { describe, expect, test } from "vitest";
import {
  explain,
  fans,
  fill,
  gain,
  glorotNormal,
  heNormal,
  init,
  kaimingNormal,
  normal,
  orthogonal,
  resolve,
  scheme,
  sparse,
  split,
  truncatedNormal,
  uniform,
  varianceScaling,
} from "../../src/index.js";
import { defaults, recommend } from "../../src/recipes.js";
import { nearest, perhaps } from "../../src/spelling.js";

/** A call with the wrong names, as JavaScript allows it. */
const loose = <Result>(call: (...args: never[]) => Result) => call as (...args: unknown[]) => Result;
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("expected an error");
};

const scaling = { scale: 1, mode: "fan_in", distribution: "normal", layout: "io" };
const one = normal({ std: 1 });

describe("another library's name: the error names ours", () => {
  test.each([
    ["float32", "f32"],
    ["float64", "f64"],
    ["double", "f64"],
    ["float16", "f16"],
    ["half", "f16"],
    ["bfloat16", "bf16"],
    ["BF16", "bf16"],
    ["torch.float32", "f32"],
    ["np.float64", "f64"],
  ])("dtype %s", (given, ours) => {
    expect(messageOf(() => loose(init)([2], one, { dtype: given }))).toContain(`(perhaps "${ours}")`);
  });

  test.each([
    ["swish", "silu"],
    ["prelu", "leakyRelu"],
    ["leaky_relu", "leakyRelu"],
    ["LeakyReLU", "leakyRelu"],
    ["identity", "linear"],
    ["celu", "elu"],
    ["relu2", "reluSquared"],
    ["gelu_new", "geluTanh"],
    ["gelu_fast", "geluTanh"],
    ["logistic", "sigmoid"],
    ["hard-swish", "hardSwish"],
    ["gleu", "gelu"],
  ])("activation %s", (given, ours) => {
    for (const act of [() => loose(gain)(given), () => loose(kaimingNormal)({ activation: given })]) {
      expect(messageOf(act)).toContain(`(perhaps "${ours}")`);
    }
  });

  test.each<[string, () => unknown, string]>([
    ["defaults pytorch", () => loose(defaults)("pytorch"), "torch"],
    ["defaults tensorflow", () => loose(defaults)("tensorflow"), "keras"],
    ["defaults jax", () => loose(defaults)("jax"), "flax"],
    ["compat pytorch", () => loose(kaimingNormal)({ compat: "pytorch" }), "torch"],
    ["compat pytorch of a gain", () => loose(gain)("tanh", { compat: "pytorch" }), "torch"],
    ["compat flax", () => loose(heNormal)({ compat: "flax" }), "jax"],
    ["nonlinearity", () => loose(kaimingNormal)({ nonlinearity: "relu" }), "activation"],
    ["a, PyTorch's slope", () => loose(kaimingNormal)({ a: 0.2 }), "slope"],
    ["a of a gain", () => loose(gain)("leakyRelu", { a: 0.2 }), "slope"],
    ["negative_slope", () => loose(gain)("leakyRelu", { negative_slope: 0.2 }), "slope"],
    ["a, PyTorch's lower bound", () => loose(uniform)({ a: -1, b: 1 }), "low"],
    ["b, PyTorch's upper bound", () => loose(truncatedNormal)({ std: 1, b: 1 }), "high"],
    ["minval", () => loose(uniform)({ minval: -1 }), "low"],
    ["stddev", () => loose(normal)({ stddev: 0.02 }), "std"],
    ["scale, NumPy's std", () => loose(normal)({ loc: 0, scale: 1 }), "mean"],
    ["truncated_normal, a scheme", () => loose(init)([2], "truncated_normal"), "truncatedNormal"],
    ["trunc_normal_, a scheme", () => scheme({ scheme: "trunc_normal_", std: 1 }), "truncatedNormal"],
    [
      "truncated_normal, a distribution",
      () => loose(varianceScaling)({ ...scaling, distribution: "truncated_normal" }),
      "truncated",
    ],
    [
      "untruncated_normal, a distribution",
      () => loose(varianceScaling)({ ...scaling, distribution: "untruncated_normal" }),
      "normal",
    ],
    ["fanIn, a mode", () => loose(varianceScaling)({ ...scaling, mode: "fanIn" }), "fan_in"],
    ["FAN_AVG, a mode", () => loose(varianceScaling)({ ...scaling, mode: "FAN_AVG" }), "fan_avg"],
    ["fanIn, an option", () => loose(heNormal)({ fanIn: 784 }), "fans"],
    ["fanIn of fans", () => loose(fans)([2, 2], { fans: { fanIn: 2, fanOut: 2 } }), "in"],
    ["in_axis", () => loose(glorotNormal)({ in_axis: 0 }), "axes"],
    ["he_normal", () => loose(resolve)([2, 2], "he_normal"), "heNormal"],
    ["xavier", () => loose(resolve)([2, 2], "xavier"), "xavierNormal"],
    ["randomNormal", () => scheme({ scheme: "randomNormal", std: 1 }), "normal"],
    ["eye", () => loose(explain)([2, 2], "eye"), "identity"],
    ["zero", () => loose(init)([2, 2], "zero"), "zeros"],
    ["linear, a layer", () => loose(recommend)({ layer: "linear" }), "dense"],
    ["norm, an option", () => loose(recommend)({ norm: "layer" }), "normalization"],
    ["sead", () => loose(init)([2], one, { sead: 1 }), "seed"],
  ])("%s", (_, act, ours) => expect(messageOf(act)).toContain(`(perhaps "${ours}")`));
});

describe("a call that lacks something: the error says what to write", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["fans without a placement", () => loose(fans)([784, 512]), /^placement: .*\{ layout: "io" \}, got undefined$/],
    ["fans with a layout alone", () => loose(fans)([784, 512], "io"), /^placement: .*\{ layout: "io" \}, got "io"$/],
    ["fans with a wrong key", () => loose(fans)([784, 512], { layuot: "io" }), /^placement: .*perhaps "layout"/],
    ["a scheme that is not called", () => loose(init)([2, 2], heNormal), /^scheme: .*heNormal\(\); call the function/],
    ["in fill", () => loose(fill)(new Float32Array(4), [2, 2], orthogonal), /^scheme: .*call the function, got .*orth/],
    ["in resolve", () => loose(resolve)([2, 2], heNormal), /^scheme: .*call the function/],
    ["in split", () => loose(split)({ axis: 0, parts: 2, of: heNormal }), /^scheme: .*call the function/],
    ["options for a scheme", () => loose(init)([2, 2], { std: 0.02 }), /^scheme: .*"scheme": "normal"/],
    ["nothing for a scheme", () => loose(init)([2, 2]), /^scheme: expected a scheme such as heNormal\(\)/],
  ])("%s", (_, act, message) => expect(act).toThrow(message));
});

describe("no suggestion misleads", () => {
  test("identity is a scheme", () => expect([...init([2, 2], "identity")]).toEqual([1, 0, 0, 1]));
  test("linear is an activation", () => expect(gain("linear")).toBe(1));
  test("softplus is an activation", () => expect(gain("softplus")).toBeGreaterThan(1));

  test.each<[string, () => unknown]>([
    ["linear, a scheme", () => loose(init)([2, 2], "linear")],
    ["swish, a scheme", () => loose(init)([2, 2], "swish")],
    ["float32, an activation", () => loose(gain)("float32")],
    ["pytorch, a dtype", () => loose(init)([2], one, { dtype: "pytorch" })],
    ["a, an option of sparse", () => loose(sparse)({ sparsity: 0.5, a: 1 })],
    ["int32, a dtype", () => loose(init)([2], one, { dtype: "int32" })],
    ["toString, a scheme", () => loose(init)([2, 2], "toString")],
  ])("%s: none", (_, act) => expect(messageOf(act)).not.toContain("perhaps"));
});

describe("nearest", () => {
  const names = ["std", "mean", "slope", "linear"];
  test.each([
    ["STD", "std"],
    ["s_t_d", "std"],
    ["slpoe", "slope"],
    ["me", "mean"],
    ["m", undefined],
    ["", undefined],
    ["a", "slope"],
    ["none", "linear"],
    ["xyzzy", undefined],
    ["x".repeat(1000), undefined],
  ])("%j is %j", (given, name) => expect(nearest(given, names)).toBe(name));

  test("an alias counts only if its name is allowed", () => {
    expect(nearest("swish", ["relu", "silu"])).toBe("silu");
    expect(nearest("swish", ["relu", "tanh"])).toBeUndefined();
    expect(nearest("swish", ["constructor", "__proto__"])).toBeUndefined();
  });

  test("a name from a file is not repeated if it could move a cursor", () => {
    expect(perhaps("n_layer", ["n_layers"])).toBe(' (perhaps "n_layers")');
    expect(perhaps("n_layer", ["n_layer\u001b[2J"])).toBe("");
    expect(perhaps(7, names)).toBe("");
  });
});
