/** `nn-init init`: draws a whole model and writes it to disk, piece by piece. */
import { existsSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { show } from "../check.js";
import { pieceDrawer } from "../checkpoint/draw.js";
import { safetensorsHeader } from "../checkpoint/safetensors.js";
import type { DType } from "../dtype.js";
import { engine } from "../engine/choose.js";
import type { Drawer, EngineName } from "../engine/engine.js";
import { bytesOf, type ElementType, isInteger } from "../model/element.js";
import { type PlannedModel, parametersOf } from "../model/model.js";
import { typesOf } from "../model/types.js";
import { openPool } from "../pool.js";
import { carryOut } from "../request.js";
import { sizeOf } from "../shape.js";
import { randomSeed } from "../stream.js";
import { UsageError } from "./arguments.js";
import { choosePlan, type PlanFlags, warnOfUnknownFields } from "./choose.js";
import { Hasher } from "./hash.js";
import { type Group, Groups } from "./init.measure.js";
import { type InitReport, initTable, summary } from "./init.table.js";
import type { Io } from "./io.js";
import { isStdout, STDOUT } from "./place.js";
import { progress } from "./progress.js";
import { openTarget, type Target } from "./target.js";

export interface InitFlags extends PlanFlags {
  readonly seed?: bigint;
  readonly dtype?: DType;
  readonly engine: EngineName | "auto";
  readonly threads?: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly wide?: boolean;
}

const WRITE_BYTES = 2 ** 22; // of a piece: drawn, hashed and written as one
const BUFFERS = 4; // pieces in flight

export async function runInit(path: string, flags: InitFlags, io: Io): Promise<void> {
  const begun = performance.now();
  const model = choosePlan(path, flags).planned;
  const types = typesOf(model, flags.dtype);
  const by = engine(flags.engine === "auto" ? undefined : flags.engine);
  const seed = flags.seed ?? randomSeed();
  const toStdout = isStdout(flags.out);
  const out = toStdout ? "standard output" : resolvePath(flags.out ?? `${model.name}.safetensors`);
  checkOut(flags, io);
  if (flags.out === undefined && !flags.force && existsSync(out)) {
    throw new Error(`${out} exists; --out names another file, --force replaces it`); // perhaps it is the model itself
  }
  const threads = flags.threads ?? 1;
  if (threads > 1 && by.name === "scalar") throw new UsageError("--threads: expected the engine simd, got scalar");
  warnOfUnknownFields(model, io);
  const header = safetensorsHeader(model, seed, types);
  const size = model.tensors.reduce((sum, { shape }, i) => sum + sizeOf(shape) * bytesOf(types[i] as ElementType), 0);
  const target = await openTarget(toStdout ? STDOUT : out, flags.force ?? false, header.length + size);
  let drawing: Drawing | undefined;
  try {
    drawing = threads > 1 ? threaded(threads) : single(by);
    const written = await write({ ...drawing, header, model, types, seed, target, measured: !flags.json, io });
    await target.commit();
    const seconds = (performance.now() - begun) / 1000;
    const { bytes, sha256, groups } = written;
    const report: InitReport = {
      model: model.name,
      seed: String(seed),
      dtype: [...new Set(types)].join(", "),
      engine: by.name,
      tensors: model.tensors.length,
      parameters: parametersOf(model),
      bytes,
      seconds,
      files: [{ path: out, bytes, sha256 }],
    };
    const table = () => initTable(groups, flags.wide ? undefined : io.columns);
    const text = flags.json ? `${JSON.stringify(report)}\n` : `${table()}\n${summary(report)}\n`;
    await (toStdout ? io.warn(text) : io.print(text));
  } catch (error) {
    target.abandon();
    throw error;
  } finally {
    drawing?.close();
  }
}

/** @throws Error for a path that is not one for a checkpoint. */
function checkOut({ out = "", json }: InitFlags, io: Io): void {
  if (out.toLowerCase().endsWith(".json")) {
    throw new UsageError(`--out: expected a name for a safetensors file, got ${show(out)}, which is read as JSON`);
  }
  if (!isStdout(out)) return;
  if (json) throw new UsageError("--json: expected a file in --out, got standard output, which has the checkpoint");
  if (io.columns !== undefined) throw new UsageError("--out: expected a pipe or a file, got a terminal");
}

/** Who draws, and the buffers drawn into; their memory is shared because another thread hashes them. */
interface Drawing {
  readonly drawer: Drawer;
  readonly buffers: readonly Uint8Array<SharedArrayBuffer>[];
  close(): void;
}

function threaded(threads: number): Drawing {
  const pool = openPool({ threads });
  const arena = pool.arena(WRITE_BYTES * BUFFERS);
  const buffers = Array.from({ length: BUFFERS }, () => {
    const { buffer, byteOffset, byteLength } = arena.allocate(WRITE_BYTES / 4);
    return new Uint8Array(buffer, byteOffset, byteLength);
  });
  return { drawer: pool, buffers, close: () => pool.close() };
}

const single = (drawer: Drawer): Drawing => ({
  drawer,
  buffers: Array.from({ length: BUFFERS }, () => new Uint8Array(new SharedArrayBuffer(WRITE_BYTES))),
  close() {},
});

interface Work {
  readonly header: Uint8Array;
  readonly model: PlannedModel;
  readonly types: readonly ElementType[];
  readonly seed: bigint;
  readonly drawer: Drawer;
  readonly buffers: Drawing["buffers"];
  readonly target: Target;
  /** Whether to measure the first piece of each tensor. */
  readonly measured: boolean;
  readonly io: Io;
}

/**
 * Draws one piece after the other while another thread hashes earlier ones and the system writes them. At most one piece
 * per buffer is in flight.
 */
async function write({ header, model, types, seed, drawer, buffers, target, measured, io }: Work) {
  const hasher = new Hasher(io);
  const ring = buffers.map((bytes) => ({ bytes, done: Promise.resolve() as Promise<unknown> }));
  const groups = new Groups();
  const bar = progress(parametersOf(model), "parameters", io);
  let bytes = 0;
  let turn = 0;
  const put = (chunk: Uint8Array) => {
    bytes += chunk.length;
    const done = Promise.all([hasher.update(chunk), target.write(chunk)]);
    done.catch(() => {}); // awaited when the buffer is used again, or at the end
    return done;
  };
  try {
    await put(header);
    for (const [i, tensor] of model.tensors.entries()) {
      const type = types[i] as ElementType;
      const group: Group = groups.of(tensor);
      const size = sizeOf(tensor.shape);
      const most = WRITE_BYTES / bytesOf(type);
      const draw = pieceDrawer(tensor, type, seed);
      for (let start = 0; start < size; start += most) {
        const piece = ring[turn++ % ring.length] as (typeof ring)[number];
        await piece.done;
        const count = Math.min(most, size - start);
        const chunk = piece.bytes.subarray(0, count * bytesOf(type));
        carryOut(drawer, { draws: draw(chunk, start), out: chunk });
        if (measured && start === 0 && !isInteger(type)) group.measure(chunk, type);
        piece.done = put(chunk);
        bar?.increment(count);
      }
    }
    for (const { done } of ring) await done;
    return { bytes, sha256: await hasher.digest(), groups: groups.list };
  } finally {
    await Promise.allSettled(ring.map(({ done }) => done)); // before the file may be closed
    hasher.end();
    bar?.stop();
  }
}
