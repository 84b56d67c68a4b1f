/** Cleans up when the command is interrupted. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** On SIGHUP, SIGINT or SIGTERM, calls `clean` and exits with 128 + n. Returns a function that undoes this. */
export function onInterrupt(clean: () => void): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, number]) => {
    const handler = () => {
      clean();
      process.exit(128 + number);
    };
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const undo of handlers) undo();
  };
}
