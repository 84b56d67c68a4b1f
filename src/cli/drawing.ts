/** Who draws for the command, and the buffers drawn into. */
import { readFileSync } from "node:fs";
import { engine } from "../engine/choose.js";
import type { Drawer, EngineName } from "../engine/engine.js";
import { openPool, type ThreadPool } from "../pool.js";
import { UsageError } from "./arguments.js";

/** Bytes of a piece: drawn, hashed and written as one. */
export const PIECE_BYTES = 2 ** 21;
const BUFFERS = 4; // pieces of a file in flight

export type Buffers = readonly Uint8Array<SharedArrayBuffer>[];

export class Drawing implements Drawer {
  readonly engine: EngineName;
  readonly #one: Drawer;
  #pool: ThreadPool | undefined;

  /** @throws Error if threads cannot draw by the engine. */
  constructor(
    name: EngineName | "auto",
    readonly threads: number,
  ) {
    const one = engine(name !== "auto" ? name : leavesRoom(threads) ? undefined : "scalar");
    if (threads > 1 && one.name === "scalar") throw new UsageError("--threads: expected the engine simd, got scalar");
    this.engine = one.name;
    this.#one = one;
  }

  draw(...call: Parameters<Drawer["draw"]>): void {
    (this.#pool ?? this.#one).draw(...call);
  }

  /** Buffers for the pieces of so many files at once. Their memory is shared because other threads draw and hash. */
  open(files: number): readonly Buffers[] {
    if (this.threads === 1 || files === 0) {
      return ring(files, () => new Uint8Array(new SharedArrayBuffer(PIECE_BYTES)));
    }
    this.#pool = openPool({ threads: this.threads });
    const arena = this.#pool.arena(files * BUFFERS * PIECE_BYTES);
    return ring(files, () => {
      const { buffer, byteOffset, byteLength } = arena.allocate(PIECE_BYTES / 4);
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
  }

  close(): void {
    this.#pool?.close();
  }
}

/**
 * Whether threads can still start when the kernels have their memory. V8 takes 10 GB of addresses for that and aborts the process
 * where it then has none for a thread. With less than 10 GB it says so, and the twins draw without being asked.
 */
function leavesRoom(threads: number): boolean {
  try {
    const [, limit] = /^Max address space +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return limit === undefined || Number(limit) > 12.8e9 + threads * 0.6e9; // one thread needs 12.4e9 (measured)
  } catch {
    return true; // there is such a file in Linux alone
  }
}

const ring = (files: number, make: () => Uint8Array<SharedArrayBuffer>): readonly Buffers[] =>
  Array.from({ length: files }, () => Array.from({ length: BUFFERS }, make));
