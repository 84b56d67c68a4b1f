/** Any bytes of a file of a checkpoint, at any alignment. */
import type { Draw } from "../engine/engine.js";
import { BLOCK } from "../kernel/bits.js";
import { bytesOf } from "../model/element.js";
import type { DrawPiece } from "./draw.js";
import type { CheckpointFile, FileSection } from "./file.js";

/**
 * The draws that fill `out` with the bytes of a file from the offset `begin` on. The caller carries each draw out before it
 * asks for the next one; at the end `out` is written.
 *
 * @param drawerOf how a section is drawn.
 */
export function* drawsOfRange(
  { header, tensors, sections = tensors }: CheckpointFile,
  begin: number,
  out: Uint8Array<ArrayBufferLike>,
  drawerOf: (section: FileSection) => DrawPiece,
): Generator<Draw, void> {
  const end = begin + out.length;
  out.set(header.subarray(begin, end));
  for (let i = firstBeyond(sections, begin); i < sections.length; ++i) {
    const section = sections[i] as FileSection;
    if (section.begin >= end) return;
    const [low, high] = [Math.max(begin, section.begin), Math.min(end, section.end)];
    const part = out.subarray(low - begin, high - begin);
    yield* drawsOfBytes(low - section.begin, part, bytesOf(section.dtype), drawerOf(section));
  }
}

const BLOCK_BYTES = 4 * BLOCK; // a block of the stream, or of types of 16 bits two

/**
 * Where a chunk that begins at an offset should end: where no block is cut, since each of its parts costs what comes before it,
 * too.
 *
 * @param most bytes of the chunk. A chunk that is shorter than a block has as many.
 */
export function chunkEnd({ tensors, sections = tensors }: CheckpointFile, begin: number, most: number): number {
  const end = begin + most;
  const section = sections[firstBeyond(sections, end)];
  const over = section === undefined ? 0 : Math.max(0, end - section.begin) % BLOCK_BYTES;
  return over < most ? end - over : end;
}

/** The first section that ends after an offset, by bisection. */
export function firstBeyond(sections: readonly Pick<FileSection, "end">[], offset: number): number {
  let low = 0;
  for (let high = sections.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((sections[middle] as FileSection).end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Bytes of a tensor from an offset in it on. Whole elements are drawn in place where `out` has them at multiples of their
 * size; elements that the range cuts, and all others, are copied.
 *
 * @param size bytes of an element.
 */
function* drawsOfBytes(
  offset: number,
  out: Uint8Array<ArrayBufferLike>,
  size: number,
  draw: DrawPiece,
): Generator<Draw, void> {
  const lead = Math.min(out.length, (size - (offset % size)) % size);
  const whole = out.length - lead - ((out.length - lead) % size);
  const middle = out.subarray(lead, lead + whole);
  if (whole === 0 || middle.byteOffset % size !== 0) {
    yield* drawsOfCopy(offset, out, size, draw);
    return;
  }
  if (lead > 0) yield* drawsOfCopy(offset, out.subarray(0, lead), size, draw);
  yield* draw(middle, (offset + lead) / size);
  const rest = out.subarray(lead + whole);
  if (rest.length > 0) yield* drawsOfCopy(offset + lead + whole, rest, size, draw);
}

const SCRATCH_BYTES = 0x40000; // a multiple of every element's size

function* drawsOfCopy(
  offset: number,
  out: Uint8Array<ArrayBufferLike>,
  size: number,
  draw: DrawPiece,
): Generator<Draw, void> {
  const scratch = new Uint8Array(Math.min(SCRATCH_BYTES, (Math.ceil(out.length / size) + 1) * size));
  for (let at = 0; at < out.length; ) {
    const skipped = (offset + at) % size;
    const count = Math.min(scratch.length - skipped, out.length - at);
    yield* draw(scratch.subarray(0, Math.ceil((skipped + count) / size) * size), (offset + at - skipped) / size);
    out.set(scratch.subarray(skipped, skipped + count), at);
    at += count;
  }
}
