/** Threads that read a checkpoint's bytes for an audit: this one, which checks what was found besides, and others. */
import type { Worker } from "node:worker_threads";
import type { StoredComputed } from "../audit/computed.js";
import type { StoredMatrix } from "../audit/matrix.js";
import { isSmall, type Scanned, type StoredPiece, scan } from "../audit/scan.js";
import type { Readers } from "../audit/tensors.js";
import type { Extent } from "../checkpoint/stored.js";
import { readInTurns, readNow } from "../file/bytes.js";
import { type Answer, type Question, readingOf } from "./audit.answer.js";
import { closeFile, fileOf } from "./audit.open.js";
import { endAuditThreads, type StartedThread } from "./audit.threads.js";

const AHEAD = 2; // messages in each thread's queue, so that it never waits for the next
// A message has as many questions as there are up to one of these, so that small tensors are not sent one by one.
const MOST_QUESTIONS = 64;
const MOST_BYTES = 2 ** 20;

interface Waiting {
  readonly question: Question;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  /** The questions of each message that has no answer yet. */
  readonly asked: (readonly Waiting[])[];
}

export class AuditPool implements Readers {
  readonly #threads: readonly Thread[];
  readonly #waiting: Waiting[] = [];
  readonly #started: readonly StartedThread[];
  #failure: Error | undefined;
  #asking = false;
  #reading = false;

  constructor(started: readonly StartedThread[]) {
    this.#started = started;
    this.#failure = started.find(({ failure }) => failure !== undefined)?.failure;
    this.#threads = started.map(({ worker }) => {
      const asked: (readonly Waiting[])[] = [];
      worker.on("message", (answers: readonly Answer[]) => {
        asked.shift()?.forEach(({ resolve }, i) => {
          resolve(answers[i]);
        });
        this.#ask();
      });
      worker.on("error", (error: Error) => {
        this.#failure = error;
        for (const { reject } of [...asked.splice(0).flat(), ...this.#take(Number.POSITIVE_INFINITY)]) reject(error);
      });
      return { worker, asked };
    });
  }

  /** A small piece is read at once, in this thread: asking another one takes longer, and more memory. */
  scan(piece: StoredPiece): Scanned | Promise<Scanned> {
    if (isSmall(piece)) return readNow(scan(piece), fileOf);
    return this.#answer({ scan: piece }) as Promise<Scanned>;
  }

  hash(extent: Extent): Promise<string> {
    return this.#answer({ hash: extent }) as Promise<string>;
  }

  singularValue(matrix: StoredMatrix): Promise<number> {
    return this.#answer({ matrix }) as Promise<number>;
  }

  computedFault(computed: StoredComputed): Promise<string> {
    return this.#answer({ computed }) as Promise<string>;
  }

  end(): void {
    endAuditThreads(this.#started);
    closeFile();
  }

  #answer(question: Question): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      this.#ask();
    });
  }

  /** Sends the waiting questions, once the current code has asked all of its own. */
  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    setImmediate(() => {
      this.#asking = false;
      for (let round = 0; round < AHEAD; ++round) {
        for (const { worker, asked } of this.#threads) {
          if (asked.length > round) continue;
          const next = this.#take(MOST_QUESTIONS);
          if (next.length === 0) return;
          asked.push(next);
          worker.postMessage(next.map(({ question }) => question));
        }
      }
      if (!this.#reading) void this.#read();
    });
  }

  /** Answers questions in this thread, while all others have enough. Between two reads it takes their answers. */
  async #read(): Promise<void> {
    this.#reading = true;
    for (let [next] = this.#take(1); next !== undefined; [next] = this.#take(1)) {
      const reading = readingOf(next.question).then((reading) => readInTurns(reading, fileOf));
      await reading.then(next.resolve, next.reject);
    }
    this.#reading = false;
  }

  /** Takes the oldest questions: at most `most`, and only until their bytes reach MOST_BYTES. */
  #take(most: number): readonly Waiting[] {
    let [count, bytes] = [0, 0];
    while (count < this.#waiting.length && count < most && bytes < MOST_BYTES) {
      bytes += bytesToRead((this.#waiting[count++] as Waiting).question);
    }
    return this.#waiting.splice(0, count); // a question that was sent is dropped, since its promise keeps the answer
  }
}

/** The bytes that a thread reads for a question; a matrix counts as many, since it takes longer than any other. */
const bytesToRead = (question: Question): number =>
  "scan" in question ? question.scan.bytes : "hash" in question ? question.hash.bytes : MOST_BYTES;
