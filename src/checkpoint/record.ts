/** The record in a file's header, which says how to draw the file again. Files are untrusted: everything is checked. */
import { isObject, show, wrongType } from "../check.js";
import { modelScheme } from "../computed/scheme.js";
import { decide } from "../model/decide.js";
import { forTensor } from "../model/fault.js";
import type { PlannedTensor } from "../model/model.js";
import { checkSeed, type Seed, STREAM_VERSION } from "../stream.js";
import { type CheckpointFile, LazyFile, type TypedTensor, typedTensor } from "./file.js";
import { hashOfBytes } from "./hash.js";
import { safetensorsHeader } from "./header.js";
import { parseJson } from "./json.js";
import { CHECKPOINT_KEY, elementOf, type LocatedTensor, RECORD, type SafetensorsHeader } from "./safetensors.js";

/** How a file was drawn. */
export interface FileRecord {
  readonly seed: Seed;
  /** Tensor -> scheme, as JSON, which `recordedTensor` reads. */
  readonly schemes: Readonly<Record<string, unknown>>;
  /** What the files of one checkpoint have in common; absent in a checkpoint of one file. */
  readonly checkpoint?: string;
}

const MOST_DIGITS = 20; // of a seed

/** @throws Error unless the header has a record, by this version of the stream. */
export function recordOf({ metadata }: SafetensorsHeader): FileRecord {
  const { [RECORD.stream]: stream, [RECORD.seed]: seed, [RECORD.schemes]: schemes } = metadata;
  if (stream === undefined || seed === undefined || schemes === undefined) {
    throw new Error(`its metadata does not say how it was drawn (${Object.values(RECORD).join(", ")})`);
  }
  if (stream !== String(STREAM_VERSION)) {
    throw new Error(`drawn by version ${show(stream)} of the stream; this program has version ${STREAM_VERSION}`);
  }
  const checkpoint = metadata[CHECKPOINT_KEY];
  return { seed: seedOf(seed), schemes: schemesOf(schemes), ...(checkpoint !== undefined && { checkpoint }) };
}

function seedOf(text: string): Seed {
  if (/^\d+$/.test(text) && text.length <= MOST_DIGITS) return checkSeed(BigInt(text));
  throw new Error(`its record cannot be read: ${RECORD.seed}: expected a whole number, got ${show(text)}`);
}

/** @throws Error for what is not the JSON of an object. */
export function schemesOf(text: string): FileRecord["schemes"] {
  try {
    const schemes = parseJson(text);
    if (isObject(schemes)) return schemes as FileRecord["schemes"];
  } catch (error) {
    throw new Error(`its record cannot be read: ${RECORD.schemes}: ${(error as Error).message}`, { cause: error });
  }
  throw new Error(`its record cannot be read: ${RECORD.schemes}: expected an object`);
}

/**
 * The file that a record describes.
 *
 * @param bytes the first bytes of the file: the length of the header and the header.
 * @throws Error naming the tensor that the record does not describe.
 */
export function recordedFile(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  { tensors }: SafetensorsHeader,
  { schemes }: FileRecord,
): CheckpointFile {
  return new LazyFile(
    name,
    tensors.map((tensor) => tensorOf(tensor, schemes)),
    bytes.length,
    () => bytes,
    hashOfBytes,
  );
}

function tensorOf({ name, shape, dtype }: LocatedTensor, schemes: FileRecord["schemes"]): TypedTensor {
  return forTensor(name, () => {
    const type = elementOf(dtype);
    if (type === undefined) throw new Error(`this program does not draw ${dtype.toLowerCase()}`);
    if (!Object.hasOwn(schemes, name)) throw new Error("the record does not say how it was drawn");
    const { scheme, copyOf } = recordedTensor(schemes[name]);
    return typedTensor({ name, shape, ...decide(shape, scheme), copyOf }, type);
  });
}

/**
 * How a tensor was drawn: its scheme, and the name of the tensor whose values it has, if it is a copy. A copy records the
 * scheme too, so that its file alone says how to draw it again.
 *
 * @throws TypeError, RangeError for what is not a scheme.
 */
export function recordedTensor(json: unknown): Pick<PlannedTensor, "scheme" | "copyOf"> {
  const { copy, ...own } = Object(json) as { readonly copy?: unknown };
  if (copy === undefined) return { scheme: modelScheme(json) };
  if (typeof copy !== "string") throw wrongType("copy", "the name of a tensor", copy);
  return { scheme: modelScheme(own), copyOf: copy };
}

/** A header without the hash that the files of a checkpoint share. That hash is computed from these headers of all files. */
export function headerAlone({ tensors, metadata }: SafetensorsHeader): Uint8Array {
  const { [CHECKPOINT_KEY]: _, ...own } = metadata;
  return safetensorsHeader(tensors, own);
}
