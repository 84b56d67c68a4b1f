/** A folder as the place of a checkpoint's files. */
import { closeSync, fstatSync, readdirSync, rmSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { printable } from "../check.js";
import { readAt } from "../file/bytes.js";
import { cannotRead } from "../file/json.js";
import { openRegular } from "../file/regular.js";
import { FOLDER_CUT } from "./lane.js";
import { cannotWrite, checkSpace, makeFolder, placeOf } from "./place.js";
import type { Listed, Store } from "./store.js";
import { openTarget, writeFile } from "./target.js";
import { sweepFolder } from "./temporary.js";
import { writeThrough } from "./write.js";

export function folderStore(path: string): Store {
  const folder = resolve(path);
  const pathOf = (name: string) => join(folder, name);
  const checkFile = (name: string) => {
    if (placeOf(pathOf(name), true).kind === "file") return;
    throw new Error(`cannot write ${printable(pathOf(name))}: it is a device or a pipe, where a file belongs`);
  };
  return {
    name: printable(path),
    pathOf,
    async list() {
      const names = attempt(folder, () => readdirSync(folder));
      return (names ?? []).flatMap((name): Listed[] => {
        const stats = statsOf(pathOf(name));
        return stats?.isFile() ? [{ name, bytes: stats.size }] : [];
      });
    },
    async read(name, begin, end) {
      try {
        const file = openRegular(pathOf(name));
        try {
          const { size } = fstatSync(file);
          return readAt(file, new Uint8Array(Math.min(end, size) - Math.min(begin, size)), begin);
        } finally {
          closeSync(file);
        }
      } catch (error) {
        throw cannotRead(pathOf(name), error);
      }
    },
    async prepare(files) {
      makeFolder(folder);
      for (const { name } of files) checkFile(name);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const [first] = files;
      if (first !== undefined) checkSpace(pathOf(first.name), bytes, undefined);
    },
    cut: FOLDER_CUT,
    async write(file, writing) {
      checkFile(file.name);
      const target = await openTarget(pathOf(file.name), true, file.byteLength);
      try {
        const made = await writeThrough(file, target, writing);
        await target.commit();
        return made;
      } catch (error) {
        target.abandon();
        throw error;
      }
    },
    async put(name, text) {
      checkFile(name);
      await writeFile(pathOf(name), text, true);
    },
    async remove(name) {
      try {
        rmSync(pathOf(name), { force: true });
      } catch (error) {
        throw cannotWrite(pathOf(name), error as NodeJS.ErrnoException);
      }
    },
    sweep: async () => sweepFolder(folder),
  };
}

/** Undefined for a symbolic link that leads to nothing. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") return undefined;
    throw cannotRead(path, error);
  }
}

/** Undefined where there is no such folder. */
function attempt<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "ENOTDIR") throw new Error(`${printable(path)}: expected a folder, got a file, or a path below one`);
    throw cannotRead(path, error);
  }
}
