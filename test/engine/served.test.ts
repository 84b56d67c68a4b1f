/** Who draws in a server. */
import { afterAll, expect, test, vi } from "vitest";
import { servedDrawer } from "../../src/engine/served.js";
import { simd } from "../../src/engine/simd.js";

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules(); // the next file of this worker gets a library that has its kernels
});

test("the kernels draw in a server, and the twins where there are none", async () => {
  expect(servedDrawer()).toBe(simd);
  vi.resetModules();
  vi.stubGlobal("WebAssembly", undefined);
  const { servedDrawer: without } = await import("../../src/engine/served.js");
  const { scalar } = await import("../../src/engine/scalar.js");
  expect(without()).toBe(scalar);
});
