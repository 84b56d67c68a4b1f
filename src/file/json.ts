/** JSON files: read whole and checked, with the file and the place in every message. */
import { readFileSync } from "node:fs";
import { clipped, printable } from "../check.js";
import { parseJson } from "../checkpoint/json.js";
import { reasonOf } from "../model/fault.js";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "no such file",
  ENOTDIR: "no such file",
};

/** The path that stands for standard input, which also has no name where it is a pipe or a socket. */
export const STDIN = "-";

const nameOf = (path: string): string => (path === STDIN ? "standard input" : printable(path));

/** An error about a file. */
export const fileError = (path: string, message: string, cause?: unknown): Error =>
  new Error(clipped(`${nameOf(path)}: ${message}`), cause === undefined ? {} : { cause });

export function cannotRead(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const message = `cannot read ${nameOf(path)}: ${REASONS[code ?? ""] ?? reasonOf(error)}`;
  return new Error(clipped(message), { cause: error });
}

/**
 * The value of a JSON file.
 *
 * @throws Error naming the file, the line and the column.
 */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path === STDIN ? 0 : path, "utf8");
  } catch (error) {
    throw cannotRead(path, error);
  }
  return inFile(path, () => parseJson(text));
}

/** Runs `read` and puts the name of the file before the message of what it throws. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw fileError(path, (error as Error).message, error);
  }
}
