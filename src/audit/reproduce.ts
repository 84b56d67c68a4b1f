/** Draws each tensor again from the file's record and compares bits. */

import { show } from "../check.js";
import { type DrawPiece, pieceDrawer } from "../checkpoint/draw.js";
import { KeptWithin, withLast } from "../checkpoint/kept.js";
import { inFile } from "../checkpoint/place.js";
import { type FileRecord, recordedTensor, recordOf } from "../checkpoint/record.js";
import { elementOf } from "../checkpoint/safetensors.js";
import type { Reading, StoredCheckpoint, StoredTensor } from "../checkpoint/stored.js";
import { deriveModel } from "../computed/scheme.js";
import { engine } from "../engine/choose.js";
import { bytesOf } from "../model/element.js";
import { carryOut } from "../request.js";
import type { Seed } from "../stream.js";
import { certain } from "./check.js";
import type { Finding } from "./found.js";

/** Whether two runs of bytes of one length are equal. */
export type Equal = (a: Uint8Array, b: Uint8Array) => boolean;

/** A checkpoint whose files all record how they were drawn. */
export type Recorded = readonly (readonly [tensor: StoredTensor, record: FileRecord])[];

/**
 * What the files record of each tensor.
 *
 * @throws Error naming the file, for one that does not record how it was drawn, or by another version of the stream.
 */
export function recordsOf({ shards, tensors }: StoredCheckpoint): Recorded {
  const records = new Map(shards.map((shard) => [shard.path, inFile(shard.path, () => recordOf(shard))]));
  return tensors.map((tensor) => [tensor, records.get(tensor.path) as FileRecord]);
}

/** What is wrong with a tensor; undefined if nothing is. */
export function* reproduced(
  tensor: StoredTensor,
  { seed, schemes }: FileRecord,
  isEqual: Equal = sameBytes,
): Reading<Finding | undefined> {
  const json = Object.hasOwn(schemes, tensor.name) ? schemes[tensor.name] : undefined;
  if (json === undefined) return certain("reproduce", "the record does not say how it was drawn");
  const { draw, bytes: size } = drawerOf(tensor, seed, json);
  const by = engine();
  const { path, at, begin, end } = tensor;
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, end - begin));
  for (let done = 0; done < end - begin; done += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, end - begin - done));
    yield { path, at: at + done, to: piece };
    const out = new Uint8Array(piece.length);
    const drawn = carryOut(by, { draws: draw(out, done / size), out });
    if (isEqual(piece, drawn)) continue;
    const differs = piece.findIndex((byte, i) => byte !== drawn[i]);
    const first = Math.floor((done + differs) / size);
    return certain("reproduce", `differs from what its record draws, first at element ${first}`);
  }
  return undefined;
}

const PIECE_BYTES = 2 ** 22;

const sameBytes: Equal = (a, b) => {
  for (let i = 0; i < a.length; ++i) if (a[i] !== b[i]) return false;
  return true;
};

/** Draws pieces of the tensor; `bytes` is the size of an element. */
function drawerOf(
  { name, shape, dtype }: StoredTensor,
  seed: Seed,
  json: unknown,
): { readonly draw: DrawPiece; readonly bytes: number } {
  const type = elementOf(dtype);
  if (type === undefined) throw new Error(`${show(name)}: this program does not draw ${dtype.toLowerCase()}`);
  const { scheme, ...copied } = recordedTensor(json);
  const tensor = { name, shape, distribution: deriveModel(shape, scheme).distribution, ...copied };
  const kept = withLast(new KeptWithin(0));
  return { draw: pieceDrawer(tensor, type, seed, kept), bytes: bytesOf(type) };
}
