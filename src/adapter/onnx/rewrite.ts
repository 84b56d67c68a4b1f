/**
 * Replacing stretches of a protocol buffer by longer or shorter ones. The lengths of all messages around a stretch change with
 * it; every other byte stays.
 */
import { type Message, varintBytes } from "./wire.js";

/** Bytes [start, end) of a file, and what stands there afterwards: bytes, then `more` bytes that are drawn. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly more: number;
  /** The tensor that they are drawn for. */
  readonly tensor?: string;
}

/** A field of a message that is replaced. */
export interface Replaced extends Edit {
  /** The message that the field is in. */
  readonly parent: Message | undefined;
}

/** All edits that follow, in order: the fields themselves, and the lengths of the messages around them. */
export function editsFor(replaced: readonly Replaced[]): readonly Edit[] {
  const grown = new Map<Message, number>(); // by how much a message becomes longer
  const add = (message: Message | undefined, bytes: number) => {
    if (message !== undefined) grown.set(message, (grown.get(message) ?? 0) + bytes);
  };
  for (const { start, end, bytes, more, parent } of replaced) {
    add(parent, bytes.length + more - (end - start));
    for (let message = parent?.parent; message !== undefined; message = message.parent) add(message, 0);
  }
  const lengths: Edit[] = [];
  for (const message of [...grown.keys()].sort((a, b) => depthOf(b) - depthOf(a))) {
    const growth = grown.get(message) as number;
    if (message.parent === undefined) continue; // the file itself has no length
    const bytes = Uint8Array.from(varintBytes(message.end - message.begin + growth));
    const { lengthAt, begin, parent } = message;
    lengths.push({ start: lengthAt, end: begin, bytes, more: 0 });
    add(parent, growth + bytes.length - (begin - lengthAt));
  }
  return [...replaced, ...lengths].sort((a, b) => a.start - b.start);
}

function depthOf(message: Message): number {
  let depth = 0;
  for (let around = message.parent; around !== undefined; around = around.parent) depth += 1;
  return depth;
}
