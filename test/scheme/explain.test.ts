/** The sentences of `explain`. */
import { expect, test } from "vitest";
import * as nn from "../../src/index.js";

test.each<[nn.Scheme, readonly number[], string]>([
  [nn.zeros(), [3], "zeros of [3]: the constant 0"],
  [nn.normal({ mean: 1, std: 0.02 }), [3], "normal of [3]: normal, mean 1, std 0.02"],
  [nn.uniform({ low: -0.1, high: 0.1 }), [], "uniform of []: uniform strictly between -0.1 and 0.1, std 0.057735"],
  [
    nn.heNormal(),
    [784, 512],
    "heNormal of [784, 512]: normal, mean 0, truncated to (-0.114839, 0.114839), std 0.0505076 (0.0574195 before truncation); " +
      "variance 2 / fan_in, with fan in 784, fan out 512, gain 1.41421",
  ],
  [
    nn.xavierUniform({ gain: 2 }),
    [10, 20],
    "xavierUniform of [10, 20]: uniform strictly between -0.894427 and 0.894427, std 0.516398; " +
      "variance 4 / fan_avg, with fan in 20, fan out 10, gain 2",
  ],
  [
    nn.kaimingNormal({ activation: "gelu", transposed: true, stride: 2, mode: "fan_out" }),
    [64, 8, 4],
    "kaimingNormal of [64, 8, 4]: normal, mean 0, std 0.271092; " +
      "variance 2.35172 / fan_out, with fan in 128, fan out 32, gain 1.53353",
  ],
])("explains %j of shape %j", (scheme, shape, sentence) => {
  expect(nn.explain(shape, scheme)).toBe(sentence);
});

test("what cannot be resolved is not explained", () => {
  expect(() => nn.explain([3], nn.heNormal())).toThrow(/two axes/);
  expect(() => nn.explain([3], { scheme: "he" } as never)).toThrow(/^scheme/);
  expect(() => nn.explain([3], null as never)).toThrow(/^scheme: expected .*, got null/);
});

test("each option is read once", () => {
  const names = ["zeros", "ones"];
  const changing = {
    get scheme() {
      return names.shift();
    },
  };
  expect(nn.explain([2], changing as never)).toBe("zeros of [2]: the constant 0");
});
