/** A file that appears under its name only when it is complete; or a device or pipe, which is written through. */
import {
  close,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasync,
  fsync,
  linkSync,
  lstatSync,
  open,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statfsSync,
  write,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { onInterrupt } from "./interrupt.js";
import { cannotWrite, checkSpace, exists, isStdout, placeOf } from "./place.js";
import { sweep, temporaryOf } from "./temporary.js";

export interface Target {
  /** Appends the bytes, which must not change until the promise is settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes the file to the disk and gives it its name. */
  commit(): Promise<void>;
  /** Removes what was written, unless it was committed. */
  abandon(): void;
}

const openLater = promisify(open);
const writeSome = promisify(write);
const flushData = promisify(fdatasync);
const flush = promisify(fsync);

const FLUSH_BYTES = 2 ** 26; // the disk works while more is drawn; otherwise the sync at the end would wait for all of it

/**
 * Opens what a path names. A signal from now on until `commit` or `abandon` leaves no incomplete file.
 *
 * @param force whether an existing file may be replaced.
 * @param bytes how many will be written, if that is known.
 * @throws Error when `path` is a folder or a socket, exists (unless `force`), cannot be written, or the disk is too small.
 */
export async function openTarget(path: string, force: boolean, bytes = 0): Promise<Target> {
  const place = placeOf(path, force);
  if (place.kind === "through") return throughTarget(path, place.descriptor);
  checkSpace(place.path, bytes, place.old);
  return fileTarget(path, place.path, { force, bytes }, place.old);
}

/** @param real the path with symbolic links followed: where the file will be. */
function fileTarget(
  path: string,
  real: string,
  { force, bytes }: { force: boolean; bytes: number },
  old: Stats | undefined,
): Target {
  sweep(real);
  const temporary = temporaryOf(real);
  const release = onInterrupt(() => rmSync(temporary, { force: true })); // before there is a file to remove
  let file: number;
  let direct: number | undefined;
  try {
    file = openSync(temporary, "wx", old === undefined ? 0o666 : 0o600);
    direct = bytes < DIRECT_BYTES ? undefined : openDirect(temporary);
  } catch (error) {
    release();
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
  let due = direct === undefined ? FLUSH_BYTES : Number.POSITIVE_INFINITY;
  let flushed = Promise.resolve(); // one flush at a time: each occupies a thread that writes could use
  const append = appender(path, file, { origin: 0, direct });
  const closeAll = () => {
    for (const one of [file, direct]) if (one !== undefined) closeSync(one);
  };
  let state: "open" | "closed" | "committed" = "open";
  return {
    async write(bytes) {
      const end = await append(bytes);
      if (end < due) return;
      due += FLUSH_BYTES;
      flushed = flushed.then(() => flushData(file));
      flushed.catch(() => {}); // commit gets the error
    },
    async commit() {
      try {
        await flushed;
        await flush(file);
        if (old !== undefined) keepOwner(file, old);
        closeAll();
        state = "closed";
        publish(temporary, real, force);
        state = "committed";
        release();
        await syncFolder(dirname(real));
      } catch (error) {
        throw cannotWrite(path, error as NodeJS.ErrnoException);
      }
    },
    abandon() {
      if (state === "committed") return;
      rmSync(temporary, { force: true });
      release();
      if (state === "open") closeAll();
      state = "closed";
    },
  };
}

/** A device or a pipe, which keeps what was written, or an open descriptor, which stays open. */
async function throughTarget(path: string, descriptor: number | undefined): Promise<Target> {
  const release = onInterrupt(() => {}, true);
  let file: number;
  try {
    file = descriptor ?? (await openLater(path, constants.O_WRONLY)); // a pipe waits for its reader
  } catch (error) {
    release();
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
  const append = appender(path, file, { origin: null });
  const end = () => {
    release();
    if (descriptor === undefined) close(file, () => {});
  };
  return {
    async write(bytes) {
      await append(bytes);
    },
    async commit() {
      await flush(file).catch(() => {}); // pipes and most devices have nothing to flush
      end();
    },
    abandon: end,
  };
}

const DIRECT_BYTES = 2 ** 24; // files of fewer are soon read again, from the system's cache
const SECTOR = 4096;
const LOCAL_DISKS = [0xef53, 0x58465342]; // ext4, XFS

/**
 * A descriptor whose writes go to the disk without a copy into the system's cache, which takes more CPU time than all else that the
 * system does, and memory that others use. Undefined where the file system is none on a local disk.
 */
function openDirect(path: string): number | undefined {
  try {
    if (constants.O_DIRECT === undefined || !LOCAL_DISKS.includes(statfsSync(path).type)) return undefined;
    return openSync(path, constants.O_WRONLY | constants.O_DIRECT);
  } catch {
    return undefined; // through the cache
  }
}

/** How bytes are appended. */
interface Appending {
  /** Null where writing has no offset: in a pipe. */
  readonly origin: 0 | null;
  /** Another descriptor of the file, for whole sectors. */
  readonly direct?: number | undefined;
}

/**
 * A function that writes one piece after the other, since the kernel would lock the file, and threads would spin on the lock.
 * It returns the offset of the piece's end.
 */
function appender(path: string, file: number, { origin, direct }: Appending): (bytes: Uint8Array) => Promise<number> {
  let size = 0;
  let written: Promise<unknown> = Promise.resolve();
  let isDirect = direct !== undefined;
  const putSome = async (bytes: Uint8Array, at: number, position: number | null): Promise<number> => {
    const left = bytes.length - at;
    const whole = isDirect ? left - (left % SECTOR) : 0;
    try {
      const [to, length] = whole > 0 ? [direct as number, whole] : [file, left];
      return (await writeSome(to, bytes, at, length, position)).bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EINVAL" && whole > 0) isDirect = false;
      else if (code !== "EAGAIN") throw error;
      else await new Promise((resolve) => setTimeout(resolve, 1)); // a pipe that another process has set so
      return 0;
    }
  };
  const put = async (bytes: Uint8Array, begin: number): Promise<void> => {
    for (let at = 0; at < bytes.length; ) at += await putSome(bytes, at, origin === null ? null : begin + at);
  };
  return async (bytes) => {
    const begin = size;
    size += bytes.length;
    try {
      const turn = written.then(() => put(bytes, begin));
      written = turn.catch(() => {}); // its own caller gets the error
      await turn;
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === "EPIPE" && isStdout(path);
      throw isGone ? error : cannotWrite(path, error as NodeJS.ErrnoException); // `main` ends quietly
    }
    return begin + bytes.length;
  };
}

/** Writes a whole file as a target. */
export async function writeFile(path: string, text: string, force: boolean): Promise<void> {
  const bytes = Buffer.from(text);
  const target = await openTarget(path, force, bytes.length);
  try {
    await target.write(bytes);
    await target.commit();
  } catch (error) {
    target.abandon();
    throw error;
  }
}

/** Gives a file the mode and the owner of the old one. Where it cannot have the owner or the group, these get no rights. */
function keepOwner(file: number, { mode, uid, gid }: Stats): void {
  let kept = mode & 0o777;
  try {
    fchownSync(file, uid, gid);
  } catch {
    try {
      fchownSync(file, process.geteuid?.() ?? uid, gid);
    } catch {
      kept &= 0o707; // the rights of the old group are not another group's
    }
  }
  fchmodSync(file, kept);
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
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !force) throw exists(path);
  if (there !== undefined && !there.isFile())
    throw new Error(`cannot write ${path}: it has become something else than a file`);
  renameSync(temporary, path);
}

async function syncFolder(folder: string): Promise<void> {
  let handle: number | undefined;
  try {
    handle = await openLater(folder, "r");
    await flush(handle);
  } catch {
    // Some systems (Windows) cannot open a folder; the rename is then as durable as they make it.
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
