/** `nn-init init`: draws a whole model and writes it, as one file or as the files of a checkpoint. */
import { existsSync, statSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { printable, show } from "../check.js";
import { checkpointOf } from "../checkpoint/checkpoint.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { MAX_SHARD_BYTES } from "../checkpoint/layout.js";
import type { DType } from "../dtype.js";
import type { EngineName } from "../engine/engine.js";
import { fileCheckpoint } from "../format/formats.js";
import type { FormatName } from "../format/names.js";
import { parametersOf } from "../model/model.js";
import { typesOf } from "../model/types.js";
import { randomSeed } from "../stream.js";
import { byFlag, UsageError } from "./arguments.js";
import { type ChosenPlan, choosePlan, type PlanFlags, warnOfUnknownFields, warnOfUntested } from "./choose.js";
import { Drawing } from "./drawing.js";
import { keepNewSpaceSmall, MANY_TENSORS, saveMemory } from "./frugal.js";
import { type FilesFlags, writeFiles } from "./init.files.js";
import { SchemeGroups } from "./init.measure.js";
import { type InitReport, initTable, summary, type WrittenFile } from "./init.table.js";
import type { Io } from "./io.js";
import { isOnnx } from "./onnx.path.js";
import { checkApart, isStdout, STDOUT } from "./place.js";
import { moving, progress } from "./progress.js";
import { printReport } from "./report.js";
import type { Share } from "./share.js";
import { isBucket, storeOf } from "./stores.js";
import { openTarget } from "./target.js";
import { writeThrough } from "./write.js";

export interface InitFlags extends PlanFlags {
  readonly seed?: bigint;
  readonly dtype?: DType;
  readonly engine: EngineName | "auto";
  readonly threads?: number;
  readonly out?: string;
  readonly format?: FormatName;
  readonly maxShardSize?: number;
  readonly shard?: Share;
  readonly verify?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly wide?: boolean;
}

export async function runInit(path: string, flags: InitFlags, io: Io): Promise<void> {
  const begun = performance.now();
  const { config, plan = [], architecture = [], out } = flags;
  const isWeights = isOnnx(path) || path.endsWith(".safetensors"); // which may be drawn in place
  if (out !== undefined) checkApart("--out", out, [isWeights ? undefined : path, config, ...plan, ...architecture]);
  if (isOnnx(path)) {
    await (await import("./onnx.js")).runInitOnnx(path, flags, io);
    return;
  }
  checkFlags(flags, io);
  const choose = () =>
    choosePlan(path, flags, ({ tensors }) => {
      if (tensors.length > MANY_TENSORS) saveMemory();
    });
  await writeModel(choose, { begun }, flags, io);
}

/** Draws a model, writes it where the flags say, and reports. */
export async function writeModel(
  choose: () => Pick<ChosenPlan, "planned" | "config">,
  { begun }: { readonly begun: number },
  flags: InitFlags,
  io: Io,
): Promise<void> {
  keepNewSpaceSmall();
  const many = isMany(flags);
  if (many) saveMemory();
  const drawing = new Drawing({ engine: flags.engine, threads: flags.threads ?? 1, measured: !flags.json, io });
  const { checkpoint, described } = describe(choose(), flags, drawing, io);
  const files = share(checkpoint.files, flags.shard);
  const groups = new SchemeGroups();
  const out = flags.out ?? (many ? described.model : `${described.model}.${formatOf(flags)}`);
  if (!many && flags.out === undefined && !flags.force && existsSync(out)) {
    const path = printable(resolvePath(out));
    throw new Error(`${path} exists; --out names another file, --force replaces it`); // perhaps it is the model itself
  }
  try {
    const written =
      many && !isStdout(out)
        ? await writeFiles(files, { ...flags, store: await storeOf(out), drawing, checkpoint, groups, io })
        : [await writeOne(files, { out, force: flags.force ?? false, drawing, checkpoint, groups, io })];
    const seconds = (performance.now() - begun) / 1000;
    const report: InitReport = {
      ...described,
      bytes: written.reduce((sum, { bytes, skipped }) => sum + (skipped ? 0 : bytes), 0),
      seconds,
      files: written,
    };
    const text = (width: number | undefined) => `${initTable(groups.list, width)}${summary(report)}\n`;
    await printReport(report, text, { ...flags, file: out }, io);
  } finally {
    drawing.close();
  }
}

/** The format that is asked for, or that the name of the file says. */
const formatOf = ({ format, out = "" }: Pick<InitFlags, "format" | "out">): FormatName =>
  format ?? (/\.(gguf|npz)$/i.exec(out)?.[1]?.toLowerCase() as FormatName | undefined) ?? "safetensors";

/** The checkpoint, and what a report says of it. The plan, which takes as much memory, is not kept. */
function describe(
  { planned: model, config }: Pick<ChosenPlan, "planned" | "config">,
  flags: InitFlags,
  drawing: Drawing,
  io: Io,
) {
  const format = formatOf(flags);
  const types = typesOf(model, flags.dtype);
  const seed = flags.seed ?? randomSeed();
  const maxShardBytes = isMany(flags) ? (flags.maxShardSize ?? MAX_SHARD_BYTES) : Number.MAX_SAFE_INTEGER;
  const checkpoint =
    format === "safetensors"
      ? asUsage(() => checkpointOf(model, types, { seed, maxShardBytes, drawer: drawing }))
      : fileCheckpoint(format, { model, types, seed, config }, drawing);
  warnOfUnknownFields(model, io);
  warnOfUntested(model, flags, io);
  const described = {
    model: model.name,
    seed: String(seed),
    dtype: [...new Set(types)].join(", "),
    engine: drawing.engine,
    tensors: model.tensors.length,
    parameters: parametersOf(model),
  };
  return { checkpoint, described };
}

/** Says what is wrong with the size of files by its flag. */
function asUsage<T>(layOut: () => T): T {
  try {
    return layOut();
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith("maxShardBytes:") ? new UsageError(byFlag(message)) : error;
  }
}

/** Endings of files of weights, also of such as are not written here. */
const WEIGHTS_ENDING = /\.(safetensors|gguf|npz|bin|npy|pt|pth|ckpt|pkl|h5|msgpack)$/i;

/** Whether the checkpoint is a folder of files, of which there may be one, and not a single file. */
const isMany = ({ out, maxShardSize, shard }: InitFlags): boolean =>
  maxShardSize !== undefined || shard !== undefined || (out !== undefined && isBucket(out));

/** @throws UsageError for flags that exclude or need each other, and a path that is not one for a checkpoint. */
export function checkFlags(flags: InitFlags, io: Io): void {
  const { out, json, seed, shard, verify } = flags;
  const format = formatOf(flags);
  if (format !== "safetensors" && isMany(flags)) {
    const flag = shard !== undefined ? "--shard" : flags.maxShardSize !== undefined ? "--max-shard-size" : "--out";
    throw new UsageError(
      `${flag}: expected the format safetensors with it, got ${format}, which is one local file; leave it out, or --format safetensors`,
    );
  }
  const ending = WEIGHTS_ENDING.exec(out ?? "")?.[1]?.toLowerCase() ?? format;
  if (ending !== format && !isMany(flags)) {
    throw new UsageError(
      `--out: expected a name that does not end as another format's, got ${show(out)} for ${format}`,
    );
  }
  if (out === "") throw new UsageError("--out: expected a file or a folder, got an empty name");
  if (out !== undefined && isMany(flags) && !isBucket(out) && WEIGHTS_ENDING.test(out) && !isFolder(out)) {
    const flag = shard === undefined ? "--max-shard-size" : "--shard";
    throw new UsageError(
      `--out: expected a folder, as ${flag} writes into one, got ${show(out)}, which ends as a file does`,
    );
  }
  if (shard !== undefined && seed === undefined) {
    throw new UsageError("--shard: expected --seed with it, since each task would draw a seed of its own");
  }
  if (verify && !isMany(flags)) {
    throw new UsageError("--verify: expected --max-shard-size with it, and a folder in --out");
  }
  if (out?.toLowerCase().endsWith(".json")) {
    throw new UsageError(`--out: expected a name for a safetensors file, got ${show(out)}, which is read as JSON`);
  }
  if (!isStdout(out)) return;
  if (verify)
    throw new UsageError("--verify: expected a folder in --out, got standard output, where no file stands yet");
  if (json) throw new UsageError("--json: expected a file in --out, got standard output, which has the checkpoint");
  if (io.columns !== undefined) throw new UsageError("--out: expected a pipe or a file, got a terminal");
}

const share = (files: readonly CheckpointFile[], { index, count }: Share = { index: 0, count: 1 }) =>
  files.filter((_, i) => i % count === index);

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // what is wrong with the path, opening it will say
  }
}

