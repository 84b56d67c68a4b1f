/** A file that is either wholly there under its name or not at all. */
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export interface Target {
  /** Writes after all that was written before; `bytes` must stay as they are until the promise is settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts the file under its name, on the disk for good. */
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): void;
}

const FLUSH_BYTES = 2 ** 26; // the disk works while more is made; else it would all wait for the sync at the end

/** @throws Error when `path` exists, unless `force`, or cannot be written. */
export async function openTarget(path: string, force: boolean): Promise<Target> {
  if (!force && existsSync(path)) throw exists(path);
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const file = await open(temporary, "wx").catch((error) => {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  });
  let size = 0;
  let due = FLUSH_BYTES;
  let flushed = Promise.resolve(); // one at a time: each takes a thread from the writes
  let written = Promise.resolve(); // likewise: the system would have those of one file wait for each other, and they spin
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
        written = turn.catch(() => {}); // its caller hears of it
        await turn;
        if (begin + bytes.length < due) return;
        due += FLUSH_BYTES;
        flushed = flushed.then(() => file.datasync());
        flushed.catch(() => {}); // told by the commit
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
      file.close().catch(() => {}); // already closed by a commit that failed later
    },
  };
}

/** The same in one call. */
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

/** Without `force` by a link, which fails where a file has come to stand in the meantime; a rename would replace it. */
function publish(temporary: string, path: string, force: boolean): void {
  if (!force) {
    try {
      linkSync(temporary, path);
      rmSync(temporary);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw exists(path);
      // Else a file system without links: rename.
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
  ENOENT: "its folder does not exist",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "its folder is a file",
  ENOTEMPTY: "it is a folder",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
};

function cannotWrite(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined) return error;
  return new Error(`cannot write ${path}: ${REASONS[error.code] ?? error.message}`, { cause: error });
}
