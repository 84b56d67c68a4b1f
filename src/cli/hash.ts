/** SHA-256 in a thread of its own, so that hashing overlaps drawing. */
import { Worker } from "node:worker_threads";

export class Hasher {
  readonly #worker = new Worker(new URL("./hash.worker.js", import.meta.url));
  readonly #waiting: { resolve(answer: string): void; reject(error: Error): void }[] = [];

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (answer: string) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on("error", (error: Error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /** Hashes after all that was given before; shared bytes must stay as they are until the promise is settled. */
  async update(bytes: Uint8Array): Promise<void> {
    await this.#ask(bytes);
  }

  /** The hash of all bytes, in hexadecimal; ends the thread. */
  async digest(): Promise<string> {
    const hex = await this.#ask("digest");
    this.end();
    return hex;
  }

  /** It ends by itself: Node 20 may abort when a thread is terminated that is still starting. */
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
