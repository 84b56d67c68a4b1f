/** The thread of lane.thread.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { Checkpoint } from "../checkpoint/checkpoint.js";
import { KeptWithin } from "../checkpoint/kept.js";
import { openPool } from "../pool.js";
import { OwnHasher } from "./hash.js";
import { OwnLane, STEP_BYTES } from "./lane.js";
import type { DrawQuestion, LaneJob, LaneMemory } from "./lane.thread.js";
import { answerQuestions } from "./thread.js";

const { seed, measured, cut } = workerData as LaneJob;
const memoryBytes = cut.buffers * cut.pieceBytes;
const pool = openPool({ threads: 1 }); // in memory that other threads can read
const { buffer, byteOffset } = pool.arena(memoryBytes).allocate(memoryBytes / 4);
const lane = new OwnLane({ buffers: [], hasher: new OwnHasher(cut.parts), step: STEP_BYTES, measured });

parentPort?.postMessage({ buffer, byteOffset } satisfies LaneMemory);

answerQuestions((question: DrawQuestion) => {
  if (question === "finish") return lane.finish();
  if (question === "part") return lane.endPart();
  if ("file" in question) {
    lane.start(question.file, new Checkpoint(seed, [question.file], pool, new KeptWithin(0)));
    return;
  }
  const { wanted, begin, at, length } = question;
  const bytes = new Uint8Array(buffer, byteOffset + at, length);
  return (wanted === "piece" ? lane.make(begin, bytes).hashed : lane.draw(begin, bytes)).then(() => null);
});
