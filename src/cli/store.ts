/** Where the files of a checkpoint lie: a folder, or a prefix in a bucket. */
import type { CheckpointFile } from "../checkpoint/file.js";
import type { Cut, MadeFile } from "./lane.js";
import type { Writing } from "./write.js";

/** A file that is there, under its own name. */
export interface Listed {
  readonly name: string;
  readonly bytes: number;
}

export interface Store {
  /** As messages show it. */
  readonly name: string;
  /** The path of a file, as reports show it. */
  pathOf(name: string): string;
  /** The files that are there; none if the folder is not. */
  list(): Promise<readonly Listed[]>;
  /** Bytes [begin, end) of a file. */
  read(name: string, begin: number, end: number): Promise<Uint8Array>;
  /** Makes the folder, if it is one, and checks that these files can be written there, before any is. */
  prepare(files: readonly Listed[]): Promise<void>;
  /** How files are cut for `write`. */
  readonly cut: Cut;
  /** Writes a file of the checkpoint, which has its name only when it is whole, and replaces what has that name. */
  write(file: CheckpointFile, writing: Writing): Promise<MadeFile>;
  /** Writes a small file and replaces what has that name. */
  put(name: string, text: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
  /** Removes what killed writers of these files, which are whole, have left. Does no harm to running writers. */
  sweep(files: readonly Listed[]): Promise<void>;
}
