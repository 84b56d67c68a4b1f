/** Errors about files begin with the file's name. */
import { clipped, printable } from "../check.js";

/** The path that stands for standard input, which also has no name where it is a pipe or a socket. */
export const STDIN = "-";

/** How a message names a file. */
export const placeName = (path: string): string => (path === STDIN ? "standard input" : printable(path));

/** An error about a file. */
export const fileError = (path: string, message: string, cause?: unknown): Error =>
  new Error(clipped(`${placeName(path)}: ${message}`), cause === undefined ? {} : { cause });

/** Runs `read` and puts the name of the file before the message of what it throws. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw fileError(path, (error as Error).message, error);
  }
}
