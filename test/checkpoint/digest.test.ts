import { afterEach, expect, test, vi } from "vitest";
import { digestOf } from "../../src/checkpoint/digest.js";
import { hashOfBytes } from "../../src/checkpoint/hash.js";

afterEach(() => vi.unstubAllGlobals());

test("the runtime's hash is ours", async () => {
  for (const length of [0, 1, 63, 64, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37) % 256);
    expect(await digestOf(bytes)).toBe(hashOfBytes(bytes));
  }
});

test("a runtime without crypto.subtle needs code that hashes", async () => {
  vi.stubGlobal("crypto", {});
  const bytes = new Uint8Array([1, 2, 3]);
  expect(await digestOf(bytes, hashOfBytes)).toBe("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
  await expect(digestOf(bytes)).rejects.toThrow("expected crypto.subtle");
});
