/** Which engine draws. The choice cannot change a value. */
import { checkOneOf, wrongValue } from "../check.js";
import type { Engine, EngineInfo, EngineName } from "./engine.js";
import { scalar } from "./scalar.js";
import { absence, shortcoming, simd } from "./simd.js";

/**
 * The engines, best first, and whether this runtime has them.
 *
 * @returns one entry for each engine; exactly one has `default: true`.
 * @example
 * ```js
 * import { engines } from "nn-init";
 *
 * console.log(engines().map(({ name, available }) => `${name} ${available}`).join(", ")); // simd true, scalar true
 * ```
 */
export function engines(): EngineInfo[] {
  const absent = absence();
  const available = absent === undefined;
  const reason = absent ?? shortcoming();
  return [
    { name: "simd", available, default: available, ...(reason && { reason }) },
    { name: "scalar", available: true, default: !available },
  ];
}

/** The engine of that name; without a name, the best one that this runtime has. */
export function engine(name?: EngineName): Engine {
  if (name !== undefined) checkOneOf("engine", name, ["simd", "scalar"]);
  if (name === "scalar") return scalar;
  const reason = absence();
  if (reason === undefined) return simd;
  if (name === "simd") {
    throw wrongValue("engine", `"scalar", which runs everywhere (${reason})`, name);
  }
  return scalar;
}
