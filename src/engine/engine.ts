/** What an engine is. The implementations stand beside this file: `simd`, `scalar`, and the pool of threads. */
import type { Values } from "../dtype.js";
import type { Source } from "./source.js";

/**
 * `simd`: the WebAssembly kernels. `scalar`: their twins in TypeScript, which run everywhere. Both draw the same bits.
 */
export type EngineName = "simd" | "scalar";

/** What an engine is asked for in one call: elements [start, start + out.length) of the source, written to `out`. */
export interface Draw {
  readonly source: Source;
  readonly start: number;
  /** An array of the source's dtype. */
  readonly out: Values;
}

/** Draws, and returns when the values are there. */
export interface Drawer {
  draw(source: Source, start: number, out: Values): void;
}

/** Draws without blocking; the promise resolves when the values are there. */
export interface AsyncDrawer {
  drawAsync(source: Source, start: number, out: Values): Promise<void>;
}

export interface Engine extends Drawer {
  readonly name: EngineName;
}

/** An engine, and whether this runtime has it. */
export interface EngineInfo {
  /** The name, as the option `engine` takes it. */
  readonly name: EngineName;
  /** Whether this runtime has the engine. */
  readonly available: boolean;
  /** Whether calls without an `engine` option use it. */
  readonly default: boolean;
  /** Why it is not available, or which draws it leaves to `scalar` and why; absent when it makes all. */
  readonly reason?: string | undefined;
}
