/** SHA-256 of files, one after the other: in this thread, or in a thread of its own, so that hashing overlaps drawing. */
import { createHash } from "node:crypto";
import type { Io } from "./io.js";
import { AskedThread } from "./thread.js";

export interface Hasher {
  /** Begins a file, and forgets what there was of another. */
  start(): void;
  /** Takes in the bytes after those of earlier calls. They must not change until the promise is settled, and may be moved. */
  update(bytes: Uint8Array): Promise<void>;
  /** The hash of the bytes since the end of the part before, in hexadecimal; "" where parts are not hashed. */
  endPart(): Promise<string>;
  /** The hash of all bytes since `start`, in hexadecimal. */
  digest(): Promise<string>;
  /** No more files will come. */
  end(): void;
}

/** Hashes at once: bytes that were just drawn are still in the processor's cache. */
export class OwnHasher implements Hasher {
  #file = createHash("sha256");
  #part = createHash("sha256");

  /** @param parts whether parts are hashed, too. */
  constructor(private readonly parts: boolean) {}

  start(): void {
    this.#file = createHash("sha256");
    this.#part = createHash("sha256");
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.#file.update(bytes);
    if (this.parts) this.#part.update(bytes);
  }

  async endPart(): Promise<string> {
    if (!this.parts) return "";
    const hash = this.#part.digest("hex");
    this.#part = createHash("sha256");
    return hash;
  }

  async digest(): Promise<string> {
    return this.#file.digest("hex");
  }

  end(): void {}
}

/** What the thread of hash.worker.ts is told. Bytes are a view without elements: Deno looks at each element of an array in a message. */
export type HashQuestion = DataView | "start" | "part" | "digest";

export class ThreadHasher implements Hasher {
  readonly #thread: AskedThread<HashQuestion>;

  constructor(
    private readonly parts: boolean,
    io: Pick<Io, "scripts">,
  ) {
    this.#thread = new AskedThread("hash", io, parts);
  }

  start(): void {
    this.#thread.tell("start");
  }

  /** Shared memory is not copied, and bytes with a buffer of their own are moved. */
  async update(bytes: Uint8Array): Promise<void> {
    const { buffer, byteOffset, byteLength } = bytes;
    const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
    await this.#thread.ask(new DataView(buffer, byteOffset, byteLength), isOwn ? [buffer] : []);
  }

  async endPart(): Promise<string> {
    return this.parts ? ((await this.#thread.ask("part")) as string) : "";
  }

  digest(): Promise<string> {
    return this.#thread.ask("digest") as Promise<string>;
  }

  end(): void {
    this.#thread.end();
  }
}