interface OneFlags extends Pick<FilesFlags, "drawing" | "checkpoint" | "groups" | "io"> {
  readonly out: string;
  readonly force: boolean;
}

/** Writes one file under a name of its own, or to standard output. */
async function writeOne(
  files: readonly CheckpointFile[],
  { out, force, drawing, checkpoint, groups, io }: OneFlags,
): Promise<WrittenFile> {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    const got = files.length === 0 ? "a share without files" : `${files.length} files`;
    throw new UsageError(`--out: expected one file for standard output, got ${got}: a folder takes any number`);
  }
  const toStdout = isStdout(out);
  const path = toStdout ? "standard output" : resolvePath(out);
  if (!toStdout && isFolder(path)) {
    const instead = file.name.endsWith(".safetensors")
      ? "--max-shard-size 5GB writes files into it"
      : "name a file in it";
    throw new Error(`cannot write ${printable(path)}: it is a folder; ${instead}`);
  }
  const target = await openTarget(toStdout ? STDOUT : path, force, file.byteLength);
  const bar = progress(file.byteLength, "bytes", io);
  try {
    const progressed = moving(bar);
    const { sha256, measured } = await writeThrough(file, target, { checkpoint, lane: drawing.lane(), progressed });
    await target.commit();
    groups.add(file, measured);
    return { path, bytes: file.byteLength, sha256, skipped: false };
  } catch (error) {
    target.abandon();
    throw error;
  } finally {
    bar?.stop();
  }
}
