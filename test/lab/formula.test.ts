/** Activation functions from text: their values beside the built-in ones, their derivatives, and hostile formulas. */
import { expect, test } from "vitest";
import type { Activation } from "../../src/index.js";
import { activationFunction } from "../../src/lab/activation.js";
import { lab, meanField, parseActivation } from "../../src/lab.js";

const PLACES = [-7.3, -2.5, -1, -0.4, 0.3, 1, 2.7, 6.5];

test.each<[string, Activation]>([
  ["x", "linear"],
  ["max(0, x)", "relu"],
  ["min(max(x, 0), 6)", "relu6"],
  ["relu(x) ** 2", "reluSquared"],
  ["x > 0 ? x : exp(x) - 1", "elu"],
  ["x * (1 + erf(x / sqrt(2))) / 2", "gelu"],
  ["0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * pow(x, 3))))", "geluTanh"],
  ["x * sigmoid(1.702 * x)", "quickGelu"],
  ["x / (1 + exp(-x))", "silu"],
  ["x * tanh(softplus(x))", "mish"],
  ["x * min(6, max(0, x + 3)) / 6", "hardSwish"],
  ["(e ** 2 - e ** 2) + tanh(x)", "tanh"],
  ["1 - 1 / (1 + exp(x))", "sigmoid"],
  ["log(1 + exp(x))", "softplus"],
  ["x / (1 + abs(x))", "softsign"],
  ["sin(x) + 0 * cos(x)", "sin"],
  ["x >= 0 ? x : 0.01 * x", "leakyRelu"],
])("%s is %s, and so is its derivative", (formula, name) => {
  const { f, derivative } = activationFunction(name);
  const own = parseActivation(formula);
  expect(own.activation.name).toBe(formula);
  for (const x of PLACES) {
    expect(own.activation(x), `at ${x}`).toBeCloseTo(f(x), 12);
    expect(own.derivative(x), `slope at ${x}`).toBeCloseTo(derivative(x), 11);
  }
});

test("a negative base has whole powers only, and a constant exponent may be negative", () => {
  expect(parseActivation("x ** 3").activation(-2)).toBe(-8);
  expect(parseActivation("(x + 3) ** -2").derivative(-1)).toBeCloseTo(-0.25, 14);
  expect(parseActivation("x ** 0.5").activation(-2)).toBeNaN();
  expect(parseActivation("x ** 0").derivative(0)).toBe(0);
  expect([65, 100].map((n) => parseActivation(`x ** ${n}`).activation(-2))).toEqual([-(2 ** 65), 2 ** 100]);
  expect(parseActivation("x ** 66").derivative(-2)).toBe(-66 * 2 ** 65);
});

test("the lab and the theory take it", () => {
  const own = parseActivation("tanh(x)");
  const options = { depth: 4, width: 16, samples: 4, seeds: 1, recommendation: false, scheme: "lecunNormal" } as const;
  const [ours, theirs] = [lab({ ...options, ...own }), lab({ ...options, activation: "tanh" })];
  expect(ours.network.activation).toBe("tanh(x)");
  expect(ours.layers[3]?.forward.mean).toBeCloseTo(theirs.layers[3]?.forward.mean as number, 6);
  expect(meanField({ ...own, weightVariance: 0.9 }).chi1).toBeCloseTo(0.9, 6);
  expect(lab({ ...options, ...own, meanField: false }).meanField).toBeNull();
  expect(theirs.meanField).not.toBeNull();
});

test.each([
  ["", /formula "": expected one formula/],
  ["x +", /formula "x \+"/],
  ["y", /expected x, pi, e or a number, got "y"/],
  ["constructor", /got "constructor"/],
  ["constructor(x)", /expected one of the functions .*got "constructor"/],
  ["x.constructor", /expected one formula/],
  ["x['constructor']('return 1')()", /expected one of the functions .*called by its name/],
  ["alert(1)", /expected one of the functions abs/],
  ["process.exit()", /expected one of the functions abs.*called by its name/],
  ["tahn(x)", /\(perhaps "tanh"\), got "tahn"/],
  ["tanh(x, x)", /tanh: expected 1 argument, got 2/],
  ["pow(x)", /pow: expected 2 arguments, got 1/],
  ["2 ** x", /expected an exponent without x/],
  ["x % 2", /expected one of the operators/],
  ["'x'", /expected a number/],
  ["1e999 * x", /expected a number that a double holds, got "1e999"/],
  ["x + 0.1e-400", /expected a number that a double holds, got "0\.1e-400"/],
  ["x; x", /expected one formula/],
  ["[x]", /expected one formula/],
  ["this", /expected one formula/],
  ["(() => 1)()", /formula "\(\(\) => 1\)\(\)": /],
  ["exp(-x ** 2)", /a sign before \*\* can be read in two ways/],
  ["!x", /expected the sign/],
  [`${"(".repeat(120)}x${")".repeat(120)}`, /at most 200 characters/],
])("refuses %s", (formula, message) => {
  expect(() => parseActivation(formula)).toThrow(message);
  expect(() => parseActivation(formula)).toThrow(RangeError);
});

test("refuses what is no text", () => {
  expect(() => parseActivation(3 as never)).toThrow(TypeError);
});
