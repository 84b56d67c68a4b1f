/** The names of files that are not complete yet, and removing those whose writers were killed. */
import { createHash, randomBytes } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * A name in the folder of a file: `.nn-init.TARGET.PLACE.PID.RANDOM.tmp`. TARGET is a hash of the file's name, which may
 * itself be as long as the system allows. PLACE and PID say which process writes it.
 */
export const temporaryOf = (path: string): string =>
  join(dirname(path), `.nn-init.${targetOf(path)}.${writers()}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);

const NAME = /^\.nn-init\.([0-9a-f]{12})\.([0-9a-f]{12})\.(\d{1,10})\.[0-9a-f]{12}\.tmp$/;
const ABANDONED = 24 * 3600 * 1000; // milliseconds without a write by a process that this one cannot see

/**
 * Removes what killed writers of the same file left. Never a running writer's: a process of this machine must be gone, and
 * what another machine or container left must not have been written to for a day.
 */
export const sweep = (path: string): void => sweepFolder(dirname(path), targetOf(path));

/** Removes what killed writers left in a folder: of one file, or of every file. */
export function sweepFolder(folder: string, only?: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const [, target, place, pid] = NAME.exec(name) ?? [];
      if (target === undefined || target !== (only ?? target)) continue;
      const file = join(folder, name);
      const stats = lstatSync(file);
      const isGone = place === writers() ? !isRunning(Number(pid)) : Date.now() - stats.mtimeMs > ABANDONED;
      if (stats.isFile() && isGone) rmSync(file, { force: true });
    }
  } catch {
    // Another run sweeps too, or the folder cannot be listed: what is left is in nobody's way.
  }
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

const targetOf = (path: string): string => hash(basename(path));

let place: string | undefined;

/** Those processes whose numbers mean the same: of one machine, since it started, and of one container. */
function writers(): string {
  const read = (look: () => string): string => {
    try {
      return look();
    } catch {
      return ""; // not Linux
    }
  };
  const boot = read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const container = read(() => readlinkSync("/proc/self/ns/pid"));
  place ??= hash(JSON.stringify([hostname(), boot, container]));
  return place;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // EPERM: another user's
  }
}
