/** A file of another format than safetensors, put together without drawing anything. */
import type { DrawPiece } from "../checkpoint/draw.js";
import {
  type CheckpointFile,
  type CheckpointTensor,
  type FileSection,
  type SectionMaker,
  sizeInBytes,
} from "../checkpoint/file.js";
import { hashOf } from "../checkpoint/hash.js";
import type { Draw } from "../engine/engine.js";
import type { ElementType } from "../model/element.js";
import type { PlannedTensor } from "../model/model.js";

/** How a section of a file is made, from what draws the model's tensors. */
export type Make = (by: SectionMaker) => DrawPiece;

/** A tensor as a format stores it. */
export interface FileTensor {
  /** Its name in the file. */
  readonly name: string;
  readonly dtype: ElementType;
  /** As it is in the file, row-major. */
  readonly shape: readonly number[];
  /** The tensor of the model, or the first of those that it is made of. */
  readonly planned: PlannedTensor;
  readonly make: Make;
}

/** Collects what follows the header of a file. */
export class FileBuilder {
  readonly #sections: FileSection[] = [];
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

  tensor({ name, dtype, shape, planned, make }: FileTensor): void {
    const section = this.#next(sizeInBytes({ dtype, shape }));
    const tensor: CheckpointTensor = { ...planned, name, shape, dtype, ...section, made: make };
    this.#tensors.push(tensor);
    this.#sections.push(tensor);
  }

  /** Bytes that are known, or made when they are asked for. */
  fixed(length: number, bytes: (by: SectionMaker) => Generator<Draw, Uint8Array>): void {
    if (length === 0) return;
    const made = (by: SectionMaker): DrawPiece =>
      function* (out, start) {
        const all = yield* bytes(by);
        out.set(all.subarray(start, start + out.length));
      };
    this.#sections.push({ ...this.#next(length), dtype: "u8", made });
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
      ...{ name, header, byteLength: this.#end, tensors: this.#tensors, sections: this.#sections },
      etag: hashOf([header, new TextEncoder().encode(record)]),
    };
  }
}
