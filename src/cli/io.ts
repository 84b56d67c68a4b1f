/** What a command writes to, besides files: the process's own streams, or whatever a test passes. */
import { cannotWrite } from "./place.js";

export interface Io {
  /** Writes to standard output; rejects where it is closed or full. */
  print(text: string): Promise<void>;
  /** Writes to standard error. */
  warn(text: string): void;
  /** Width of the terminal that standard output is; undefined where it is a pipe or a file. */
  readonly columns: number | undefined;
  /** Whether progress bars may move the cursor of standard error. */
  readonly bars: boolean;
  /** The folder of the threads' scripts, which ends with "/". */
  readonly scripts: URL;
  /** Version of the package. */
  readonly version: string;
}

/** The streams of this process. */
export function processIo(own: Pick<Io, "scripts" | "version">): Io {
  const { stdout, stderr, env } = process;
  // Each failed write rejects its own promise; without a listener the event would end the process with a stack trace.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  return {
    ...own,
    print: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => (error ? reject(refused(error)) : resolve()));
      }),
    warn: (text) => void stderr.write(text),
    columns: stdout.isTTY ? widthOf(env.COLUMNS, stdout.columns) : undefined,
    bars: stderr.isTTY && env.TERM !== "dumb" && !env.NO_COLOR,
  };
}

/** COLUMNS wins over what the terminal says; 80 where neither is a width. */
function widthOf(asked: string | undefined, terminal: number): number {
  const columns = Number(asked);
  if (Number.isSafeInteger(columns) && columns > 0) return columns;
  return terminal > 0 ? terminal : 80;
}

/** EPIPE stays as it is: `main` ends quietly where the reader of a pipe has gone. */
const refused = (error: NodeJS.ErrnoException): Error =>
  error.code === "EPIPE" ? error : cannotWrite("standard output", error);
