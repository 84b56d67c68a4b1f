/** Files of other formats with bytes changed at random, or cut off. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGgufHeader, parseNpyHeader, readNpz } from "../../src/checkpoint.js";
import { npyHeader } from "../../src/format/npy.js";
import { made, wholeFile } from "./models.js";

const NPZ = wholeFile(made("npz", "gpt2", "f16"));
const GGUF = wholeFile(made("gguf", "qwen3_moe", "f16"));

/** @param numRuns how many files are changed, of each format. */
export function testChanges(numRuns: number): void {
  describe("whatever is changed, an error says what is wrong", () => {
    const readers = [
      ["npz", NPZ, readNpz],
      [
        "gguf",
        GGUF.slice(0, parseGgufHeader(GGUF).headerBytes),
        (bytes: Uint8Array) => parseGgufHeader(bytes, GGUF.length),
      ],
      ["npy", npyHeader("<f4", [3, 4]), parseNpyHeader],
    ] as const;

    test.each(readers)("%s", (name, bytes, read) => {
      const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
      fc.assert(
        fc.property(
          fc.array(change, { minLength: 1, maxLength: 4 }),
          fc.nat(bytes.length),
          fc.boolean(),
          (changes, length, cut) => {
            const copy = bytes.slice(0, cut ? length : bytes.length);
            for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
            try {
              read(copy);
            } catch (error) {
              expect(error).toSatisfy((error) => error instanceof TypeError || error instanceof RangeError);
              expect((error as Error).message).toMatch(new RegExp(`^(${name}|npy): `));
            }
          },
        ),
        { numRuns },
      );
    });
  });
}
