/** What stands where a file is to be written: looked at before anything is drawn, and again before it is replaced. */
import {
  accessSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  type Stats,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { printable } from "../check.js";
import { UsageError } from "./arguments.js";

/** The path that stands for standard output. */
export const STDOUT = "-";

/**
 * Where the bytes go: into a file that gets its name at the end, or through what stands there already, which is never
 * replaced: a device, a pipe, or an open descriptor of this process.
 */
export type Place =
  | { readonly kind: "file"; readonly path: string; readonly old: Stats | undefined }
  | { readonly kind: "through"; readonly path: string; readonly descriptor?: number };

/**
 * Looks at a path. A symbolic link is followed: the file that it leads to is the one that is replaced.
 *
 * @param force whether a file may be replaced, and a disk overwritten.
 * @throws Error when a file may not be written there.
 */
export function placeOf(path: string, force: boolean): Place {
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) return throughDescriptor(path, descriptor);
  const stats = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stats === undefined) {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw refused(path, REASONS.ENOENT_LINK as string);
    attempt(path, () => checkFolder(dirname(path), undefined));
    return { kind: "file", path, old: undefined };
  }
  if (stats.isDirectory()) throw refused(path, REASONS.EISDIR as string);
  if (stats.isSocket()) throw refused(path, "it is a socket");
  if (stats.isFIFO() || stats.isCharacterDevice()) return { kind: "through", path };
  if (!force) throw exists(path);
  if (!stats.isFile()) return { kind: "through", path }; // a disk
  const real = attempt(path, () => realpathSync(path));
  attempt(path, () => checkFolder(dirname(real), stats));
  return { kind: "file", path: real, old: stats };
}

/**
 * Looks at where a page is to be written, before the work that it is about.
 *
 * @param inputs the files that it is about.
 */
export function checkPage(
  { html, force, json }: { html?: string; force?: boolean; json?: boolean },
  inputs: Inputs = [],
): void {
  if (html === undefined) return;
  if (html === "") throw new UsageError("--html: expected a file, got an empty name");
  checkApart("--html", html, inputs);
  if (json && isStdout(html)) {
    throw new UsageError("--json: expected a file in --html, got standard output, which has the page");
  }
  placeOf(html, force ?? false);
}

/** Paths that are read; other words, such as names of plans, lead to no file. */
type Inputs = readonly (string | undefined)[];

/** @throws UsageError for a file that would be written over what is read. */
export function checkApart(flag: string, out: string, inputs: Inputs): void {
  const idOf = (path: string | undefined): string | undefined => {
    const stats = path === undefined || descriptorOf(path) !== undefined ? undefined : statsOf(path);
    return stats?.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
  };
  const own = idOf(out);
  const input = own === undefined ? undefined : inputs.find((path) => idOf(path) === own);
  if (input === undefined) return;
  throw new UsageError(`${flag}: expected another file than ${printable(input)}, which is read, got ${printable(out)}`);
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // what is wrong with it, opening it will say
  }
}

/** Whether a path is standard output under one of its names. */
export const isStdout = (path: string | undefined): boolean => path !== undefined && descriptorOf(path) === 1;

/** The descriptor of this process that a path names. */
function descriptorOf(path: string): number | undefined {
  if (path === STDOUT) return 1;
  const full = resolve(path);
  if (full === "/dev/stdout") return 1;
  if (full === "/dev/stderr") return 2;
  const [, number] = /^\/(?:dev|proc\/(?:self|thread-self))\/fd\/(\d{1,6})$/.exec(full) ?? [];
  return number === undefined ? undefined : Number(number);
}

function throughDescriptor(path: string, descriptor: number): Place {
  const stats = attempt(path, () => fstatSync(descriptor));
  if (stats.isDirectory()) throw refused(path, REASONS.EISDIR as string);
  return { kind: "through", path, descriptor };
}

/** Refuses a folder in which no file can be made, or one whose files only their owners may replace. */
function checkFolder(folder: string, old: Stats | undefined): void {
  const stats = statSync(folder);
  if (!stats.isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
  accessSync(folder, constants.W_OK | constants.X_OK);
  const user = process.geteuid?.() ?? 0;
  const isSticky = (stats.mode & 0o1000) !== 0;
  if (old === undefined || !isSticky || user === 0 || user === old.uid || user === stats.uid) return;
  throw Object.assign(new Error(), { code: "EPERM" });
}

/** @throws Error unless the disk of a folder has room for so many bytes; an old file stays until the new one is complete. */
export function checkSpace(path: string, bytes: number, old: Stats | undefined): void {
  let free: number;
  try {
    const { blocks, bsize, bavail, bfree } = statfsSync(dirname(path));
    if (blocks === 0) return; // a file system that does not count
    free = bsize * (process.geteuid?.() === 0 ? bfree : bavail);
  } catch {
    return; // unknown: the disk says it when it is full
  }
  if (bytes <= free) return;
  const both = old === undefined ? "" : " beside the old file, which stays until the new one is complete";
  throw refused(path, `${REASONS.ENOSPC}: expected ${bytes} bytes free${both}, got ${free}`);
}

function attempt<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

export const exists = (path: string): Error => new Error(`${printable(path)} exists; --force replaces it`);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBADF: "it is not open for writing",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than this system allows",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link that leads back to itself",
  ENAMETOOLONG: "its name is longer than this system allows",
  ENOENT: "its folder does not exist",
  ENOENT_HERE: "no file can be made in its folder",
  ENOENT_LINK: "it is a symbolic link to a file that does not exist",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "its folder is a file",
  ENOTEMPTY: "it is a folder",
  ENXIO: "no such device",
  EPERM: "permission denied",
  EPIPE: "its reader has closed it",
  EROFS: "the disk is read-only",
  ERR_ACCESS_DENIED: "Node's permission model forbids it: run node with --allow-fs-read and --allow-fs-write",
};

const refused = (path: string, reason: string, cause?: unknown): Error =>
  new Error(
    `cannot write ${path === STDOUT ? "standard output" : printable(path)}: ${reason}`,
    cause === undefined ? {} : { cause },
  );

/** @param error an Error without a code comes from these modules and is returned as it is. */
export function cannotWrite(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined) return error;
  const isThere = error.code === "ENOENT" && existsSync(dirname(resolve(path))); // as in /proc
  return refused(path, REASONS[isThere ? "ENOENT_HERE" : error.code] ?? error.message, error);
}

/**
 * Makes a folder, and those above it that are not there. With Node's own `recursive` that never ends in /proc, where a folder
 * is there and takes no other.
 *
 * @returns whether it was not there.
 */
export function makeFolder(path: string): boolean {
  const absent: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) absent.unshift(at);
  for (const folder of absent) {
    try {
      mkdirSync(folder);
    } catch (error) {
      const isMade = statSync(folder, { throwIfNoEntry: false })?.isDirectory(); // by another task meanwhile
      if (isMade) continue;
      if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
        throw refused(folder, "it is a symbolic link to a folder that does not exist");
      }
      throw cannotWrite(folder, error as NodeJS.ErrnoException);
    }
  }
  if (!statSync(path).isDirectory()) throw refused(path, "it is a file");
  return absent.length > 0;
}
