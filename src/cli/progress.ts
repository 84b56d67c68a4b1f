/** A progress bar on standard error; none where that is not a terminal that can move its cursor. */
import { SingleBar } from "cli-progress";
import type { Io } from "./io.js";

/**
 * @param what is counted: "bytes".
 * @param barsize columns of the bar itself. An update can put a `note` behind what is counted.
 */
export function progress(total: number, what: string, { bars }: Io, barsize = 40): SingleBar | undefined {
  if (!bars) return undefined;
  const bar = new SingleBar({ format: `{bar} {percentage}% of {total} ${what}{note}`, clearOnComplete: true, barsize });
  bar.start(total, 0, { note: "" });
  return bar;
}

/** A function that moves a bar, if there is one, by so much. */
export const moving =
  (bar: SingleBar | undefined) =>
  (by: number): void =>
    bar?.increment(by);
