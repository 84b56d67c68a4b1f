/** A short form of the fuzzing of `npm run check:serve`. */
import { expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the script
import { fuzz } from "./fuzz.mjs";

test("1,000 damaged requests: every answer is valid", async () => {
  const { counts, wrong } = await fuzz({ count: 1000, seed: 5 });
  expect(wrong).toEqual([]);
  for (const status of [200, 206, 304, 400, 404, 405, 412, 416])
    expect(counts[status], String(status)).toBeGreaterThan(5);
});
