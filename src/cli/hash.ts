/** SHA-256 in a thread of its own, so that hashing overlaps drawing. */
import type { Worker } from "node:worker_threads";
import type { Io } from "./io.js";
import { startThread } from "./thread.js";

export class Hasher {
  readonly #worker: Worker;
  readonly #waiting: { resolve(answer: string): void; reject(error: Error): void }[] = [];

  constructor(io: Pick<Io, "scripts">) {
    this.#worker = startThread("hash", io);
    this.#worker.unref();
    this.#worker.on("message", (answer: string) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on("error", (error: Error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /** Hashes the bytes after those of earlier calls. Shared memory must not change until the promise is settled. */
  async update(bytes: Uint8Array): Promise<void> {
    await this.#ask(bytes);
  }

  /** The hash of all bytes, in hexadecimal; ends the thread. */
  async digest(): Promise<string> {
    const hex = await this.#ask("digest");
    this.end();
    return hex;
  }

  /** Asks the thread to end: Node 20 may abort when a thread is terminated while it starts. */
  end(): void {
    this.#worker.postMessage("end");
  }

  #ask(question: Uint8Array | "digest"): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.ref(); // an answer is due
      this.#worker.postMessage(question);
    });
  }
}
