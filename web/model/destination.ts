/**
 * Where a page can put a file of any size. A file or a folder that the user has chosen is written as it comes. Elsewhere it is
 * written to the private storage that the browser gives a page, and then downloaded from there. Where there is none, it is
 * collected in memory, which has a limit.
 */

/** What the worker is told. */
export type Target =
  | { readonly kind: "file"; readonly handle: FileSystemFileHandle }
  | { readonly kind: "folder"; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: "private" }
  | { readonly kind: "memory" };

/** A file that the page still has to download. */
export interface Kept {
  readonly name: string;
  readonly file: Blob;
}

export interface WrittenHere {
  /** None where the user's own file was written. */
  readonly kept: readonly Kept[];
}

interface Out {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | void;
  close(): Promise<void> | void;
}

export interface Destination {
  file(name: string, bytes: number): Promise<Out>;
  end(): Promise<WrittenHere>;
}

/** What a file of the private storage has in a worker. */
interface SyncFileHandle {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, options: { readonly at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

/** Bytes that are drawn and written at once. */
const MOST_PIECE = 2 ** 22;
/** The most bytes that are collected in memory. */
export const MOST_IN_MEMORY = 2 ** 30;
/** The folder of the private storage that files wait in. */
const WAITING = "nn-init";

export async function destinationOf(to: Target): Promise<Destination> {
  switch (to.kind) {
    case "file":
      return { file: () => opened(to.handle), end: async () => ({ kept: [] }) };
    case "folder": {
      const handle = (name: string) => to.handle.getFileHandle(name, { create: true });
      return { file: async (name) => opened(await handle(name)), end: async () => ({ kept: [] }) };
    }
    case "private":
      return privateStorage();
    case "memory":
      return inMemory();
  }
}

/** A file that is made while it is written. */
export interface WrittenFile {
  readonly name: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Bytes [begin, end) of it. */
  read(begin: number, end: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}

/** Makes and writes a piece at a time, so that memory does not depend on the files' sizes. @param tell how far it is, from 0 to 1. */
export async function writeFiles(
  files: readonly WrittenFile[],
  to: Destination,
  tell: (share: number) => void,
): Promise<WrittenHere> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { name, bytes, read } of files) {
    const out = await to.file(name, bytes);
    for (let begin = 0; begin < bytes; begin += MOST_PIECE) {
      const piece = await read(begin, Math.min(bytes, begin + MOST_PIECE));
      await out.write(piece);
      done += piece.length;
      tell(done / total);
    }
    await out.close();
  }
  return to.end();
}

/** The file has its name only once it is closed: until then the browser writes beside it. */
const opened = (handle: FileSystemFileHandle): Promise<Out> => handle.createWritable();

async function privateStorage(): Promise<Destination> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(WAITING, { recursive: true }).catch(() => {}); // of an earlier download
  const folder = await root.getDirectoryHandle(WAITING, { create: true });
  const names: string[] = [];
  return {
    async file(name) {
      names.push(name);
      const handle = await folder.getFileHandle(name, { create: true });
      const access = await (handle as unknown as SyncFileHandle).createSyncAccessHandle();
      let at = 0;
      return {
        write(bytes) {
          const written = access.write(bytes, { at });
          if (written !== bytes.length) throw new Error("the browser's storage for this page is full");
          at += written;
        },
        close() {
          access.flush();
          access.close();
        },
      };
    },
    async end() {
      const files = names.map(async (name) => ({ name, file: await (await folder.getFileHandle(name)).getFile() }));
      return { kept: await Promise.all(files) };
    },
  };
}

function inMemory(): Destination {
  const kept: Kept[] = [];
  let total = 0;
  return {
    async file(name, bytes) {
      total += bytes;
      if (total > MOST_IN_MEMORY)
        throw new Error(`expected at most ${MOST_IN_MEMORY} bytes, which are collected in memory`);
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      return {
        write: (piece) => void pieces.push(piece.slice()),
        close: () => void kept.push({ name, file: new Blob(pieces) }),
      };
    },
    end: async () => ({ kept }),
  };
}
