/** JSON files that people write and machines send: read whole, with the place of each fault. */
import { readFileSync } from "node:fs";
import parseJson, { JSONError } from "parse-json";
import { show } from "../check.js";
import { duplicateKey } from "../checkpoint/safetensors.js";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "no such file",
  ENOTDIR: "no such file",
};

export function cannotRead(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(`cannot read ${path}: ${REASONS[code ?? ""] ?? message}`, { cause: error });
}

/** @throws Error naming the file, and the place in it. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw cannotRead(path, error);
  }
  const json = parse(path, text);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new Error(`${path}, line ${twice.line}: the key ${show(twice.key)} is there twice`);
  return json;
}

/** @throws Error with the place: the lines around it, without the colours that a CI environment would get. */
function parse(path: string, text: string): unknown {
  try {
    return parseJson(text, path);
  } catch (error) {
    if (!(error instanceof JSONError) || error.codeFrame === undefined) throw error;
    throw new Error(
      error.message.replace(error.codeFrame, () => error.rawCodeFrame ?? ""),
      { cause: error },
    );
  }
}

/** Puts the file's name before the message of what `read` throws. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}
