/** `nn-init init`: draws a whole model and writes it to disk, piece by piece. */
import { createHash } from "node:crypto";
import { resolve as resolvePath } from "node:path";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { type EngineName, engine } from "../engine.js";
import { stdOf } from "../fill.js";
import { fill } from "../init.js";
import { readModel } from "../model/read.js";
import { safetensorsHeader } from "../model/safetensors.js";
import { type Model, sizeOf } from "../model.js";
import { resolve, type Scheme } from "../scheme.js";
import { randomSeed } from "../stream.js";
import { openTarget, type Target } from "./target.js";

export interface InitFlags {
  readonly seed?: bigint;
  readonly dtype: "f32";
  readonly engine: EngineName | "auto";
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const PIECE = 2 ** 20; // elements drawn, hashed and written at a time: 4 MiB

export async function runInit(path: string, flags: InitFlags): Promise<void> {
  const begun = performance.now();
  const model = readModel(path);
  const by = engine(flags.engine === "auto" ? undefined : flags.engine).name;
  const seed = flags.seed ?? randomSeed();
  const out = resolvePath(flags.out ?? `${model.name}.safetensors`);
  const target = await openTarget(out, flags.force ?? false);
  const release = onInterrupt(() => target.abandon());
  try {
    const written = await write(model, seed, by, target);
    await target.commit();
    const parameters = model.tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const seconds = (performance.now() - begun) / 1000;
    const { bytes, sha256, groups } = written;
    const report = {
      model: model.name,
      seed: String(seed),
      dtype: flags.dtype,
      engine: by,
      tensors: model.tensors.length,
      parameters,
      bytes,
      seconds,
      files: [{ path: out, bytes, sha256 }],
    };
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${table(groups)}\n${summary(report)}\n`);
  } catch (error) {
    target.abandon();
    throw error;
  } finally {
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

async function write(model: Model, seed: bigint, by: EngineName, target: Target) {
  const hash = createHash("sha256");
  const piece = new Float32Array(PIECE);
  const groups = new Map<string, Group>();
  const total = model.tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const bar = progress(total);
  let bytes = 0;
  const put = async (chunk: Uint8Array) => {
    hash.update(chunk);
    await target.write(chunk);
    bytes += chunk.length;
  };
  try {
    await put(safetensorsHeader(model, seed));
    for (const { name, shape, scheme } of model.tensors) {
      const group = groupOf(groups, scheme, shape);
      const size = sizeOf(shape);
      for (let start = 0; start < size; start += PIECE) {
        const part = piece.subarray(0, Math.min(PIECE, size - start));
        fill(part, shape, scheme, { seed, name, start, engine: by });
        measure(group, part);
        await put(new Uint8Array(part.buffer, 0, part.byteLength));
        bar?.increment(part.length);
      }
    }
  } finally {
    bar?.stop();
  }
  return { bytes, sha256: hash.digest("hex"), groups: [...groups.values()] };
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
  group.stds.add(stdOf(resolve(scheme, shape)));
  return group;
}

function measure(group: Group, values: Float32Array): void {
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
