/**
 * Runs tasks in a worker. The newest request wins: while one runs, only the latest that came after it waits, and those between
 * are dropped. A running task is ended by ending its worker; the next one gets a new worker.
 */
import { workerScript } from "./script.js";
import type { Answer, InputOf, OutputOf, TaskName } from "./task.js";

/** What a request was answered by, if no newer one took its place. */
interface Done<Output> {
  readonly output: Output;
  /** Milliseconds that the library needed for it, in the worker. */
  readonly milliseconds: number;
}

export interface Runner {
  /**
   * Runs a task. Undefined if a newer request took its place or it was cancelled.
   *
   * @param options.onProgress what the task tells. `now`: whether to end a task that is running; otherwise it is waited for.
   * @throws Error with the message of what the task threw.
   */
  run<Name extends TaskName>(
    task: Name,
    input: InputOf<Name>,
    options?: { readonly onProgress?: (progress: unknown) => void; readonly now?: boolean },
  ): Promise<Done<OutputOf<Name>> | undefined>;
  /** Ends what is running, and drops what waits. */
  cancel(): void;
}

interface Job {
  readonly id: number;
  readonly task: TaskName;
  readonly input: unknown;
  readonly onProgress: ((progress: unknown) => void) | undefined;
  readonly resolve: (done: Done<never> | undefined) => void;
  readonly reject: (error: Error) => void;
}

export function runner(start: () => Worker = () => new Worker(workerScript(), { type: "module" })): Runner {
  let worker: Worker | undefined;
  let running: Job | undefined;
  let waiting: Job | undefined;
  let count = 0;

  function spawn(): Worker {
    const made = start();
    made.onmessage = ({ data }: MessageEvent<Answer>) => take(data);
    made.onerror = (event) => {
      event.preventDefault();
      fail(event.message || "the worker's script could not be loaded");
    };
    worker = made;
    return made;
  }

  function take(answer: Answer): void {
    if (running === undefined || answer.id !== running.id) return;
    const { resolve, reject, onProgress } = running;
    if ("progress" in answer) {
      onProgress?.(answer.progress);
      return;
    }
    running = undefined;
    if ("error" in answer) reject(new Error(answer.error));
    else resolve({ output: answer.result as never, milliseconds: answer.milliseconds });
    next();
  }

  function fail(message: string): void {
    const job = running;
    stop();
    job?.reject(new Error(message));
    next();
  }

  function next(): void {
    if (running !== undefined || waiting === undefined) return;
    running = waiting;
    waiting = undefined;
    const { id, task, input } = running;
    (worker ?? spawn()).postMessage({ id, task, input });
  }

  function stop(): void {
    worker?.terminate();
    worker = undefined;
    running = undefined;
  }

  function cancel(): void {
    const dropped = [running, waiting];
    waiting = undefined;
    if (running !== undefined) stop();
    for (const job of dropped) job?.resolve(undefined);
  }

  return {
    run(task, input, { onProgress, now = false } = {}) {
      return new Promise((resolve, reject) => {
        if (now) cancel();
        waiting?.resolve(undefined);
        waiting = { id: ++count, task, input, onProgress, resolve: resolve as Job["resolve"], reject };
        next();
      });
    },
    cancel,
  };
}
