/**
 * Computed values, frozen, on both engines. A failure here means that values changed, as in v1.test.ts. computed.slow.ts holds
 * the vectors to their generator, and thousands of other cases.
 */
import { expect, test } from "vitest";
import { COMPUTED_NAMES } from "../../src/computed/scheme.js";
import { ENGINES } from "../engines.js";
import { answer, golden } from "../vectors/computed.js";

test.each(golden.map((one) => [JSON.stringify(one.tensors[0]), one] as const))("%s", (_, one) => {
  const { first, sha256 } = one;
  for (const engine of ENGINES) expect(answer(one, engine), `${engine} ${one.dtype}`).toEqual({ first, sha256 });
});

test("the vectors have every scheme of computed values", () => {
  const names = new Set(golden.flatMap(({ tensors }) => tensors.slice(0, 1).map(({ scheme }) => scheme)));
  expect(COMPUTED_NAMES.filter((name) => !names.has(name))).toEqual([]);
  expect(golden.some(({ tensors }) => tensors[0]?.copy) && golden.some(({ tensors }) => tensors[0]?.norms)).toBe(true);
});
