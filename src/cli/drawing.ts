/** Who draws for the command, and into which memory. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Arena } from "../arena.js";
import { engine } from "../engine/choose.js";
import type { Drawer, EngineName } from "../engine/engine.js";
import { openPool, type ThreadPool } from "../pool.js";
import type { Seed } from "../stream.js";
import { UsageError } from "./arguments.js";
import { OwnHasher, ThreadHasher } from "./hash.js";
import type { Io } from "./io.js";
import { buffersIn, type Cut, FILE_CUT, type Lane, OwnLane, PIECE_BYTES, STEP_BYTES } from "./lane.js";
import { openThreadLanes } from "./lane.thread.js";

interface DrawingOptions {
  readonly engine: EngineName | "auto";
  readonly threads: number;
  /** Whether values are measured. */
  readonly measured: boolean;
  readonly io: Pick<Io, "scripts">;
}

export class Drawing implements Drawer {
  readonly engine: EngineName;
  readonly #one: Drawer;
  readonly #options: DrawingOptions;
  readonly #lanes: Lane[] = [];
  readonly #limit = addressLimit();
  #pool: ThreadPool | undefined;

  /** @throws Error if threads cannot draw by the engine. */
  constructor(options: DrawingOptions) {
    const { engine: name, threads } = options;
    if (threads > 1 && !leavesRoom(this.#limit, 2, threads)) {
      throw new UsageError(`--threads: expected 1, since ulimit -v leaves too few addresses for ${threads}`);
    }
    const one = engine(name !== "auto" ? name : leavesRoom(this.#limit, 1, threads) ? undefined : "scalar");
    if (threads > 1 && one.name === "scalar") throw new UsageError("--threads: expected the engine simd, got scalar");
    this.engine = one.name;
    this.#one = one;
    this.#options = options;
  }

  draw(...call: Parameters<Drawer["draw"]>): void {
    (this.#pool ?? this.#one).draw(...call);
  }

  /** A lane for files that are written one after the other. All threads draw each piece of them. */
  lane(cut = FILE_CUT): Lane {
    const lane = new OwnLane({ ...this.#memory(cut), measured: this.#options.measured });
    this.#lanes.push(lane);
    return lane;
  }

  /** Lanes for so many files of a checkpoint: each has a thread of its own, as far as there are threads. */
  async lanes(files: number, seed: Seed, cut: Cut): Promise<readonly Lane[]> {
    const { threads, measured, io } = this.#options;
    const count = Math.min(threads, files);
    if (count === 0) return [];
    if (count === 1 || !leavesRoom(this.#limit, 1 + count, count)) return [this.lane(cut)];
    const lanes = await openThreadLanes(count, { seed, measured, cut }, io);
    this.#lanes.push(...lanes);
    return lanes;
  }

  close(): void {
    for (const lane of this.#lanes) lane.end();
    this.#pool?.close();
  }

  /** Where pieces are drawn, and who hashes them: another thread while the next one is drawn, if it has a core to run on. */
  #memory(cut: Cut) {
    const { threads, io } = this.#options;
    if (threads > 1) {
      this.#pool ??= openPool({ threads });
      const { buffer, byteOffset } = this.#pool.arena(bytesOf(cut)).allocate(bytesOf(cut) / 4);
      return {
        buffers: buffersIn(buffer, byteOffset, cut),
        hasher: new ThreadHasher(cut.parts, io),
        step: PIECE_BYTES,
      };
    }
    if (availableParallelism() === 1) {
      const { buffer, byteOffset } = new Arena(bytesOf(cut)).allocate(bytesOf(cut) / 4);
      return { buffers: buffersIn(buffer, byteOffset, cut), hasher: new OwnHasher(cut.parts), step: STEP_BYTES };
    }
    const shared = sharedMemory(bytesOf(cut), leavesRoom(this.#limit, 2, 1));
    return { buffers: buffersIn(shared, 0, cut), hasher: new ThreadHasher(cut.parts, io), step: PIECE_BYTES };
  }
}

/**
 * Whether threads can still start when so many memories of WebAssembly are made. V8 takes 10 GiB of addresses for each, and aborts
 * the process where it then has none for a thread. With less than that it says so, and the twins draw without being asked.
 */
const leavesRoom = (limit: number, memories: number, threads: number): boolean =>
  limit > memories * 10.8e9 + threads * 0.6e9 + 2e9; // 12.4e9 for one of each (measured)

/** Bytes of addresses that this process may have, which `ulimit -v` sets. */
function addressLimit(): number {
  try {
    const [, bytes] = /^Max address space +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return Number(bytes ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY; // there is such a file in Linux alone
  }
}

const bytesOf = ({ buffers, pieceBytes }: Cut): number => buffers * pieceBytes;

/** Whole pages of memory, if WebAssembly has some and there is room for it: only from these do files take bytes without a copy. */
const sharedMemory = (bytes: number, hasRoom: boolean): SharedArrayBuffer =>
  (hasRoom ? pagesOf(bytes) : undefined) ?? new SharedArrayBuffer(bytes);

function pagesOf(bytes: number): SharedArrayBuffer | undefined {
  const pages = bytes / 65536;
  try {
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return buffer as ArrayBufferLike as SharedArrayBuffer;
  } catch {
    return undefined;
  }
}
