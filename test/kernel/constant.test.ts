/** The constant kernel and its twin. */
import { describe, expect, test } from "vitest";
import { SETS } from "../kernels.js";
import { DISTRIBUTIONS } from "./distributions.js";
import { testTwins } from "./twin.js";

testTwins(DISTRIBUTIONS.constant);

describe.each(SETS)("the $name", (set) => {
  test.each(DISTRIBUTIONS.constant)("writes $value, rounded to f32, everywhere", (distribution) => {
    const values = new Float32Array(set.map(distribution, new Uint32Array(100)).buffer);
    expect(values.every((value) => Object.is(value, Math.fround(distribution.value)))).toBe(true);
  });
});
