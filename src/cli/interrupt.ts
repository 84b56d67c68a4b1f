/** Cleans up when the command is interrupted. */
/** What a terminal or another process ends a program with. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

type Signal = keyof typeof SIGNALS;

interface Cleaner {
  clean(): void;
  /** Whether a write may wait for a reader for ever. */
  readonly blocked: boolean;
  /** Takes the first signal, in place of ending the process. */
  stop?: ((exitCode: number) => void) | undefined;
}

const cleaners = new Set<Cleaner>();

/**
 * On one of the signals, calls `clean`, as of every other caller, and ends the process with 128 + n, as a shell counts. Returns a
 * function that undoes this.
 *
 * @param blocked whether a write may wait for a reader for ever: then the signal itself ends the process, since an exit would
 * wait for the write.
 */
export function onInterrupt(clean: () => void, blocked = false): () => void {
  return added({ clean, blocked });
}

/**
 * On the first of these signals, calls `stop` with the exit code to end with, 128 + n; the next one ends the process as
 * `onInterrupt` says. Returns a function that undoes this.
 */
export function onFirstInterrupt(stop: (exitCode: number) => void): () => void {
  return added({ clean: () => {}, blocked: false, stop });
}

function added(cleaner: Cleaner): () => void {
  if (cleaners.size === 0) for (const signal of signals()) process.on(signal, end);
  cleaners.add(cleaner);
  return () => {
    cleaners.delete(cleaner);
    if (cleaners.size === 0) for (const signal of signals()) process.off(signal, end);
  };
}

const signals = (): readonly Signal[] => Object.keys(SIGNALS) as Signal[];

function end(signal: Signal): void {
  const stopping = [...cleaners].find(({ stop }) => stop !== undefined);
  if (stopping !== undefined) {
    const { stop } = stopping;
    stopping.stop = undefined;
    stop?.(128 + SIGNALS[signal]);
    return;
  }
  const blocked = [...cleaners].some((cleaner) => cleaner.blocked);
  for (const { clean } of [...cleaners].reverse()) clean(); // what began last ends first
  if (!blocked) process.exit(128 + SIGNALS[signal]);
  setImmediate(() => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
