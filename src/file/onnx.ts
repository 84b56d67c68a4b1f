/** ONNX models on disk, with the files beside them that have their data. What is not needed is not read. */
import { closeSync, fstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { type OnnxModel, readOnnx } from "../adapter/onnx/model.js";
import type { ByteSource } from "../checkpoint/bytes.js";
import { fileError } from "../checkpoint/place.js";
import { reasonOf } from "../model/fault.js";
import { readAt } from "./bytes.js";
import { cannotRead } from "./json.js";
import { openRegular } from "./regular.js";

/** An ONNX model on disk, whose files are open. */
export interface OpenOnnx {
  readonly path: string;
  readonly model: OnnxModel;
  close(): void;
}

/** @throws Error naming the file. */
export async function openOnnx(path: string): Promise<OpenOnnx> {
  const files = new OpenFiles();
  try {
    const source = files.open(path);
    const external = (location: string) => files.open(besides(path, location));
    const model = await readOnnx(source, { name: basename(path).replace(/\.onnx$/i, ""), external });
    return { path, model, close: () => files.close() };
  } catch (error) {
    files.close();
    throw (error as { path?: string }).path === path ? error : fileError(path, reasonOf(error), error);
  }
}

/** The path of a file with data. A link must not lead out of the model's folder. */
function besides(path: string, location: string): string {
  const folder = dirname(path);
  const file = join(folder, location);
  try {
    if (realpathSync(file).startsWith(join(realpathSync(folder), sep))) return file;
  } catch (error) {
    throw cannotRead(file, error);
  }
  throw new Error(`expected data in the folder of the model, got ${file}, a link that leads out of it`);
}

const MOST_OPEN = 64; // files at once; a model may have one for each tensor

/** Files that are read by ranges, of which few are open at once. */
class OpenFiles {
  readonly #files = new Map<string, number>(); // from the one that was opened first
  readonly #paths = new Map<string, string>(); // by device and inode

  /**
   * @throws Error naming the file, unless it is a regular one that is not open under another name: of two new files, one
   * would replace the other.
   */
  open(path: string): ByteSource {
    const { dev, ino, size } = fstatSync(this.#file(path), { bigint: true });
    const known = this.#paths.get(`${dev}:${ino}`);
    if (known !== undefined)
      throw new Error(`expected files of their own, got ${known} and ${path}, which are one file`);
    this.#paths.set(`${dev}:${ino}`, path);
    const byteLength = Number(size);
    return { byteLength, read: (begin, end) => readAt(this.#file(path), new Uint8Array(end - begin), begin) };
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #file(path: string): number {
    const open = this.#files.get(path);
    if (open !== undefined) return open;
    const [oldest] = this.#files;
    if (this.#files.size >= MOST_OPEN && oldest !== undefined) {
      closeSync(oldest[1]);
      this.#files.delete(oldest[0]);
    }
    try {
      const file = openRegular(path);
      this.#files.set(path, file);
      return file;
    } catch (error) {
      throw Object.assign(cannotRead(path, error), { path });
    }
  }
}
