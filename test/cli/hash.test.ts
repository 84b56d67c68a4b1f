/** The thread that hashes. */
import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { ThreadHasher } from "../../src/cli/hash.js";
import { AskedThread } from "../../src/cli/thread.js";

afterEach(() => void vi.restoreAllMocks());

test.each([
  ["shared memory", () => new Uint8Array(new SharedArrayBuffer(3000), 1000, 500)],
  ["a part of a buffer", () => new Uint8Array(3000).subarray(1000, 1500)],
  ["a buffer that is moved", () => new Uint8Array(500)],
])("it is sent %s without elements that Deno would look at, and hashes the bytes", async (_, make) => {
  const ask = vi.spyOn(AskedThread.prototype, "ask");
  const hasher = new ThreadHasher(false, { scripts: new URL("../../dist/", import.meta.url) });
  try {
    hasher.start();
    const bytes = make().map((_, i) => i);
    const view = make();
    view.set(bytes);
    const expected = createHash("sha256").update(bytes).digest("hex");
    await hasher.update(view);
    expect(Object.keys(ask.mock.calls[0]?.[0] as object)).toEqual([]);
    expect(await hasher.digest()).toBe(expected);
  } finally {
    hasher.end();
  }
});
