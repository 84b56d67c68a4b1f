/** A file that appears under its name only when it is complete. */
import { randomBytes } from "node:crypto";
import { linkSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface Target {
  /** Appends the bytes, which must not change until the promise is settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes the file to the disk and gives it its name. */
  commit(): Promise<void>;
  /** Removes what was written. */
  abandon(): void;
}

const FLUSH_BYTES = 2 ** 26; // the disk works while more is drawn; otherwise the sync at the end would wait for all of it

/** @throws Error when `path` is a folder, exists (unless `force`) or cannot be written. */
export async function openTarget(path: string, force: boolean): Promise<Target> {
  checkFree(path, force);
  const folder = dirname(path);
  // Not named after the file, whose name may already be as long as the system allows.
  const temporary = join(folder, `.nn-init.${randomBytes(6).toString("hex")}.tmp`);
  const file = await open(temporary, "wx").catch((error) => {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  });
  let size = 0;
  let due = FLUSH_BYTES;
  let flushed = Promise.resolve(); // one flush at a time: each occupies a thread that writes could use
  let written = Promise.resolve(); // one write at a time: the kernel would lock the file, and threads would spin on the lock
  const put = async (bytes: Uint8Array, begin: number): Promise<void> => {
    for (let at = 0; at < bytes.length; ) {
      at += (await file.write(bytes, at, bytes.length - at, begin + at)).bytesWritten;
    }
  };
  return {
    async write(bytes) {
      const begin = size;
      size += bytes.length;
      try {
        const turn = written.then(() => put(bytes, begin));
        written = turn.catch(() => {}); // its own caller gets the error
        await turn;
        if (begin + bytes.length < due) return;
        due += FLUSH_BYTES;
        flushed = flushed.then(() => file.datasync());
        flushed.catch(() => {}); // commit gets the error
      } catch (error) {
        throw cannotWrite(path, error as NodeJS.ErrnoException);
      }
    },
    async commit() {
      try {
        await flushed;
        await file.sync();
        await file.close();
        publish(temporary, path, force);
        await syncFolder(folder);
      } catch (error) {
        throw cannotWrite(path, error as NodeJS.ErrnoException);
      }
    },
    abandon() {
      rmSync(temporary, { force: true });
      file.close().catch(() => {}); // closed already by a commit that failed later
    },
  };
}

/** Writes a whole file as a target. */
export async function writeFile(path: string, text: string, force: boolean): Promise<void> {
  const target = await openTarget(path, force);
  try {
    await target.write(Buffer.from(text));
    await target.commit();
  } catch (error) {
    target.abandon();
    throw error;
  }
}

/** Refuses, before anything is drawn, a path that `publish` would refuse. */
function checkFree(path: string, force: boolean): void {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
  if (stats?.isDirectory()) throw new Error(`cannot write ${path}: ${REASONS.EISDIR}`);
  if (stats !== undefined && !force) throw exists(path);
}

/** Without `force` by a link, which fails if the name has been taken meanwhile; a rename would replace that file. */
function publish(temporary: string, path: string, force: boolean): void {
  if (!force) {
    try {
      linkSync(temporary, path);
      rmSync(temporary);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw exists(path);
      // Otherwise the file system has no links: rename.
    }
  }
  renameSync(temporary, path);
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Some systems (Windows) cannot open a folder; the rename is then as durable as they make it.
  } finally {
    await handle?.close();
  }
}

const exists = (path: string): Error => new Error(`${path} exists; --force replaces it`);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than this system allows",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "its name is longer than this system allows",
  ENOENT: "its folder does not exist",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "its folder is a file",
  ENOTEMPTY: "it is a folder",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ERR_ACCESS_DENIED: "Node's permission model forbids it: run node with --allow-fs-read and --allow-fs-write",
};

/** @param error an Error without a code comes from this module and is returned as it is. */
export function cannotWrite(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined) return error;
  return new Error(`cannot write ${path}: ${REASONS[error.code] ?? error.message}`, { cause: error });
}
