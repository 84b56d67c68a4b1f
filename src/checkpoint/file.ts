/** One file of a checkpoint: its header, and where the bytes of its tensors lie. */
import { bytesOf, type ElementType } from "../model/element.js";
import { extended } from "../model/extended.js";
import type { PlannedTensor } from "../model/model.js";
import { sizeOf } from "../shape.js";
import { type Seed, STREAM_VERSION } from "../stream.js";
import { digestOf, type Hashing } from "./digest.js";
import type { DrawPiece } from "./draw.js";
import { headerInPieces, inOrderOfJson } from "./header.js";
import type { Kept } from "./kept.js";
import { RECORD, storedAs } from "./safetensors.js";

/** Bytes of a file that are drawn in the same way. */
export interface FileSection {
  /** The element type of its bytes. */
  readonly dtype: ElementType;
  /** The offset of its first byte in the file. */
  readonly begin: number;
  /** The offset after its last byte. */
  readonly end: number;
  /** @internal How its bytes are made of the tensors of the model. Absent: they are those of the tensor. */
  readonly made?: ((by: SectionMaker) => DrawPiece) | undefined;
}

/** What a section can be made of. */
export interface SectionMaker {
  /** How the pieces of a tensor of the model are drawn, in an element type. */
  readonly drawer: (tensor: PlannedTensor, type: ElementType) => DrawPiece;
  /** Where whole tensors are kept. */
  readonly kept: Kept;
}

/** A tensor in a file of a checkpoint. */
export interface CheckpointTensor extends PlannedTensor, FileSection {
  /** The element type of its bytes. */
  readonly dtype: ElementType;
}

/** A file of a checkpoint: what it will be, without its bytes. */
export interface CheckpointFile {
  /** `model.safetensors`, or `model-00001-of-00030.safetensors`. */
  readonly name: string;
  /** Size of the whole file. */
  readonly byteLength: number;
  /** In the order of their bytes. */
  readonly tensors: readonly CheckpointTensor[];
  /** The first bytes: the length of the header and the header. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `header` in hexadecimal. The header says how to draw all other bytes, so it identifies the file. */
  readonly etag: string;
  /** @internal The etag, sooner. Absent: it is known. */
  readonly identify?: (() => Promise<string>) | undefined;
  /** @internal All bytes after the header, in order. Absent: they are those of `tensors`. */
  readonly sections?: readonly FileSection[] | undefined;
}

/**
 * A tensor of a checkpoint. Its file finds its place when it is first asked for, and `begin` and `end` are 0 until then: a
 * second object for each of very many tensors would cost 11 MB.
 */
export type TypedTensor = Omit<CheckpointTensor, "begin" | "end"> & { begin: number; end: number };

/** @returns an object of its own, for the file to place. */
export const typedTensor = (tensor: PlannedTensor, dtype: ElementType): TypedTensor =>
  extended(tensor, { dtype, begin: 0, end: 0 });

export const sizeInBytes = ({ dtype, shape }: Pick<TypedTensor, "dtype" | "shape">): number =>
  bytesOf(dtype) * sizeOf(shape);

/** @param metadata what is recorded besides the stream, the seed and the schemes. */
export const headerOf = (
  tensors: readonly TypedTensor[],
  seed: Seed,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> =>
  headerInPieces(
    tensors,
    ({ dtype }) => storedAs(dtype),
    () => metadataOf(tensors, seed, metadata),
  );

function* metadataOf(
  tensors: readonly TypedTensor[],
  seed: Seed,
  metadata: Readonly<Record<string, string>>,
): Generator<string> {
  const format = "pt"; // required by transformers
  yield `{"format":"${format}","${RECORD.stream}":"${STREAM_VERSION}","${RECORD.seed}":"${seed}"`;
  yield `,"${RECORD.schemes}":"`;
  for (const piece of schemesInPieces(tensors)) yield JSON.stringify(piece).slice(1, -1); // JSON within a string
  yield '"';
  for (const [name, text] of Object.entries(metadata)) yield `,${JSON.stringify(name)}:${JSON.stringify(text)}`;
  yield "}";
}

/** The metadata that say how to draw the tensors again, under the keys that files have. */
export const recordFor = (tensors: readonly PlannedTensor[], seed: Seed): Readonly<Record<string, string>> => ({
  [RECORD.stream]: String(STREAM_VERSION),
  [RECORD.seed]: String(seed),
  [RECORD.schemes]: [...schemesInPieces(tensors)].join(""),
});

/** Tensor -> what `recordedTensor` reads, as JSON in pieces. */
function* schemesInPieces(tensors: readonly PlannedTensor[]): Generator<string> {
  const known = new Map<object, string>(); // alike tensors share their scheme
  const jsonOf = ({ scheme, copyOf }: PlannedTensor): string => {
    if (copyOf !== undefined) return JSON.stringify({ ...scheme, copy: copyOf });
    const json = known.get(scheme) ?? JSON.stringify(scheme);
    known.set(scheme, json);
    return json;
  };
  let before = "{";
  for (const i of inOrderOfJson(tensors.map(({ name }) => name))) {
    const tensor = tensors[i] as PlannedTensor;
    yield `${before}${JSON.stringify(tensor.name)}:${jsonOf(tensor)}`;
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}

/** A file whose parts are made when they are first asked for; until then it has only its length. */
export class LazyFile implements CheckpointFile {
  readonly byteLength: number;
  readonly #typed: readonly TypedTensor[];
  readonly #headerBytes: number;
  readonly #makeHeader: () => Uint8Array<ArrayBuffer>;
  readonly #hashing: Hashing;
  #tensors: readonly CheckpointTensor[] | undefined;
  #header: Uint8Array<ArrayBuffer> | undefined;
  #etag: string | undefined;

  constructor(
    readonly name: string,
    typed: readonly TypedTensor[],
    headerBytes: number,
    makeHeader: () => Uint8Array<ArrayBuffer>,
    hashing: Hashing,
  ) {
    this.#typed = typed;
    this.#headerBytes = headerBytes;
    this.#makeHeader = makeHeader;
    this.#hashing = hashing;
    this.byteLength = typed.reduce((sum, tensor) => sum + sizeInBytes(tensor), headerBytes);
  }

  get tensors(): readonly CheckpointTensor[] {
    this.#tensors ??= this.#placed();
    return this.#tensors;
  }

  get header(): Uint8Array<ArrayBuffer> {
    this.#header ??= this.#makeHeader();
    return this.#header;
  }

  get etag(): string {
    this.#etag ??= this.#hashing(this.header);
    return this.#etag;
  }

  async identify(): Promise<string> {
    this.#etag ??= await digestOf(this.header, this.#hashing);
    return this.#etag;
  }

  #placed(): readonly CheckpointTensor[] {
    let at = this.#headerBytes;
    for (const tensor of this.#typed) {
      tensor.begin = at;
      at += sizeInBytes(tensor);
      tensor.end = at;
    }
    return this.#typed;
  }
}
