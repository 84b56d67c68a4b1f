/** `nn-init init`: draws a whole model and writes it to disk, piece by piece. */
import { resolve as resolvePath } from "node:path";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { type EngineName, engine } from "../engine.js";
import { isStructured, lawsOf, spreadOf } from "../fill.js";
import { decode } from "../float.js";
import { type FillOptions, fill } from "../init.js";
import { readModel } from "../model/read.js";
import { safetensorsHeader } from "../model/safetensors.js";
import { type Model, parametersOf } from "../model.js";
import { resolve, type Scheme } from "../scheme.js";
import { sizeOf } from "../shape.js";
import { randomSeed } from "../stream.js";
import { openEngine } from "../threads.js";
import { Hasher } from "./hash.js";
import { openTarget, type Target } from "./target.js";

export interface InitFlags {
  readonly seed?: bigint;
  readonly dtype: DType;
  readonly engine: EngineName | "auto";
  readonly threads?: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const PIECE = 2 ** 22; // bytes drawn, hashed and written at a time
const BUFFERS = 4; // pieces under way

/** Fills a run of a tensor. */
type Draw = (part: Values, shape: readonly number[], scheme: Scheme, options: FillOptions) => unknown;

export async function runInit(path: string, flags: InitFlags): Promise<void> {
  const begun = performance.now();
  const model = readModel(path);
  const by = engine(flags.engine === "auto" ? undefined : flags.engine).name;
  const seed = flags.seed ?? randomSeed();
  const out = resolvePath(flags.out ?? `${model.name}.safetensors`);
  const threads = flags.threads ?? 1;
  if (threads > 1 && by === "scalar") throw new Error("--threads draws with simd; without it, --engine scalar");
  const { draw, buffers, close } = drawing(by, threads, flags.dtype);
  const target = await openTarget(out, flags.force ?? false);
  const release = onInterrupt(() => target.abandon());
  try {
    const written = await write(model, seed, flags.dtype, draw, buffers, target, !flags.json);
    await target.commit();
    const seconds = (performance.now() - begun) / 1000;
    const { bytes, sha256, groups } = written;
    const report = {
      model: model.name,
      seed: String(seed),
      dtype: flags.dtype,
      engine: by,
      tensors: model.tensors.length,
      parameters: parametersOf(model),
      bytes,
      seconds,
      files: [{ path: out, bytes, sha256 }],
    };
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${table(groups)}\n${summary(report)}\n`);
  } catch (error) {
    target.abandon();
    throw error;
  } finally {
    close();
    release();
  }
}

/** Tensors that share a scheme, and what was measured of their values. */
interface Group {
  readonly scheme: Scheme;
  readonly stds: Set<number>;
  tensors: number;
  count: number;
  sum: number;
  squares: number;
}

interface Piece {
  readonly values: Values;
  /** Settled when the values are hashed and written. */
  done: Promise<unknown>;
}

/**
 * Draws and measures piece after piece, while another thread hashes the pieces before and the system writes them: as
 * many as there are buffers are under way at once.
 */
async function write(
  model: Model,
  seed: bigint,
  dtype: DType,
  draw: Draw,
  buffers: Values[],
  target: Target,
  measured: boolean,
) {
  const hasher = new Hasher();
  const ring = buffers.map((values): Piece => ({ values, done: Promise.resolve() }));
  const groups = new Map<string, Group>();
  const bar = progress(parametersOf(model));
  const most = PIECE / FORMATS[dtype].bytes;
  const numbers = reading(dtype);
  let bytes = 0;
  let turn = 0;
  const put = (chunk: Uint8Array) => {
    bytes += chunk.length;
    const done = Promise.all([hasher.update(chunk), target.write(chunk)]);
    done.catch(() => {}); // told when its buffer's turn comes, or at the end
    return done;
  };
  try {
    await put(safetensorsHeader(model, seed, dtype));
    for (const { name, shape, scheme } of model.tensors) {
      const group = groupOf(groups, scheme, shape);
      const size = sizeOf(shape);
      const whole = wholly(draw, shape, scheme, { seed, name, dtype });
      for (let start = 0; start < size; start += most) {
        const piece = ring[turn++ % ring.length] as Piece;
        await piece.done;
        const part = piece.values.subarray(0, Math.min(most, size - start));
        if (whole === undefined) draw(part, shape, scheme, { seed, name, start, dtype });
        else part.set(whole.subarray(start, start + part.length));
        if (measured) measure(group, numbers(part));
        piece.done = put(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
        bar?.increment(part.length);
      }
    }
    for (const { done } of ring) await done;
    return { bytes, sha256: await hasher.digest(), groups: [...groups.values()] };
  } finally {
    await Promise.allSettled(ring.map(({ done }) => done)); // before the file may be closed
    hasher.end();
    bar?.stop();
  }
}

/** How pieces are drawn, and the buffers that they are drawn into: shared ones, since another thread hashes them. */
function drawing(by: EngineName, threads: number, dtype: DType): { draw: Draw; buffers: Values[]; close(): void } {
  const length = PIECE / FORMATS[dtype].bytes;
  if (threads > 1) {
    const pool = openEngine({ threads });
    const arena = pool.arena(PIECE * BUFFERS);
    const buffers = Array.from({ length: BUFFERS }, () => arena.allocate(length, dtype));
    return { draw: (...call) => pool.fill(...call), buffers, close: () => pool.close() };
  }
  const buffers = Array.from({ length: BUFFERS }, () => view(dtype, new SharedArrayBuffer(PIECE), 0, length));
  const draw: Draw = (part, shape, scheme, options) => fill(part, shape, scheme, { ...options, engine: by });
  return { draw, buffers, close() {} };
}

/** A bar on a terminal; nothing where the output is piped. */
function progress(total: number): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({ format: "{bar} {percentage}% of {total} parameters", clearOnComplete: true });
  bar.start(total, 0);
  return bar;
}

function groupOf(groups: Map<string, Group>, scheme: Scheme, shape: readonly number[]): Group {
  const text = JSON.stringify(scheme);
  let group = groups.get(text);
  if (group === undefined) {
    group = { scheme, stds: new Set(), tensors: 0, count: 0, sum: 0, squares: 0 };
    groups.set(text, group);
  }
  group.tensors += 1;
  for (const law of lawsOf(resolve(scheme, shape))) group.stds.add(spreadOf(law));
  return group;
}

/** A tensor of which a slice would cost the whole, drawn at once. */
function wholly(draw: Draw, shape: readonly number[], scheme: Scheme, options: FillOptions): Values | undefined {
  if (!lawsOf(resolve(scheme, shape)).some(isStructured)) return undefined;
  const whole = new FORMATS[options.dtype ?? "f32"].array(sizeOf(shape));
  draw(whole, shape, scheme, options);
  return whole;
}

/** Reads values as numbers, those of 16 bits by a table of all of them. */
function reading(dtype: DType): (values: Values) => ArrayLike<number> {
  if (dtype !== "f16" && dtype !== "bf16") return (values) => values;
  const table = Float32Array.from({ length: 65536 }, (_, pattern) => decode(pattern, dtype));
  return (values) => Float32Array.from(values, (pattern) => table[pattern] as number);
}

function measure(group: Group, values: ArrayLike<number>): void {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; ++i) {
    const value = values[i] as number;
    sum += value;
    squares += value * value;
  }
  group.count += values.length;
  group.sum += sum;
  group.squares += squares;
}

function table(groups: readonly Group[]): string {
  const rows = new Table({
    head: ["tensors", "parameters", "scheme", "std expected", "std measured"],
    style: { head: [], border: [], compact: true },
  });
  for (const { scheme, stds, tensors, count, sum, squares } of groups) {
    const { scheme: name, ...options } = scheme;
    const text = [name, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(" ");
    const mean = sum / count;
    const measured = count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
    const expected = [...stds].map((std) => std.toPrecision(6)).slice(0, 3);
    rows.push([
      tensors,
      count.toLocaleString("en"),
      text,
      stds.size > 3 ? `${expected.join(", ")}, ...` : expected.join(", "),
      measured.toPrecision(6),
    ]);
  }
  return rows.toString();
}

interface Report {
  readonly model: string;
  readonly seed: string;
  readonly engine: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

function summary({ model, seed, engine, tensors, parameters, bytes, seconds, files }: Report): string {
  const rate = (bytes / seconds / 1e6).toFixed(0);
  return [
    `${model}: ${tensors} tensors, ${parameters.toLocaleString("en")} parameters, seed ${seed}`,
    `${bytes.toLocaleString("en")} bytes in ${seconds.toFixed(2)} s (${rate} MB/s, engine ${engine})`,
    ...files.map(({ path, sha256 }) => `${path}\nsha256 ${sha256}`),
  ].join("\n");
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Cleans up and ends the program when it is interrupted; the returned function takes that back. */
function onInterrupt(clean: () => void): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, number]) => {
    const handler = () => {
      clean();
      process.exit(128 + number);
    };
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const undo of handlers) undo();
  };
}
