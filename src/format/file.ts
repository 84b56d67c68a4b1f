/** A file of another format than safetensors, laid out piece by piece, without drawing anything. */
import type { DrawPiece } from "../checkpoint/draw.js";
import type { CheckpointFile, CheckpointTensor, FilePiece, PieceMaker } from "../checkpoint/file.js";
import { hashOf } from "../checkpoint/hash.js";
import type { Draw } from "../engine/engine.js";
import { bytesOf, type ElementType } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";

/** Makes the pieces of a part of a file, from what draws the model's tensors. */
export type Make = (by: PieceMaker) => DrawPiece;

/** A tensor as a format stores it. */
export interface LaidOutTensor {
  /** Its name in the file. */
  readonly name: string;
  readonly dtype: ElementType;
  /** As it is in the file, row-major. */
  readonly shape: readonly number[];
  /** The tensor of the model, or the first of those that it is made of. */
  readonly planned: PlannedTensor;
  readonly make: Make;
}

export const storedBytes = ({ dtype, shape }: Pick<LaidOutTensor, "dtype" | "shape">): number =>
  bytesOf(dtype) * sizeOf(shape);

/** Collects what follows the header of a file. */
export class FileLayout {
  readonly #pieces: FilePiece[] = [];
  readonly #tensors: CheckpointTensor[] = [];
  #end: number;

  constructor(
    readonly name: string,
    readonly header: Uint8Array<ArrayBuffer>,
  ) {
    this.#end = header.length;
  }

  /** The offset after all that was added. */
  get end(): number {
    return this.#end;
  }

  tensor({ name, dtype, shape, planned, make }: LaidOutTensor): void {
    const piece = this.#next(storedBytes({ dtype, shape }));
    const tensor: CheckpointTensor = { ...planned, name, shape, dtype, ...piece, made: make };
    this.#tensors.push(tensor);
    this.#pieces.push(tensor);
  }

  /** Bytes that are known, or made when they are asked for. */
  fixed(length: number, bytes: (by: PieceMaker) => Generator<Draw, Uint8Array>): void {
    if (length === 0) return;
    const made = (by: PieceMaker): DrawPiece =>
      function* (out, start) {
        const all = yield* bytes(by);
        out.set(all.subarray(start, start + out.length));
      };
    this.#pieces.push({ ...this.#next(length), dtype: "u8", made });
  }

  /** Zeros up to a multiple of `alignment`. */
  pad(alignment: number): void {
    const length = (alignment - (this.#end % alignment)) % alignment;
    // biome-ignore lint/correctness/useYield: nothing is drawn
    this.fixed(length, function* () {
      return new Uint8Array(length);
    });
  }

  #next(length: number): { readonly begin: number; readonly end: number } {
    const begin = this.#end;
    this.#end += length;
    return { begin, end: this.#end };
  }

  /** @param record what decides the bytes besides the header. */
  file(record: string): CheckpointFile {
    const { name, header } = this;
    return {
      ...{ name, header, byteLength: this.#end, tensors: this.#tensors, pieces: this.#pieces },
      etag: hashOf([header, new TextEncoder().encode(record)]),
    };
  }
}
