/** A progress bar on standard error; none where that is not a terminal that can move its cursor. */
import { SingleBar } from "cli-progress";
import type { Io } from "./io.js";

/** @param what is counted: "bytes". */
export function progress(total: number, what: string, { bars }: Io): SingleBar | undefined {
  if (!bars) return undefined;
  const bar = new SingleBar({ format: `{bar} {percentage}% of {total} ${what}`, clearOnComplete: true });
  bar.start(total, 0);
  return bar;
}
