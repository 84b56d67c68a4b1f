/** Every engine under test; an absent one is reported, and fails, since every test machine has them all. */
import { type EngineName, engine, engines } from "../src/engine.js";
import type { Fill } from "../src/fill.js";
import type { Key } from "../src/stream.js";

export const ENGINES: readonly EngineName[] = ["simd", "scalar"];

for (const { name, available, reason } of engines()) {
  if (!available) throw new Error(`engine ${name} is absent here: ${reason}`);
}

/** Elements [start, start + count) as bits. */
export function bitsOf(name: EngineName, fill: Fill, key: Key, start: number, count: number): Uint32Array {
  const out = new Float32Array(count);
  engine(name).draw(fill, key, start, out);
  return new Uint32Array(out.buffer);
}
