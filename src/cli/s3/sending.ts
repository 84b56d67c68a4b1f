/** A file on its way into a bucket: its parts are hashed one after the other, and drawn again while they are sent. */
import { createHash, type Hash } from "node:crypto";
import type { CheckpointFile, CheckpointTensor } from "../../checkpoint/file.js";
import { costsWhole } from "../../computed/computed.js";
import type { Cut, Lane, MadeFile } from "../lane.js";
import type { Writing } from "../write.js";
import { BODY_PIECE_BYTES, DrawnBody, type TwoPieces } from "./body.js";
import { type Hashed, partBytes, type Sendable, sendableOf } from "./part.js";

const CONNECTIONS = 4; // of a file

/** Two pieces for each connection, of which one is sent while the other is drawn, and two that are hashed. */
export const SENT_CUT: Cut = { pieceBytes: BODY_PIECE_BYTES, buffers: 2 * (CONNECTIONS + 1), parts: true };

type Send = (number: number, part: Sendable) => Promise<void>;

/**
 * Hashes one part after the other, and has each sent while the next ones are hashed. No part lies in memory, since its bytes are
 * drawn again, but those of matrices that cost as much as the whole at each piece.
 *
 * @param send sends a part, of which the first has number 1.
 */
export async function sendInParts(
  file: CheckpointFile,
  send: Send,
  { checkpoint, lane, progressed }: Writing,
): Promise<MadeFile> {
  const [forHashing, ...free] = pairsOf(lane.buffers) as [TwoPieces, ...TwoPieces[]];
  const busy = new Set<Promise<void>>();
  const size = partBytes(file.byteLength);
  lane.start(file, checkpoint);
  try {
    for (let begin = 0, number = 1; begin < file.byteLength; begin += size, number++) {
      const range = { begin, end: Math.min(begin + size, file.byteLength) };
      const whole = file.tensors.some((one) => isIn(one, range) && isCostly(one));
      const hashed = whole
        ? await hashedInMemory(range, lane, forHashing)
        : { sha256: await hashOfNext(range, lane, forHashing) };
      while (free.length === 0) await Promise.race(busy);
      const pieces = free.pop() as TwoPieces;
      const part = "body" in hashed ? hashed : { ...drawnPart(range, pieces, { checkpoint, file, lane }), ...hashed };
      const sending = send(number, part).then(() => {
        progressed?.(part.length);
        free.push(pieces);
        busy.delete(sending);
      });
      sending.catch(() => {}); // thrown when a connection is waited for
      busy.add(sending);
    }
    await Promise.all(busy);
    return await lane.finish();
  } finally {
    await Promise.allSettled(busy); // before anything else uses the lane
  }
}

interface DrawnFile extends Pick<Writing, "checkpoint"> {
  readonly file: CheckpointFile;
}

interface PartRange {
  readonly begin: number;
  readonly end: number;
}

const pairsOf = (buffers: readonly Uint8Array[]): readonly TwoPieces[] =>
  buffers.flatMap((first, i) => (i % 2 === 0 ? [[first, buffers[i + 1] as Uint8Array]] : []));

const isIn = (tensor: CheckpointTensor, { begin, end }: PartRange): boolean => tensor.begin < end && tensor.end > begin;

const isCostly = ({ distribution, plannedSlices }: CheckpointTensor): boolean =>
  costsWhole(distribution) || (plannedSlices?.some(({ tensor }) => costsWhole(tensor.distribution)) ?? false);

/**
 * The hash of the next bytes of the file, which are drawn and measured for it.
 *
 * @param take is given each piece before it is drawn over.
 */
async function hashOfNext(
  { begin, end }: PartRange,
  lane: Lane,
  pieces: TwoPieces,
  take: (at: number, piece: Uint8Array) => void = () => {},
): Promise<string> {
  const used: [Promise<void>, Promise<void>] = [Promise.resolve(), Promise.resolve()];
  for (let at = begin, turn = 0; at < end; turn = 1 - turn) {
    await used[turn];
    const place = at;
    const piece = (pieces[turn] as Uint8Array).subarray(0, end - at);
    const hashed = lane.make(at, piece).hashed.then(() => take(place - begin, piece));
    hashed.catch(() => {}); // thrown when the piece is used again, or at the end
    used[turn] = hashed;
    at += piece.length;
  }
  await Promise.all(used);
  return lane.endPart();
}

async function hashedInMemory(range: PartRange, lane: Lane, pieces: TwoPieces): Promise<Sendable> {
  const bytes = new Uint8Array(range.end - range.begin);
  const sha256 = await hashOfNext(range, lane, pieces, (at, piece) => bytes.set(piece, at));
  return sendableOf(bytes, sha256);
}

function drawnPart(
  { begin, end }: PartRange,
  pieces: TwoPieces,
  { lane, ...drawn }: DrawnFile & Pick<Writing, "lane">,
): Omit<Sendable, "sha256"> {
  let onItsWay: Hash | undefined;
  return {
    length: end - begin,
    body(withMd5) {
      onItsWay = withMd5 ? createHash("md5") : undefined;
      return new DrawnBody(begin, end, pieces, (at, out) => lane.draw(at, out), onItsWay);
    },
    md5: () => onItsWay?.digest("hex") ?? hashOfDrawn("md5", { begin, end }, drawn),
  };
}

/** The hashes of bytes of a file, which are drawn in this thread. */
export const hashedDrawn = (range: PartRange, drawn: DrawnFile): Hashed => ({
  length: range.end - range.begin,
  sha256: hashOfDrawn("sha256", range, drawn),
  md5: () => hashOfDrawn("md5", range, drawn),
});

function hashOfDrawn(algorithm: string, { begin, end }: PartRange, { checkpoint, file }: DrawnFile): string {
  const hash = createHash(algorithm);
  const draw = checkpoint.reader(file);
  const piece = new Uint8Array(BODY_PIECE_BYTES);
  for (let at = begin; at < end; at += piece.length) hash.update(draw(at, piece.subarray(0, end - at)));
  return hash.digest("hex");
}
