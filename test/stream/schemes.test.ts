/**
 * From schemes to bits, frozen: parameters of distributions to the last digit, and values. A failure here means that values
 * changed, as in v1.test.ts. schemes.slow.ts holds the vectors to their generator, and thousands of other cases.
 */
import { describe, expect, test } from "vitest";
import { FORMULAS } from "../../src/scheme/formula.js";
import { ENGINES } from "../engines.js";
import { answer, golden } from "../vectors/schemes.js";

test.each(golden)("the distribution and the values of $scheme for shape $shape in $dtype", (one) => {
  const { distributions, first, sha256 } = one;
  for (const engine of ENGINES) expect(answer(one, engine), engine).toEqual({ distributions, first, sha256 });
});

describe("the vectors", () => {
  test("have every scheme", () => {
    const names = new Set(golden.map(({ scheme }) => scheme.scheme));
    expect([...names].sort()).toEqual([...Object.keys(FORMULAS), "split"].sort());
  });
});
