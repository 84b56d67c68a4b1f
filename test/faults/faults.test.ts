/** A short form of `npm run check:faults`. */
import { expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the script
import { abuses, soak } from "./calls.mjs";
// @ts-expect-error likewise
import { hostile } from "./hostile.mjs";
// @ts-expect-error likewise
import { kills } from "./kills.mjs";

test.each<[string, () => unknown]>([
  ["kills", () => kills({ count: 2, seed: 5, rows: 300 })],
  ["hostile files", () => hostile({ count: 4, seed: 5 })],
  ["abuses of the library", abuses],
  ["a soak", () => soak({ seconds: 0.2 })],
])("%s", async (_, part) => {
  expect(await part()).toMatchObject({ wrong: [] });
});
