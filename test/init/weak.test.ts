/** Vector units that take subnormal numbers for 0: `engines` says so, and the twins make the draws that can meet such numbers. */
import { afterAll, expect, test, vi } from "vitest";

const { WebAssembly: real } = globalThis;
const SEVENS = 7;

/** The kernels on such a processor. Normal values are sevens, so that it can be seen who drew them. */
function Instance(module: WebAssembly.Module, imports: { env: { memory: WebAssembly.Memory } }) {
  const { exports } = new real.Instance(module, imports);
  const kernels = exports as Record<string, (...args: number[]) => void>;
  const { buffer } = imports.env.memory;
  return {
    exports: {
      ...kernels,
      uniform64(...args: [number, number]) {
        kernels.uniform64?.(...args);
        const values = new Float64Array(buffer, ...args);
        for (const [i, value] of values.entries()) if (Math.abs(value) < 2.2250738585072014e-308) values[i] = 0;
      },
      normal: (address: number, count: number) => new Float32Array(buffer, address, count).fill(SEVENS),
    },
  };
}

vi.resetModules(); // the library that other tests use has its kernels already
vi.stubGlobal("WebAssembly", Object.assign(Object.create(real), { Instance }));
afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules(); // the next file of this worker gets a library that has its kernels
});
const { engines, init, normal } = await import("../../src/index.js");
const { kernelsOn, shortcoming } = await import("../../src/engine/simd.js");

test("engines says so, and the twins make those draws alone", () => {
  const reason = expect.stringContaining("draws that can be subnormal are left to scalar");
  expect(engines()[0]).toEqual({ name: "simd", available: true, default: true, reason });
  expect(shortcoming()).toEqual(reason);
  expect(kernelsOn(new real.Memory({ initial: 2 }))).toBeUndefined();
  const options = { seed: 1, name: "w", engine: "simd" } as const;
  const [tiny, ordinary] = [normal({ std: 1e-38 }), normal({ std: 1 })];
  expect(init([100], tiny, options)).toEqual(init([100], tiny, { ...options, engine: "scalar" }));
  expect(init([100], ordinary, options)).toEqual(new Float32Array(100).fill(SEVENS));
});
