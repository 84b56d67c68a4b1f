/** Who draws for the command where `ulimit -v` leaves few addresses. With real limits: process.slow.ts. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const LIMITS = "/proc/self/limits";
let limitsFile = "";
let drawing: typeof import("../../src/cli/drawing.js");

beforeAll(async () => {
  vi.resetModules(); // other tests may have loaded it before
  vi.doMock("node:fs", async (original) => {
    const real = await original<typeof import("node:fs")>();
    const read = real.readFileSync as (...call: unknown[]) => unknown;
    const readFileSync = (path: unknown, ...rest: unknown[]) => {
      if (path !== LIMITS) return read(path, ...rest);
      if (limitsFile === "absent") throw new Error("ENOENT");
      return limitsFile;
    };
    return { ...real, readFileSync };
  });
  drawing = await import("../../src/cli/drawing.js");
});

afterAll(() => {
  vi.doUnmock("node:fs");
  vi.resetModules();
});

/** The file as Linux has it, with a limit in bytes or "unlimited". */
const limited = (to: number | string) =>
  [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max data size             1000000              unlimited            bytes     ",
    `Max address space         ${String(to).padEnd(20)} unlimited            bytes     `,
  ].join("\n");

function engineUnder(limits: string, threads = 1, engine: "auto" | "simd" = "auto"): string {
  limitsFile = limits;
  const one = new drawing.Drawing({ engine, threads, measured: false, io: { scripts: undefined as never } });
  one.close();
  return one.engine;
}

const GB = 1e9;

test.each<[string, string, string]>([
  ["2 GB", limited(2 * GB), "scalar"],
  ["12 GB, which hold the kernels' memory but then no thread", limited(12 * GB), "scalar"],
  ["13 GB", limited(13 * GB), "scalar"],
  ["16 GB", limited(16 * GB), "simd"],
  ["no limit", limited("unlimited"), "simd"],
  ["a system without such a file", "absent", "simd"],
])("%s: one thread draws by the engine that fits", (_, limits, expected) => {
  expect(engineUnder(limits)).toBe(expected);
});

test("threads are refused before the first file where they would not start, and an engine that is asked for is taken", () => {
  for (const bytes of [2, 12, 16, 24]) {
    expect(() => engineUnder(limited(bytes * GB), 2)).toThrow(
      "--threads: expected 1, since ulimit -v leaves too few addresses for 2",
    );
  }
  expect(engineUnder(limited(26 * GB), 2)).toBe("simd");
  expect(() => engineUnder(limited(26 * GB), 8)).toThrow(/too few addresses for 8$/);
  expect(engineUnder(limited(12 * GB), 1, "simd")).toBe("simd");
});
