/** Starts the threads of an audit, of a large file before the command has loaded what else it needs. */
import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import type { Io } from "./io.js";
import { startThread } from "./thread.js";

/** A thread that has started, and why it failed if it has. */
export interface StartedThread {
  readonly worker: Worker;
  failure: Error | undefined;
}

export function startAuditThreads(count: number | undefined, io: Pick<Io, "scripts">): readonly StartedThread[] {
  const others = (count ?? Math.min(8, availableParallelism())) - 1; // this thread reads, too
  return Array.from({ length: others }, () => {
    const thread: StartedThread = { worker: startThread("audit", io), failure: undefined };
    thread.worker.on("error", (error: Error) => {
      thread.failure = error;
    });
    return thread;
  });
}

/** Asks threads to end: Node 20 may abort when a thread is terminated while it starts (seen in 1 of 200 runs). */
export function endAuditThreads(threads: readonly StartedThread[]): void {
  for (const { worker } of threads) worker.postMessage("end");
}

const LARGE = 2 ** 24; // bytes: with fewer, an error should not wait for threads that start

/** Whether a path is a file that takes as long to read as threads take to start. */
export function isLarge(path: string): boolean {
  try {
    return statSync(path).size >= LARGE;
  } catch {
    return false; // opening it will say why
  }
}
