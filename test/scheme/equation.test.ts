/** Einsum equations: what is refused, and in which words. frameworks.test.ts has what they mean. */
import { expect, test } from "vitest";
import { fans } from "../../src/index.js";

const of = (equation: unknown) => () => fans([4, 8], { equation: equation as string });

test("an equation has at most 1,000 characters, spaces included", () => {
  const whole = "bi,io->bo".padEnd(1000);
  expect(of(whole)()).toEqual(of("bi,io->bo")());
  expect(of(`${whole} `)).toThrow("equation: expected at most 1000 characters, got 1001");
});

test.each([
  ["a number", 5, 'equation: expected a string such as "btd,dnh->btnh", got 5'],
  ["a sign before it", "1bi,io->bo", "equation: expected data,weight->result"],
  ["a sign after it", "bi,io->bo1", "equation: expected data,weight->result"],
  ["an ellipsis of the result alone", "bi,io->...o", 'expected "..." of the result in data or weight'],
  ["a label of the result alone", "bi,io->bx", 'expected "x" of the result in data or weight'],
  ["an ellipsis twice", "......i,io->...o", 'expected "." once in "......i"'],
  ["a label twice", "bi,ii->bi", 'expected "i" once in "ii"'],
])("%s is refused", (_, equation, message) => {
  expect(of(equation)).toThrow(message);
});
