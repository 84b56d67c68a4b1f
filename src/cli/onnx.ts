/** ONNX models for the command: their plans, and the files that `init` writes. */
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve as resolvePath } from "node:path";
import { planOnnx } from "../adapter/onnx/plan.js";
import { type OnnxFile, type ReinitializedOnnx, reinitialized } from "../adapter/onnx/reinitialize.js";
import { storedOnnx } from "../adapter/onnx/stored.js";
import { printable } from "../check.js";
import type { CheckpointFile } from "../checkpoint/file.js";
import { inFile } from "../checkpoint/place.js";
import type { StoredCheckpoint } from "../checkpoint/stored.js";
import type { EngineName } from "../engine/engine.js";
import { type OpenOnnx, openOnnx } from "../file/onnx.js";
import { readPlans } from "../file/read.js";
import type { Plan, PlannedModel, PlanRule } from "../model/model.js";
import { parametersOf } from "../model/model.js";
import { randomSeed } from "../stream.js";
import { UsageError } from "./arguments.js";
import type { PlanFlags } from "./choose.js";
import { Drawing } from "./drawing.js";
import { SchemeGroups } from "./init.measure.js";
import { initTable, summary, type WrittenFile } from "./init.table.js";
import type { Io } from "./io.js";
import type { Reader } from "./lane.js";
import { leftText } from "./onnx.text.js";
import { isStdout, makeFolder, STDOUT } from "./place.js";
import { moving, progress } from "./progress.js";
import { printReport } from "./report.js";
import { openTarget, type Target } from "./target.js";
import { writeThrough } from "./write.js";

/** Flags that say what a file of another kind has, or how it is made. */
const FOREIGN = ["architecture", "config", "dtype", "format", "maxShardSize", "shard", "verify"] as const;
const NAMES: Readonly<Record<string, string>> = { maxShardSize: "max-shard-size" };

/** @throws UsageError for a flag that says what an ONNX file says itself. */
function checkOnnxFlags(flags: object): void {
  const given = FOREIGN.find((key) => (flags as Record<string, unknown>)[key] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`--${NAMES[given] ?? given}: expected none with an ONNX model, whose file says what it has`);
}

/** An ONNX model that is open, with its plan. */
export interface PlannedOnnx extends OpenOnnx {
  readonly planned: PlannedModel;
  /** Absent if the graph alone decides. */
  readonly plan?: Plan;
}

/** @throws Error naming the file. */
async function openPlanned(path: string, { plan: paths, scheme }: PlanFlags): Promise<PlannedOnnx> {
  const open = await openOnnx(path);
  try {
    const plan = paths === undefined ? scheme && byScheme(scheme) : readPlans(paths, open.model);
    const planned = inFile(paths?.join(", ") ?? path, () => planOnnx(open.model, plan));
    return { ...open, planned, ...(plan !== undefined && { plan }) };
  } catch (error) {
    open.close();
    throw error;
  }
}

/** The tensors of a model on disk, of which nothing is open any more. */
export async function openStored(
  path: string,
  flags: PlanFlags,
): Promise<PlannedOnnx & { readonly checkpoint: StoredCheckpoint }> {
  checkOnnxFlags(flags);
  const open = await openPlanned(path, flags);
  open.close();
  const pathOf = (location: string) => (location === "" ? path : join(dirname(path), location));
  return { ...open, checkpoint: storedOnnx(open.model, open.planned, pathOf) };
}

const byScheme = (scheme: object): Plan => ({
  rules: ["weight", "head", "embedding"].map((role): PlanRule => ({ role, ...scheme, optional: true })),
});

/** The flags of `init` that an ONNX model takes. */
interface OnnxInitFlags extends PlanFlags {
  readonly seed?: bigint;
  readonly engine: EngineName | "auto";
  readonly threads?: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly wide?: boolean;
}

