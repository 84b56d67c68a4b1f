/** `nn-init init`: draws a whole model and writes it to disk, piece by piece. */
import { resolve as resolvePath } from "node:path";
import Table from "cli-table3";
import { scaleOf } from "../audit/pattern.js";
import { BINS, counter, emptyMoments, filledOf, isPatterned, merge, momentsOf } from "../audit/tally.js";
import { safetensorsHeader, storedAs } from "../checkpoint/safetensors.js";
import { isStructured, lawsOf, spreadOf } from "../distribution.js";
import { type DType, FORMATS, type Values, view } from "../dtype.js";
import { type EngineName, engine } from "../engine/choose.js";
import { type FillOptions, fill } from "../init.js";
import { bytesOf, integers, isInteger, typesOf, wholeOf } from "../model/init.js";
import { type ElementType, type PlannedModel, type PlannedTensor, parametersOf } from "../model/model.js";
import { resolve, type Scheme } from "../scheme/scheme.js";
import { sizeOf } from "../shape.js";
import { randomSeed } from "../stream.js";
import { openEngine } from "../threads.js";
import { decide, type PlanFlags } from "./choose.js";
import { Hasher } from "./hash.js";
import { onInterrupt } from "./interrupt.js";
import { progress } from "./progress.js";
import { openTarget, type Target } from "./target.js";
import { schemeText } from "./text.js";

