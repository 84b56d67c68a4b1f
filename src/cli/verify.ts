/** `nn-init verify`: draws the files of a checkpoint again, as they record it, and compares the bytes. */
import { statSync } from "node:fs";
import { printable } from "../check.js";
import { Checkpoint } from "../checkpoint/checkpoint.js";
import { INDEX_NAME } from "../checkpoint/indexed.js";
import { KeptWithin } from "../checkpoint/kept.js";
import { recordedFile, recordOf } from "../checkpoint/record.js";
import { engine } from "../engine/choose.js";
import { readAhead } from "./ahead.js";
import { UsageError } from "./arguments.js";
import { examine, hasOtherIndex, type WholeFile } from "./complete.js";
import { orJson } from "./indexing.js";
import type { Io } from "./io.js";
import { PIECE_BYTES } from "./lane.js";
import { moving, progress } from "./progress.js";
import type { Store } from "./store.js";
import { storeOf } from "./stores.js";
import { faultLines } from "./text.js";

export interface VerifyFlags {
  readonly sample?: number;
  readonly json?: boolean;
}

/** @returns whether all files are there and everything that was compared is equal. */
export async function runVerify(path: string, { sample = 1, json }: VerifyFlags, io: Io): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
    const command = `nn-init audit ${printable(path)} --reproduce`;
    throw new UsageError(`expected the folder of a checkpoint, got a file; for one file: ${command}`);
  }
  const store = await storeOf(path);
  const none = json ? (differing: readonly string[]) => ({ equal: false, compared: 0, differing }) : undefined;
  const examined = await orJson(() => examine(store), none, io);
  const { files, count, missing, foreign } = examined;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const bar = progress(total, "bytes", io);
  const differing: string[] = [];
  let compared = 0;
  try {
    for (const file of files) {
      const result = await compare(store, file, sample, moving(bar));
      compared += result.bytes;
      if (!result.equal) differing.push(file.name);
    }
  } finally {
    bar?.stop();
  }
  const isWhole = missing.length === 0 && foreign.length === 0;
  if (isWhole && (await hasOtherIndex(store, examined))) differing.push(INDEX_NAME);
  const equal = differing.length === 0 && isWhole;
  if (json) {
    const names = [...new Set([...missing, ...foreign, ...differing])].sort();
    await io.print(`${JSON.stringify({ equal, compared, differing: names })}\n`);
    return equal;
  }
  const lines = [
    ...faultLines({ missing, foreign }, count),
    ...differing.map((name) =>
      name === INDEX_NAME
        ? `differs from what the files say: ${name}; nn-init index writes it again`
        : `differs from what its record draws: ${name}`,
    ),
    `${store.name}: ${compared.toLocaleString("en")} of ${total.toLocaleString("en")} bytes compared, ` +
      `${equal ? "all equal" : "not as they should be"}`,
  ];
  await io.print(`${lines.join("\n")}\n`);
  return equal;
}

/**
 * Compares a file piece by piece, until one differs. Of a sample, at least one piece is compared, so that a file is never
 * equal because nothing was looked at. Its header is compared by what was read of it.
 */
async function compare(store: Store, whole: WholeFile, sample: number, done: (bytes: number) => void) {
  const { name, header, headerBytes } = whole;
  const record = recordOf(header);
  const file = recordedFile(name, new Uint8Array(await store.read(name, 0, headerBytes)), header, record);
  const draw = new Checkpoint(record.seed, [file], engine(), new KeptWithin(0)).reader(file);
  let bytes = 0;
  let reached = 0;
  const isWanted = chooser(Math.ceil(file.byteLength / PIECE_BYTES), sample);
  for await (const piece of readAhead(store, name, file.byteLength, isWanted)) {
    const { begin } = piece;
    const drawn = draw(begin, new Uint8Array(Math.min(file.byteLength - begin, PIECE_BYTES)));
    bytes += drawn.length;
    done(begin + drawn.length - reached);
    reached = begin + drawn.length;
    if (Buffer.compare(piece.bytes, drawn) !== 0) return { equal: false, bytes };
  }
  done(file.byteLength - reached);
  return { equal: true, bytes };
}

/** Chooses a share of so many pieces, at least one. Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S. */
function chooser(pieces: number, sample: number): () => boolean {
  let left = pieces;
  let wanted = Math.ceil(pieces * sample);
  return () => {
    const isChosen = Math.random() * left-- < wanted;
    if (isChosen) wanted -= 1;
    return isChosen;
  };
}
