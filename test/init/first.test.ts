/** The first call of all. */
import { afterAll, expect, test, vi } from "vitest";

afterAll(() => vi.resetModules());

test("a scheme that is missing is asked for, also before any tensor was made", async () => {
  vi.resetModules();
  const { fill, init } = await import("../../src/index.js");
  for (const call of [() => init([], undefined as never), () => fill(new Float32Array(1), [], undefined as never)])
    expect(call).toThrow("scheme: expected a scheme such as heNormal()");
});
