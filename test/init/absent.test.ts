/** Runtimes that cannot run the kernels: what `engines` says of them, and that the twins draw there. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { expectSameBits } from "../bits.js";

const { WebAssembly: real } = globalThis;
const module = new real.Module(readFileSync(new URL("../../build/kernel.wasm", import.meta.url)));
vi.resetModules(); // the library that other tests use has its kernels already
const { engines, init, normal, orthogonal, setKernelModule } = await import("../../src/index.js");
const { engine } = await import("../../src/engine/choose.js");
const { scalar } = await import("../../src/engine/scalar.js");
const { servedDrawer } = await import("../../src/engine/served.js");
const { kernelsOn, shortcoming } = await import("../../src/engine/simd.js");

afterEach(() => vi.unstubAllGlobals());
afterAll(() => vi.resetModules()); // the next file of this worker gets a library that has its kernels

/** A runtime with this in place of parts of WebAssembly. */
const runtime = (parts: object) => vi.stubGlobal("WebAssembly", Object.assign(Object.create(real), parts));
function none() {
  throw new RangeError("no more");
}

test.each<[string, () => void, string]>([
  ["without WebAssembly", () => vi.stubGlobal("WebAssembly", undefined), "this runtime has no WebAssembly"],
  ["without SIMD", () => runtime({ validate: () => false }), "this runtime's WebAssembly has no SIMD"],
  ["with too few addresses", () => runtime({ Memory: none }), "no memory for the kernels: V8 takes 10 GB of addresses"],
  [
    "that does not compile",
    () => runtime({ Instance: none }),
    "the kernels could not be compiled: RangeError: no more",
  ],
])("a runtime %s", (_, prepare, reason) => {
  prepare();
  const [simd, other] = engines();
  expect(simd).toEqual({ name: "simd", available: false, default: false, reason: expect.stringContaining(reason) });
  expect(other).toEqual({ name: "scalar", available: true, default: true });
  expect([engine(), engine("scalar"), servedDrawer()]).toEqual([scalar, scalar, scalar]);
  expect(() => engine("simd")).toThrow(
    `engine: expected "scalar", which runs everywhere (${simd?.reason}), got "simd"`,
  );
  expect(kernelsOn(new real.Memory({ initial: 1 }))).toBeUndefined();
  vi.unstubAllGlobals();
  expect(engines()[0]?.available).toBe(false); // it is asked once
  setKernelModule(module); // and once more
});

test("with kernels that were set, both engines are there and draw the same", () => {
  const simd = { name: "simd", available: true, default: true };
  expect(engines()).toEqual([simd, { name: "scalar", available: true, default: false }]);
  expect([engine().name, engine("simd").name, engine("scalar").name]).toEqual(["simd", "simd", "scalar"]);
  expect(shortcoming()).toBeUndefined();
  for (const scheme of [normal({ std: 1 }), orthogonal()]) {
    const drawn = (["simd", "scalar"] as const).map((engine) => init([70, 70], scheme, { seed: 1, name: "w", engine }));
    expectSameBits(drawn[0], drawn[1]);
  }
  const memory = new real.Memory({ initial: 2 });
  expect(kernelsOn(memory)).toBe(kernelsOn(memory)); // one instance for a memory
});

test("a matrix is drawn in ordinary memory, where there are no addresses for more; refused modules change nothing", () => {
  const options = { seed: 1, name: "w", engine: "simd" } as const;
  const whole = init([60, 60], orthogonal(), options);
  runtime({ Memory: none });
  expectSameBits(init([60, 60], orthogonal(), options), whole);
  const larger = (engine: "simd" | "scalar") => init([150, 140], orthogonal(), { ...options, engine });
  expectSameBits(larger("simd"), larger("scalar")); // the memory of the first one is too small
  for (const wrong of [undefined, {}, new ArrayBuffer(8)])
    expect(() => setKernelModule(wrong as never)).toThrow(
      /^module: expected a WebAssembly.Module of nn-init\/kernel.wasm/,
    );
  const empty = new real.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  expect(() => setKernelModule(empty)).toThrow(/^module: expected .*, got "another module"/);
});