/** `nn-init init` of an ONNX model. */
export async function runInitOnnx(path: string, flags: OnnxInitFlags, io: Io): Promise<void> {
  const begun = performance.now();
  checkOnnxFlags(flags);
  const { out = basename(path), json } = flags;
  if (out === "") throw new UsageError("--out: expected a file, got an empty name");
  if (isStdout(out) && json) {
    throw new UsageError("--json: expected a file in --out, got standard output, which has the model");
  }
  if (isStdout(out) && io.columns !== undefined) {
    throw new UsageError("--out: expected a pipe or a file, got a terminal");
  }
  const open = await openPlanned(path, flags);
  const drawing = new Drawing({ engine: flags.engine, threads: flags.threads ?? 1, measured: !json, io });
  try {
    const seed = flags.seed ?? randomSeed();
    const made = await reinitialized(open.model, open.planned, seed, drawing);
    const groups = new SchemeGroups();
    const files = await writeAll(made, { path, out, force: flags.force ?? false, drawing, groups, io });
    const report = {
      ...{ model: open.model.name, seed: String(seed), dtype: typesIn(open.planned), engine: drawing.engine },
      ...{ tensors: open.planned.tensors.length, parameters: parametersOf(open.planned) },
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      ...{ seconds: (performance.now() - begun) / 1000, files },
    };
    const { rewritten, model } = made;
    const drawn = new Set(open.planned.tensors.map(({ name }) => name));
    const left = model.left.filter(({ name }) => !drawn.has(name));
    const text = (width: number | undefined) =>
      `${initTable(groups.list, width)}${leftText(left, rewritten)}${summary(report)}\n`;
    await printReport({ ...report, rewritten, left }, text, { ...flags, file: out }, io);
  } finally {
    drawing.close();
    open.close();
  }
}

const typesIn = ({ tensors }: PlannedModel): string => [...new Set(tensors.map(({ dtype }) => dtype))].join(", ");

/** What draws the bytes of a file, those that stay included. */
const readerOf = (made: ReinitializedOnnx): Reader => ({
  reader: (file) => {
    const draw = made.checkpoint.reader(file);
    return (begin, out) => {
      made.copied(file as CheckpointFile & OnnxFile, begin, out); // files on disk are read at once
      return draw(begin, out);
    };
  },
});

interface Destination {
  readonly path: string;
  readonly out: string;
  readonly force: boolean;
  readonly drawing: Drawing;
  /** Takes in what is drawn. */
  readonly groups: SchemeGroups;
  readonly io: Io;
}

/** Writes the model and the files beside it. None has its name before all are written, and the model gets its name last. */
async function writeAll(
  made: ReinitializedOnnx,
  { path, out, force, drawing, groups, io }: Destination,
): Promise<readonly WrittenFile[]> {
  const { files } = made.checkpoint;
  const [main, ...beside] = files as readonly [CheckpointFile, ...CheckpointFile[]];
  if (beside.length > 0) checkBeside(path, out);
  const bytes = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bar = progress(bytes, "bytes", io);
  const progressed = moving(bar);
  const writing = { checkpoint: readerOf(made), lane: drawing.lane(), progressed };
  const targets: { readonly file: CheckpointFile; readonly place: string; readonly target: Target }[] = [];
  const written: WrittenFile[] = [];
  try {
    for (const file of files) {
      const beside = join(dirname(resolvePath(out)), file.name);
      const place = file !== main ? beside : isStdout(out) ? STDOUT : resolvePath(out);
      if (file !== main) makeFolder(dirname(place));
      targets.unshift({ file, place, target: await openTarget(place, force, file.byteLength) });
    }
    for (const { file, place, target } of targets) {
      const { sha256, measured } = await writeThrough(file, target, writing);
      groups.add(file, measured);
      const path = place === STDOUT ? "standard output" : place;
      written.unshift({ path, bytes: file.byteLength, sha256, skipped: false });
    }
    for (const { target } of targets) await target.commit();
    return written;
  } catch (error) {
    for (const { target } of targets) target.abandon();
    throw error;
  } finally {
    bar?.stop();
  }
}

/** Files beside the model keep their names, which the model has, so that they need a folder of their own. */
function checkBeside(path: string, out: string): void {
  if (isStdout(out)) {
    throw new UsageError(
      "--out: expected a file in another folder, got standard output: the model has data in other files",
    );
  }
  const [from, to] = [resolvePath(path), resolvePath(out)];
  if (realFolder(from) !== realFolder(to) || basename(from) === basename(to)) return;
  throw new UsageError(
    `--out: expected a file in another folder, got ${printable(out)}: the model has data in other files, whose names it keeps`,
  );
}

function realFolder(path: string): string {
  try {
    return realpathSync(dirname(path));
  } catch {
    return dirname(path); // opening the target says what is wrong with it
  }
}
