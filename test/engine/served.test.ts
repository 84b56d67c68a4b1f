/** Who draws in a server. What draws where there are no kernels: test/init/absent.test.ts. */
import { expect, test } from "vitest";
import { servedDrawer } from "../../src/engine/served.js";
import { simd } from "../../src/engine/simd.js";

test("the kernels draw in a server", () => {
  expect(servedDrawer()).toBe(simd);
});
