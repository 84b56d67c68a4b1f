import { describe, expect, test } from "vitest";
import { SETS } from "../kernels.js";
import { LAWS } from "./distributions.js";
import { testTwins } from "./twin.js";

testTwins(LAWS.constant);

describe.each(SETS)("$name", (set) => {
  test.each(LAWS.constant)("%j", (fill) => {
    const values = new Float32Array(set.map(fill, new Uint32Array(100)).buffer);
    expect(values.every((value) => Object.is(value, Math.fround(fill.value)))).toBe(true);
  });
});
