/** Opening regular files. A pipe or a device in place of a file would never end, or never begin. */
import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";

/**
 * Opens a file for reading.
 *
 * @throws Error unless it is a regular file, without waiting for the writer of a pipe.
 */
export function openRegular(path: string): number {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const stats = fstatSync(file);
  if (stats.isFile()) return file;
  closeSync(file);
  throw new Error(`expected a regular file, got ${kindOf(stats)}`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}
