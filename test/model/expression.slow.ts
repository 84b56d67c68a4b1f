/** Many random expressions against an evaluator with 400 bits. */
import { expect, test } from "vitest";
import { judged } from "./expressions.js";

test.each([4, 5])("20,000 expressions, seed %d", (seed) => {
  const { right, refused, undecided, wrong } = judged(20_000, seed);
  console.log({ right, refused, undecided });
  expect(wrong).toEqual([]);
  expect(right).toBeGreaterThan(8_000);
});
