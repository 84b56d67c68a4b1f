/** Cleans up when the command is interrupted. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * On SIGHUP, SIGINT or SIGTERM, calls `clean` and ends the process with 128 + n, as a shell counts. Returns a function that
 * undoes this.
 *
 * @param blocked whether a write may wait for a reader for ever: then the signal itself ends the process, since an exit would
 * wait for the write.
 */
export function onInterrupt(clean: () => void, blocked = false): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, number]) => {
    const handler = () => {
      clean();
      if (!blocked) process.exit(128 + number);
      setImmediate(() => {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      });
    };
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const undo of handlers) undo();
  };
}
