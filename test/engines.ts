/** Every engine under test. An engine that is absent makes its tests fail, since every machine that runs them has both. */
import type { Independent } from "../src/distribution.js";
import { type DType, FORMATS } from "../src/dtype.js";
import { engine, engines } from "../src/engine/choose.js";
import type { EngineName } from "../src/engine/engine.js";
import type { Key } from "../src/stream.js";

export const ENGINES: readonly EngineName[] = ["simd", "scalar"];

for (const { name, available, reason } of engines()) {
  if (!available) throw new Error(`engine ${name} is absent here: ${reason}`);
}

/** Elements [start, start + count) as bits: patterns of 16 bits, words of 32, or two words for each value of f64. */
export function bitsOf(
  name: EngineName,
  distribution: Independent,
  key: Key,
  start: number,
  count: number,
  dtype: DType = "f32",
): Uint32Array | Uint16Array {
  const out = new FORMATS[dtype].array(count);
  engine(name).draw({ distribution, key, dtype }, start, out);
  return out instanceof Uint16Array ? out : new Uint32Array(out.buffer);
}