export interface InitFlags extends PlanFlags {
  readonly seed?: bigint;
  readonly dtype?: DType;
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
  const model = decide(path, flags).planned;
  const types = typesOf(model, flags.dtype);
  const by = engine(flags.engine === "auto" ? undefined : flags.engine).name;
  const seed = flags.seed ?? randomSeed();
  const out = resolvePath(flags.out ?? `${model.name}.safetensors`);
  const threads = flags.threads ?? 1;
  if (threads > 1 && by === "scalar") throw new Error("--threads draws with simd; without it, --engine scalar");
  const { draw, buffers, close } = drawing(by, threads);
  const target = await openTarget(out, flags.force ?? false);
  const release = onInterrupt(() => target.abandon());
  try {
    const written = await write(model, types, seed, draw, buffers, target, !flags.json);
    await target.commit();
    const seconds = (performance.now() - begun) / 1000;
    const { bytes, sha256, groups } = written;
    const report = {
      model: model.name,
      seed: String(seed),
      dtype: [...new Set(types)].join(", "),
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

interface Piece {
  /** Of PIECE length, shared: another thread hashes them. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Settled when they are hashed and written. */
  done: Promise<unknown>;
}

/**
 * Draws and measures piece after piece, while another thread hashes the pieces before and the system writes them: as
 * many as there are buffers are under way at once.
 */
async function write(
  model: PlannedModel,
  types: readonly ElementType[],
  seed: bigint,
  draw: Draw,
  buffers: Uint8Array<SharedArrayBuffer>[],
  target: Target,
  measured: boolean,
) {
  const hasher = new Hasher();
  const ring = buffers.map((bytes): Piece => ({ bytes, done: Promise.resolve() }));
  const groups = new Groups();
  const bar = progress(parametersOf(model), "parameters");
  let bytes = 0;
  let turn = 0;
  const put = (chunk: Uint8Array) => {
    bytes += chunk.length;
    const done = Promise.all([hasher.update(chunk), target.write(chunk)]);
    done.catch(() => {}); // told when its buffer's turn comes, or at the end
    return done;
  };
  try {
    await put(safetensorsHeader(model, seed, types));
    for (const [i, tensor] of model.tensors.entries()) {
      const type = types[i] as ElementType;
      const group = groups.of(tensor);
      const size = sizeOf(tensor.shape);
      const most = PIECE / bytesOf(type);
      const fill = filler(tensor, type, seed, draw);
      for (let start = 0; start < size; start += most) {
        const piece = ring[turn++ % ring.length] as Piece;
        await piece.done;
        const count = Math.min(most, size - start);
        const chunk = piece.bytes.subarray(0, count * bytesOf(type));
        fill(chunk, start, count);
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

/** Writes elements [start, start + count) of a tensor to `bytes`. */
type FillPiece = (bytes: Uint8Array<SharedArrayBuffer>, start: number, count: number) => void;

function filler(tensor: PlannedTensor, type: ElementType, seed: bigint, draw: Draw): FillPiece {
  const { name, shape, scheme } = tensor;
  if (isInteger(type)) {
    const value = wholeOf(tensor, type);
    return (bytes, _, count) => void integers(type, count, value, bytes);
  }
  const options = { seed, name, dtype: type };
  const whole = wholly(draw, shape, scheme, options);
  return (bytes, start, count) => {
    const part = view(type, bytes.buffer, bytes.byteOffset, count);
    if (whole === undefined) draw(part, shape, scheme, { ...options, start });
    else part.set(whole.subarray(start, start + count));
  };
}

/** How pieces are drawn, and the buffers that they are drawn into. */
interface Drawing {
  readonly draw: Draw;
  readonly buffers: Uint8Array<SharedArrayBuffer>[];
  close(): void;
}

function drawing(by: EngineName, threads: number): Drawing {
  if (threads > 1) {
    const pool = openEngine({ threads });
    const arena = pool.arena(PIECE * BUFFERS);
    const buffers = Array.from({ length: BUFFERS }, () => {
      const { buffer, byteOffset, byteLength } = arena.allocate(PIECE / 4);
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
    return { draw: (...call) => pool.fill(...call), buffers, close: () => pool.close() };
  }
  const buffers = Array.from({ length: BUFFERS }, () => new Uint8Array(new SharedArrayBuffer(PIECE)));
  const draw: Draw = (part, shape, scheme, options) => fill(part, shape, scheme, { ...options, engine: by });
  return { draw, buffers, close() {} };
}

/** A tensor of which a slice would cost the whole, drawn at once. */
function wholly(draw: Draw, shape: readonly number[], scheme: Scheme, options: FillOptions): Values | undefined {
  if (!lawsOf(resolve(scheme, shape)).some(isStructured)) return undefined;
  const whole = new FORMATS[options.dtype ?? "f32"].array(sizeOf(shape));
  draw(whole, shape, scheme, options);
  return whole;
}

/** Tensors that share a scheme, and what was measured of the first piece of each. */
class Group {
  readonly stds = new Set<number>();
  tensors = 0;
  elements = 0;
  readonly #moments = emptyMoments();
  /** Of each type of 16 bits, how many values have each pattern. */
  readonly #patterns = new Map<DType, Float64Array>();

  constructor(readonly scheme: Scheme) {}

  measure(bytes: Uint8Array<SharedArrayBuffer>, dtype: DType): void {
    const type = storedAs(dtype);
    bins.fill(0);
    counter(type)(bytes, { moments: this.#moments, bins });
    if (!isPatterned(type)) return;
    const counts = this.#patterns.get(dtype) ?? new Float64Array(BINS);
    this.#patterns.set(dtype, counts);
    for (let pattern = 0; pattern < BINS; ++pattern) {
      counts[pattern] = (counts[pattern] as number) + (bins[pattern] as number);
    }
  }

  /** The standard deviation of the values that were measured. */
  std(): number {
    for (const [dtype, counts] of this.#patterns) {
      const scale = scaleOf(storedAs(dtype));
      const total = counts.reduce((sum, count) => sum + count, 0);
      merge(this.#moments, momentsOf(filledOf(counts, scale), total, scale));
    }
    this.#patterns.clear();
    const { finite: count, sum, squares, min, max } = this.#moments;
    const mean = sum / count;
    return count === 0 || min === max ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
  }
}

const bins = new Uint32Array(BINS);

class Groups {
  readonly #groups = new Map<string, Group>();

  get list(): readonly Group[] {
    return [...this.#groups.values()];
  }

  of({ scheme, shape }: PlannedTensor): Group {
    const text = JSON.stringify(scheme);
    const group = this.#groups.get(text) ?? new Group(scheme);
    this.#groups.set(text, group);
    group.tensors += 1;
    group.elements += sizeOf(shape);
    for (const law of lawsOf(resolve(scheme, shape))) group.stds.add(spreadOf(law));
    return group;
  }
}

function table(groups: readonly Group[]): string {
  const rows = new Table({
    head: ["tensors", "elements", "scheme", "std expected", "std measured"],
    style: { head: [], border: [], compact: true },
  });
  for (const group of groups) {
    const expected = [...group.stds].map((std) => std.toPrecision(6)).slice(0, 3);
    rows.push([
      group.tensors,
      group.elements.toLocaleString("en"),
      schemeText(group.scheme),
      group.stds.size > 3 ? `${expected.join(", ")}, ...` : expected.join(", "),
      group.std().toPrecision(6),
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
