/** `nn-init audit --reproduce`: draws each tensor again from the file's record and compares bits. */
import { closeSync, openSync } from "node:fs";
import { certain, type Finding } from "../audit/check.js";
import { show } from "../check.js";
import { type DrawPiece, pieceDrawer } from "../checkpoint/draw.js";
import { KeptWithin, withLast } from "../checkpoint/kept.js";
import { recordedTensor, recordOf } from "../checkpoint/record.js";
import { elementOf } from "../checkpoint/safetensors.js";
import { deriveModel } from "../computed/scheme.js";
import { engine } from "../engine/choose.js";
import { piecesOf, type StoredCheckpoint, type StoredTensor } from "../file/checkpoint.js";
import { inFile } from "../file/json.js";
import { bytesOf } from "../model/element.js";
import { carryOut } from "../request.js";
import type { Seed } from "../stream.js";

/**
 * The tensors that differ from what their record draws, by name.
 *
 * @throws Error naming the file, for one that does not record how it was drawn, or by another version of the stream.
 */
export function reproduce({ shards, tensors }: StoredCheckpoint): ReadonlyMap<string, Finding> {
  const records = shards.map((shard) => [shard.path, inFile(shard.path, () => recordOf(shard))] as const); // before any draw
  const tensorsIn = new Map<string, StoredTensor[]>(shards.map(({ path }) => [path, []]));
  for (const tensor of tensors) tensorsIn.get(tensor.path)?.push(tensor);
  const found = new Map<string, Finding>();
  for (const [path, { seed, schemes }] of records) {
    const file = openSync(path, "r");
    try {
      for (const tensor of tensorsIn.get(path) as StoredTensor[]) {
        const json = Object.hasOwn(schemes, tensor.name) ? schemes[tensor.name] : undefined;
        const finding = compareBytes(file, tensor, seed, json);
        if (finding !== undefined) found.set(tensor.name, finding);
      }
    } finally {
      closeSync(file);
    }
  }
  return found;
}

const buffer = new Uint8Array(2 ** 22);

function compareBytes(file: number, tensor: StoredTensor, seed: Seed, json: unknown): Finding | undefined {
  if (json === undefined) return certain("reproduce", "the record does not say how it was drawn");
  const { draw, bytes: size } = drawerOf(tensor, seed, json);
  const by = engine();
  const { at, begin, end } = tensor;
  for (const { piece, done } of piecesOf(file, { at, bytes: end - begin }, buffer)) {
    const out = new Uint8Array(piece.length);
    const drawn = carryOut(by, { draws: draw(out, done / size), out });
    if (Buffer.compare(piece, drawn) === 0) continue;
    const differs = piece.findIndex((byte, i) => byte !== drawn[i]);
    const first = Math.floor((done + differs) / size);
    return certain("reproduce", `differs from what its record draws, first at element ${first}`);
  }
  return undefined;
}

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
