/** How far a command is, on a terminal; nothing where the output is piped. */
import { SingleBar } from "cli-progress";

/** @param what is counted: "bytes". */
export function progress(total: number, what: string): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({ format: `{bar} {percentage}% of {total} ${what}`, clearOnComplete: true });
  bar.start(total, 0);
  return bar;
}
