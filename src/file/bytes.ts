/** Bytes of files, read in this thread. */
import { readSync } from "node:fs";
import { type Reading, shortened } from "../checkpoint/stored.js";

/** Carries out work that needs bytes, in this thread. */
export function readNow<T>(reading: Reading<T>, fileOf: (path: string) => number): T {
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
    readAt(fileOf(value.path), value.to, value.at); // asked for each time, since another file may be opened in between
  }
}

/** As `readNow`, but after each read other work of this thread takes a turn. */
export async function readInTurns<T>(reading: Reading<T>, fileOf: (path: string) => number): Promise<T> {
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
    readAt(fileOf(value.path), value.to, value.at);
    await new Promise(setImmediate);
  }
}

/**
 * Fills `bytes` from a file, from the offset `at` on.
 *
 * @throws Error if the file ends first, because something shortened it after its header was read.
 */
export function readAt(file: number, bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, at + done);
    if (count === 0) throw shortened();
    done += count;
  }
  return bytes;
}
