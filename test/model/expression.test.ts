/** Expressions at the ends of doubles, and random ones against an evaluator with 400 bits. */
import { expect, test } from "vitest";
import { evaluateInfix as evaluate } from "../../src/model/infix.js";
import { judged } from "./expressions.js";
import { judge } from "./oracle.js";

test.each([
  "2 ** 4096",
  "0.02 * 2**4096",
  "9**9**9**9",
  "2**5000",
  "pow(1.5, 2000.5)",
  "pow(2, 1e308)",
  "2 ** 1024",
  "2 ** 1024.5",
  "0.5 ** -1025",
  "pow(0, -1)",
  "pow(0, -0.5)",
  "exp(709.8)",
  "exp(1e300)",
  "1e999",
  "1 / 1e999",
  "min(1e999, 1)",
  "1 / 2 ** 4096",
  "pow(-2, 2001)",
  "1e200 * 1e200 / 1e200",
])("%s exceeds all doubles and is refused, also as a part", (text) => {
  expect(() => evaluate(text, {})).toThrow(/expected a finite result, got -?Infinity/);
});

test.each<[string, number]>([
  ["2 ** 1023", 2 ** 1023],
  ["2 ** -1074", 5e-324],
  ["pow(2, -1074)", 5e-324],
  ["10 ** -310", 1e-310],
  ["0 ** 0", 1],
  ["0 ** 0.5", 0],
  ["0 ** 2000", 0],
  ["pow(-1, 2001)", -1],
  ["pow(-1, 2000)", 1],
  ["pow(1, 1e300)", 1],
  ["exp(-744.4400719213812)", 5e-324],
  ["log(5e-324)", -744.4400719213812],
])("%s, IEEE 754's value", (text, value) => expect(evaluate(text, {})).toBe(value));

test.each([
  "2 ** -1075",
  "2 ** -4096",
  "0.02 * 2**-1080",
  "0.5 ** 1e9",
  "(0.02 / 16) ** 4096",
  "pow(0.02, 2000.5)",
  "pow(10, -400)",
  "exp(-1000)",
  "exp(-1e300)",
  "1e-400",
  "0.0000001e-400",
  ".3e-330",
  "1 + 2 ** -4096",
  "1e-200 * 1e-200",
  "1e-200 * 1e-200 * 1e300",
  "1e-200 / 1e200",
  "max(1, 1e-200 * -1e-200)",
])("%s has a part that only rounding makes 0, and is refused", (text) => {
  expect(() => evaluate(text, {})).toThrow(
    /expected numbers that are 0 or at least 5e-324 .*, got one that rounds to 0$/,
  );
});

test.each([
  "0 * 1e-300",
  "0e-400",
  "0.00e5",
  "0",
  "0 ** 400",
  "pow(0, 4000.5)",
  "0 / 1e300",
  "10 % 5",
  "5e-324 - 5e-324",
  "floor(1e-300)",
  "log(1)",
  "1e-300 > 1",
  "min(0, 3)",
])("%s is exactly 0", (text) => expect(evaluate(text, {})).toBe(0));

test("1,000 characters may nest as deep as they can", () => {
  expect(evaluate(`${"(".repeat(499)}1${")".repeat(499)}`, {})).toBe(1);
  expect(evaluate(`${"-".repeat(998)}1`, {})).toBe(1);
  expect(evaluate(`1${"**1".repeat(333)}`, {})).toBe(1);
  expect(evaluate(`${"sqrt(".repeat(166)}1${")".repeat(166)}`, {})).toBe(1);
});

test("the oracle knows right from wrong", () => {
  expect(judge("exp(1)", Math.E)).toBe("right");
  expect(judge("exp(1)", Math.E * (1 + 2e-15))).toBe("wrong");
  expect(judge("2 ** 4096", 1)).toBe("wrong");
  expect(judge("0.02 * 2 ** 4096", 0.02)).toBe("wrong");
  expect(judge("log(10)", Math.LN10)).toBe("right");
  expect(judge("sqrt(2)", Math.SQRT2)).toBe("right");
  expect(judge("1.1 ** 0.5", Math.sqrt(1.1))).toBe("right");
  expect(judge("1 / 3", 0.3333333333333334)).toBe("wrong");
  expect(judge("1 - 1", 0)).toBe("undecided");
});

test("random expressions: each value within what doubles allow, each overflow refused", () => {
  const { right, wrong } = judged(350, 1);
  expect(wrong).toEqual([]);
  expect(right).toBeGreaterThan(125);
});
