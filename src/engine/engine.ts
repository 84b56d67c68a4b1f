/** What an engine is. The implementations stand beside this file: `simd`, `scalar`, and the pool of threads. */
import type { Values } from "../dtype.js";
import type { Source } from "./source.js";

/** `simd`: the WebAssembly kernels. `scalar`: their twins in TypeScript, which run everywhere. */
export type EngineName = "simd" | "scalar";

/** Draws, and blocks until the values are there. */
export interface Drawer {
  /** Writes elements [start, start + out.length) of the source; `out` is an array of its dtype. */
  draw(source: Source, start: number, out: Values): void;
}

/** Draws, and resolves when the values are there. */
export interface AsyncDrawer {
  drawAsync(source: Source, start: number, out: Values): Promise<void>;
}

export interface Engine extends Drawer {
  readonly name: EngineName;
}

/** An engine, and whether this runtime has it. */
export interface EngineInfo {
  readonly name: EngineName;
  readonly available: boolean;
  /** Whether calls without an `engine` option use it. */
  readonly default: boolean;
  /** Why it is absent. */
  readonly reason?: string;
}
