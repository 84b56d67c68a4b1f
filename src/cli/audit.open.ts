/** The file that an audit reads in this thread. The last one stays open, since the next request is usually for it too. */
import { closeSync, openSync } from "node:fs";

let open: { readonly path: string; readonly file: number } | undefined;

export function fileOf(path: string): number {
  if (open?.path !== path) {
    closeFile();
    open = { path, file: openSync(path, "r") };
  }
  return open.file;
}

export function closeFile(): void {
  if (open !== undefined) closeSync(open.file);
  open = undefined;
}
