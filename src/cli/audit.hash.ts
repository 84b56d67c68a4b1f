/** The SHA-256 of a tensor's bytes, which shows whether two tensors are equal. */
import { createHash } from "node:crypto";
import type { Extent } from "../audit/compare.js";
import { piecesOf } from "../file/checkpoint.js";

const buffer = new Uint8Array(2 ** 20);

/** @returns in hexadecimal digits. */
export function hashOfExtent(file: number, extent: Extent): string {
  const hash = createHash("sha256");
  for (const { piece } of piecesOf(file, extent, buffer)) hash.update(piece);
  return hash.digest("hex");
}
