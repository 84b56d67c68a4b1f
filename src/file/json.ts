/** JSON files: read whole, up to a limit, and checked, with the file and the place in every message. */
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { clipped } from "../check.js";
import { notJson, SAFETENSORS } from "../checkpoint/format.js";
import { parseJson } from "../checkpoint/json.js";
import { inFile, placeName, STDIN } from "../checkpoint/place.js";
import { MOST_CONFIG, withoutPython } from "../checkpoint/python.js";
import { reasonOf } from "../model/fault.js";
import { openRegular } from "./regular.js";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link that leads back to itself",
  ENAMETOOLONG: "no such file",
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  ENXIO: "it is a socket",
};

export function cannotRead(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const message = `cannot read ${placeName(path)}: ${REASONS[code ?? ""] ?? reasonOf(error)}`;
  return new Error(clipped(message), { cause: error });
}

/** @throws Error for a path that leads nowhere. */
export function isFolder(path: string): boolean {
  if (path === STDIN) return false;
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** The most bytes of a list of shapes or an index, as of a header. */
export const MOST_LIST = 100_000_000;

interface JsonReading {
  /** The most bytes that are read. */
  readonly most: number;
  /**
   * Whether the file was found beside another one or in a folder, not named. It may then be a link to anything, so it must
   * be a regular file, and no message quotes it.
   */
  readonly found?: boolean;
  /** Whether numbers can be Infinity and NaN, which Python writes though JSON has none: configs of Mamba-2 have one. */
  readonly python?: boolean;
}

/**
 * The value of a JSON file. One that was named may be a pipe.
 *
 * @throws Error naming the file, the line and the column.
 */
export function readJson(
  path: string,
  { most, found = false, python = false }: JsonReading = { most: MOST_LIST },
): unknown {
  let text: string;
  try {
    const file = path === STDIN ? 0 : found ? openRegular(path) : openSync(path, "r");
    try {
      text = readText(file, path, most);
    } finally {
      if (path !== STDIN) closeSync(file);
    }
  } catch (error) {
    throw cannotRead(path, error);
  }
  const parse = () => (python ? parsePythonJson(text) : parseJson(text));
  return inFile(path, () => (found ? unquoted(parse) : parse()));
}

const CHUNK_BYTES = 0x100000;

/** The text of an open file, read until it ends. */
function readText(file: number, path: string, most: number): string {
  const tooLong = () => new Error(`expected JSON of at most ${most} bytes`);
  const stats: Stats = fstatSync(file);
  const size = stats.isFile() ? stats.size : 0;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // a BOM is refused by the parser
  const chunk = new Uint8Array(CHUNK_BYTES);
  let text = "";
  let bytes = 0;
  for (;;) {
    const count = readSome(file, chunk);
    const other = bytes === 0 ? notJson(chunk.subarray(0, count)) : undefined;
    if (other !== undefined) {
      const unnamed = other === SAFETENSORS && !path.endsWith(".safetensors");
      throw new Error(`expected JSON, got ${other}${unnamed ? "; give it a name that ends in .safetensors" : ""}`);
    }
    bytes += count;
    if (Math.max(bytes, size) > most) throw tooLong();
    try {
      text += decoder.decode(chunk.subarray(0, count), { stream: count > 0 });
    } catch (error) {
      const hint = file === 0 ? "; a checkpoint is read from a file that has a name" : "";
      throw new Error(`it is not UTF-8 text${hint}`, { cause: error });
    }
    if (count === 0) return text;
  }
}

/** Waits for a pipe that another process has set not to wait. */
function readSome(file: number, chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(file, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0; // a closed pipe on Windows
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function parsePythonJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (text.length > MOST_CONFIG) throw error;
    try {
      return parseJson(withoutPython(text));
    } catch {
      throw error; // of the text as it is
    }
  }
}

/** Keeps the place of a fault, and nothing that stands there. */
function unquoted<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const [place = "it"] = /^line \d+, column \d+/.exec((error as Error).message) ?? [];
    throw new TypeError(`${place}: it is not valid JSON`);
  }
}
