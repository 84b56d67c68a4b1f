/** Threads that read a checkpoint's bytes for an audit. */
import type { Worker } from "node:worker_threads";
import type { Readers } from "../audit/audit.js";
import type { StoredMatrix } from "../audit/matrix.js";
import type { Job, Scanned } from "../audit/scan.js";
import type { Question } from "./audit.worker.js";
import type { Io } from "./io.js";
import { startThread } from "./thread.js";

const AHEAD = 2; // questions in each thread's queue, so that it never waits for the next

interface Waiting {
  readonly question: Exclude<Question, "end">;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class AuditPool implements Readers {
  readonly #workers: { readonly worker: Worker; readonly asked: Waiting[] }[];
  readonly #waiting: Waiting[] = [];

  constructor(threads: number, io: Pick<Io, "scripts">) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = startThread("audit", io);
      const asked: Waiting[] = [];
      worker.on("message", (answer: unknown) => {
        asked.shift()?.resolve(answer);
        this.#next();
      });
      worker.on("error", (error: Error) => {
        for (const { reject } of [...asked.splice(0), ...this.#waiting.splice(0)]) reject(error);
      });
      return { worker, asked };
    });
  }

  scan(job: Job): Promise<Scanned> {
    return this.#ask({ scan: job }) as Promise<Scanned>;
  }

  singularValue(matrix: StoredMatrix): Promise<number> {
    return this.#ask({ matrix }) as Promise<number>;
  }

  /** Asks the threads to end: Node 20 may abort when a thread is terminated while it starts (seen in 1 of 200 runs). */
  end(): void {
    for (const { worker } of this.#workers) worker.postMessage("end");
  }

  #ask(question: Exclude<Question, "end">): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    for (const { worker, asked } of this.#workers) {
      while (asked.length < AHEAD && this.#waiting.length > 0) {
        const next = this.#waiting.shift() as Waiting;
        asked.push(next);
        worker.postMessage(next.question);
      }
    }
  }
}
