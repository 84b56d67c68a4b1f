/** The report of a command: what it found or wrote. */
import type { Io } from "./io.js";
import { isStdout } from "./place.js";

/** How a report is printed. */
interface ReportFlags {
  readonly json?: boolean | undefined;
  /** Whether tables may be wider than the terminal. */
  readonly wide?: boolean | undefined;
  /** The file that the command writes besides. */
  readonly file?: string | undefined;
}

/** Prints a report, as JSON or as text; to standard error where standard output has the file. */
export async function printReport(
  report: unknown,
  text: (width: number | undefined) => string,
  { json, wide, file }: ReportFlags,
  io: Io,
): Promise<void> {
  const printed = json ? `${JSON.stringify(report)}\n` : text(wide ? undefined : io.columns);
  await (isStdout(file) ? io.warn(printed) : io.print(printed));
}
