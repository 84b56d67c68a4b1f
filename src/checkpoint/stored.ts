/** Checkpoints that exist, as their headers describe them, and how their bytes are asked for without saying who reads them. */
import { extended } from "../model/extended.js";
import type { LocatedTensor, SafetensorsHeader } from "./safetensors.js";

/** One file of a checkpoint. */
export interface Shard extends SafetensorsHeader {
  readonly path: string;
  /** The offset in the file where the bytes of the tensors begin. */
  readonly data: number;
}

/** A tensor of a checkpoint, and where it lies. */
export interface StoredTensor extends LocatedTensor {
  readonly path: string;
  /** The offset of its first byte in the file. */
  readonly at: number;
}

export interface StoredCheckpoint {
  readonly shards: readonly Shard[];
  readonly tensors: readonly StoredTensor[];
}

/** The tensors of a file, each with its place. */
export const tensorsIn = ({ path, data, tensors }: Shard): StoredTensor[] =>
  tensors.map((tensor) => extended(tensor, { path, at: data + tensor.begin }));

/** Where bytes lie. */
export interface Extent {
  readonly path: string;
  /** The offset of the first one in the file. */
  readonly at: number;
  /** How many. */
  readonly bytes: number;
}

/** Bytes that a reading asks for: whoever carries it out fills `to` with the file's bytes from `at` on. */
export interface Wanted {
  readonly path: string;
  readonly at: number;
  readonly to: Uint8Array<ArrayBuffer>;
}

/**
 * Work that needs bytes of files. It asks for them one after the other, so that the same code runs where files are read at
 * once and where each read is waited for.
 */
export type Reading<T> = Generator<Wanted, T, void>;

/** The error of a file that changed. */
export const shortened = (): Error => new Error("the file became shorter while it was read");
