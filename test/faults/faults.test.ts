/** A short form of `npm run check:faults`. What starts a process for each case is in faults.slow.ts. */
import { expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the script
import { abuses, soak } from "./calls.mjs";

test.each<[string, () => unknown]>([
  ["abuses of the library", abuses],
  ["a soak", () => soak({ seconds: 0.2 })],
])("%s", async (_, part) => {
  expect(await part()).toMatchObject({ wrong: [] });
});
