/**
 * Who draws. An engine writes any run of a tensor's elements; it cuts the run at block borders and gives each piece to
 * a kernel. Which engine it is, and how it cuts, cannot change a bit.
 */
import { checkOneOf } from "../check.js";
import type { Values } from "../dtype.js";
import { scalar } from "./scalar.js";
import { absence, simd } from "./simd.js";
import type { Tensor } from "./source.js";

/** `simd`: the WebAssembly kernels. `scalar`: their twins in TypeScript, which run everywhere. */
export type EngineName = "simd" | "scalar";

export interface Engine {
  readonly name: EngineName;
  /** Writes elements [start, start + out.length) of the tensor; `out` is an array of its dtype. */
  draw(tensor: Tensor, start: number, out: Values): void;
}

export interface EngineInfo {
  readonly name: EngineName;
  readonly available: boolean;
  /** Whether calls without an `engine` option use it. */
  readonly default: boolean;
  /** Why it is absent. */
  readonly reason?: string;
}

/** The engines of this runtime, best first. */
export function engines(): EngineInfo[] {
  const reason = absence();
  return [
    { name: "simd", available: reason === undefined, default: reason === undefined, ...(reason && { reason }) },
    { name: "scalar", available: true, default: reason !== undefined },
  ];
}

/** The engine by that name, or the best there is. */
export function engine(name?: EngineName): Engine {
  if (name !== undefined) checkOneOf("engine", name, ["simd", "scalar"]);
  if (name === "scalar") return scalar;
  const reason = absence();
  if (reason === undefined) return simd;
  if (name === "simd") throw new RangeError(`engine: expected one that this runtime has, got "simd" (${reason})`);
  return scalar;
}
