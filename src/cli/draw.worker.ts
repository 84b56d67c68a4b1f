/** The thread of lane.thread.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { Checkpoint } from "../checkpoint/checkpoint.js";
import { KeptWithin } from "../checkpoint/kept.js";
import { openPool } from "../pool.js";
import { OwnHasher } from "./hash.js";
import { BUFFERS, OwnLane, PIECE_BYTES } from "./lane.js";
import type { DrawQuestion, LaneJob, LaneMemory } from "./lane.thread.js";

const STEP = 2 ** 18; // bytes that are drawn and hashed at a time: what a second-level cache holds

const { seed, measured } = workerData as LaneJob;
const pool = openPool({ threads: 1 }); // in memory that other threads can read
const { buffer, byteOffset } = pool.arena(BUFFERS * PIECE_BYTES).allocate((BUFFERS * PIECE_BYTES) / 4);
const lane = new OwnLane({ buffers: [], hasher: new OwnHasher(), step: STEP, measured });

async function answer(question: DrawQuestion): Promise<void> {
  if (question === "finish") parentPort?.postMessage(await lane.finish());
  else if ("file" in question)
    lane.start(question.file, new Checkpoint(seed, [question.file], pool, new KeptWithin(0)));
  else {
    const { begin, at, length } = question;
    lane.make(begin, new Uint8Array(buffer, byteOffset + at, length));
    parentPort?.postMessage("");
  }
}

parentPort?.postMessage({ buffer, byteOffset } satisfies LaneMemory);
parentPort?.on("message", (question: DrawQuestion | "end") => {
  if (question === "end") process.exit(); // of this thread; in Deno, closing the port does not end it
  void answer(question);
});
