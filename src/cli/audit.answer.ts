/** What the threads of an audit are asked, and how one of them answers. */
import type { StoredComputed } from "../audit/computed.js";
import { hashOfExtent } from "../audit/hash.js";
import type { StoredMatrix } from "../audit/matrix.js";
import { type Scanned, type StoredPiece, scan } from "../audit/scan.js";
import { type FileType, fileType } from "../checkpoint/safetensors.js";
import type { Extent, Reading } from "../checkpoint/stored.js";

export type Question =
  | { readonly scan: StoredPiece }
  | { readonly hash: Extent }
  | { readonly matrix: StoredMatrix }
  | { readonly computed: StoredComputed };
export type Answer = Scanned | string | number;

/** Replaces the type's name, which came in a message, by this thread's own string: see `fileType`. */
const typed = <T extends { readonly type: FileType }>(message: T): T => ({
  ...message,
  type: fileType(message.type) as FileType,
});

const typedComputed = (stored: StoredComputed): StoredComputed => {
  const { source } = stored;
  return { ...typed(stored), ...(source && { source: typed(source) }) };
};

/** What an audit seldom needs is loaded when it does, so that threads start sooner. */
export async function readingOf(question: Question): Promise<Reading<Answer>> {
  if ("scan" in question) return scan(typed(question.scan));
  if ("hash" in question) return hashOfExtent(question.hash, await native());
  if ("matrix" in question) return (await import("../audit/matrix.js")).singularValue(typed(question.matrix));
  return (await import("../audit/computed.js")).faultOf(typedComputed(question.computed));
}

/** Node's own SHA-256, which is faster than ours. */
async function native() {
  const hash = (await import("node:crypto")).createHash("sha256");
  return { update: (piece: Uint8Array) => hash.update(piece), digest: () => hash.digest("hex") };
}
