/** Starts the threads of the command. */
import { parentPort, type TransferListItem, Worker, type WorkerOptions } from "node:worker_threads";
import type { Io } from "./io.js";

const YOUNG = { maxYoungGenerationSizeMb: 8 }; // instead of 48 MB of garbage in each thread
const LITTLE = { maxYoungGenerationSizeMb: 4 }; // for threads that draw and hash, whose memory a task adds up

type Script = "audit" | "compare" | "draw" | "hash" | "lab";

/** Whether Node's permission model lets threads start, for work that this thread can do as well. */
export const mayStartThread = (): boolean => process.permission?.has("worker") !== false;

/** @throws Error that says what to do where Node's permission model forbids threads. */
export function startThread(name: Script, { scripts }: Pick<Io, "scripts">, options?: WorkerOptions) {
  try {
    return new Worker(new URL(`${name}.worker.js`, scripts), { resourceLimits: YOUNG, ...options });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ACCESS_DENIED") throw error;
    throw new Error("Node's permission model forbids threads: run node with --allow-worker", { cause: error });
  }
}

interface Due {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** A thread that answers questions in their order, and keeps the program alive only while an answer is due. */
export class AskedThread<Question> {
  readonly #worker: Worker;
  readonly #waiting: Due[] = [];
  #failure: Error | undefined;

  /** @param workerData what the thread finds under this name. */
  constructor(name: Script, io: Pick<Io, "scripts">, workerData?: unknown) {
    this.#worker = startThread(name, io, { workerData, resourceLimits: LITTLE });
    this.#worker.unref();
    this.#worker.on("message", (answer: unknown) => {
      this.#waiting.shift()?.resolve(answer);
      if (this.#waiting.length === 0) this.#worker.unref();
    });
    this.#worker.on("error", (error: Error) => {
      this.#failure = error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /**
   * @param moved what of the question is moved instead of copied.
   * @returns what the thread answers; rejects once the thread has failed.
   */
  ask(question: Question, moved: readonly TransferListItem[] = []): Promise<unknown> {
    this.#worker.postMessage(question, moved);
    return this.next();
  }

  /** The next message of the thread that answers no earlier question. */
  next(): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.ref();
    });
  }

  /** Sends what has no answer. */
  tell(question: Question): void {
    this.#worker.postMessage(question);
  }

  /** Asks the thread to end: Node 20 may abort when a thread is terminated while it starts. */
  end(): void {
    this.#worker.postMessage("end");
  }
}

/**
 * Answers what `AskedThread` asks, in the thread that it has started.
 *
 * @param answer undefined where the question has no answer.
 * @param moved what of an answer is moved instead of copied.
 */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Answer,
  moved: (answer: Awaited<Answer>) => readonly TransferListItem[] = () => [],
): void {
  parentPort?.on("message", async (question: Question | "end") => {
    if (question === "end") process.exit(); // of this thread; in Deno, closing the port does not end it
    const answered = await answer(question);
    if (answered !== undefined) parentPort?.postMessage(answered, moved(answered));
  });
}
