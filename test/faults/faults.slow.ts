/**
 * A short form of the parts of `npm run check:faults` that start the command for each case, 0.2 s of CPU time each. `npm test` has a
 * signal in test/cli/process.test.ts, and refuses wrong files in its own process.
 */
import { expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the script
import { hostile } from "./hostile.mjs";
// @ts-expect-error likewise
import { kills } from "./kills.mjs";

test.each<[string, () => unknown]>([
  ["kills", () => kills({ count: 8, seed: 5, rows: 300 })],
  ["hostile files", () => hostile({ count: 16, seed: 5 })],
])("%s", async (_, part) => {
  expect(await part()).toMatchObject({ wrong: [] });
});
