/** Which files of a checkpoint one task writes: `--shard i/n`, or what the scheduler that started the task says. */
import { printable } from "../check.js";

/** A task writes every `count`th file, from file `index` on. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown by wrong values; the flag's parser puts its name before the message. */
class ShareError extends Error {}

const most = 1_000_000; // tasks

/**
 * @param text `i/n` with 0 <= i < n; `auto`; or `auto/n` where the scheduler does not say how many tasks there are.
 * @throws Error that says what was expected, naming the variables.
 */
export function parseShare(text: string, env: Environment): Share {
  const given = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  if (given !== null) return checkShare(Number(given[1]), Number(given[2]), "");
  const auto = /^auto(?:\/(\d{1,9}))?$/.exec(text);
  if (auto === null) throw new ShareError(`Expected i/n with i from 0 to n - 1, or auto, or auto/n.`);
  return shareOf(env, auto[1] === undefined ? undefined : Number(auto[1]));
}

function checkShare(index: number, count: number, from: string): Share {
  if (count < 1 || count > most) throw new ShareError(`Expected from 1 to ${most} tasks, got ${count}${from}.`);
  if (index >= count) throw new ShareError(`Expected an index from 0 to ${count - 1}, got ${index}${from}.`);
  return { index, count };
}

/** What a scheduler's variables are called. A number in place of a name is the value. */
interface Scheduler {
  readonly name: string;
  readonly index: string;
  /** Absent where the scheduler does not say it. */
  readonly count?: string;
  /** The first and the last index, and how far they are apart. */
  readonly first?: string | number;
  readonly last?: string;
  readonly step?: string;
  /** What the index says where there is no array. */
  readonly none?: string;
}

/** Tasks that the scheduler starts one by one, each with an index. */
const ARRAYS: readonly Scheduler[] = [
  {
    ...{ name: "Slurm's array", index: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT" },
    ...{ first: "SLURM_ARRAY_TASK_MIN", last: "SLURM_ARRAY_TASK_MAX", step: "SLURM_ARRAY_TASK_STEP" },
  },
  { name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE" },
  { name: "Google Batch", index: "BATCH_TASK_INDEX", count: "BATCH_TASK_COUNT" },
  { name: "Cloud Run", index: "CLOUD_RUN_TASK_INDEX", count: "CLOUD_RUN_TASK_COUNT" },
  { name: "Kubernetes", index: "JOB_COMPLETION_INDEX" },
  { name: "PBS", index: "PBS_ARRAY_INDEX" },
  {
    ...{ name: "LSF", index: "LSB_JOBINDEX", none: "0" },
    ...{ first: 1, last: "LSB_JOBINDEX_END", step: "LSB_JOBINDEX_STEP" },
  },
  {
    ...{ name: "Grid Engine", index: "SGE_TASK_ID", none: "undefined" },
    ...{ first: "SGE_TASK_FIRST", last: "SGE_TASK_LAST", step: "SGE_TASK_STEPSIZE" },
  },
];

/** Processes that are started together. The first with more than one counts, since launchers start each other. */
const WORLDS: readonly Scheduler[] = [
  { name: "torchrun", index: "RANK", count: "WORLD_SIZE" },
  { name: "Open MPI", index: "OMPI_COMM_WORLD_RANK", count: "OMPI_COMM_WORLD_SIZE" },
  { name: "PMI (MPICH, Intel MPI)", index: "PMI_RANK", count: "PMI_SIZE" },
  { name: "srun", index: "SLURM_PROCID", count: "SLURM_STEP_NUM_TASKS" },
];

interface Detected extends Share {
  /** Of the scheduler. */
  readonly name: string;
  /** The variables and their values. */
  readonly text: string;
}

/** Refuses launchers that name different processes. srun is left out: it starts the other launchers on each machine. */
function checkWorlds(worlds: readonly Detected[]): void {
  const [first, ...others] = worlds.filter(({ name, count }) => name !== "srun" && count > 1);
  const other = others.find(({ index, count }) => index !== first?.index || count !== first.count);
  if (first !== undefined && other !== undefined) throw disagreement(first, other);
}

function shareOf(env: Environment, asked: number | undefined): Share {
  const arrays = ARRAYS.flatMap((scheduler) => detect(scheduler, env, asked) ?? []);
  const worlds = WORLDS.filter(({ count = "" }) => env[count] !== undefined) // a rank alone says little
    .flatMap((scheduler) => detect(scheduler, env, asked) ?? []);
  checkWorlds(worlds);
  const [array, other] = arrays.filter(({ count }) => count > 1);
  const world = worlds.find(({ count }) => count > 1);
  const second = other ?? world;
  if (array !== undefined && second !== undefined) throw disagreement(array, second);
  const found = array ?? world ?? arrays[0] ?? worlds[0]; // one task or process says nothing beside several
  if (found === undefined) throw noneSays(env);
  if (asked !== undefined && asked !== found.count) {
    throw new ShareError(`Expected ${asked} tasks, as auto/${asked} says, got ${found.count} by ${found.text}.`);
  }
  return checkShare(found.index, found.count, ` by ${found.text}`);
}

function noneSays(env: Environment): Error {
  const names = [...ARRAYS, ...WORLDS].map(({ index }) => index).join(", ");
  const alone = WORLDS.find(({ index }) => env[index] !== undefined);
  const why = alone === undefined ? "" : ` (${alone.index} is set, ${alone.count} is not)`;
  return new ShareError(
    `Expected one of ${names} to say which task this is; none does${why}. Give i/n instead of auto.`,
  );
}

const disagreement = (one: Detected, other: Detected): Error =>
  new ShareError(`Expected one scheduler, got two: ${one.text}; and ${other.text}. Give i/n instead of auto.`);

function detect(scheduler: Scheduler, env: Environment, asked: number | undefined): Detected | undefined {
  const { name, index, count, none } = scheduler;
  if (env[index] === undefined || env[index] === none) return undefined;
  const number = (variable: string): number => {
    const text = env[variable] ?? "";
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new ShareError(
      `Expected a whole number in ${variable}, got ${JSON.stringify(printable(text)).slice(0, 60)}.`,
    );
  };
  const variables = [scheduler.index, count, scheduler.first, scheduler.last, scheduler.step].filter(
    (variable): variable is string => typeof variable === "string" && env[variable] !== undefined,
  );
  const text = `${name}: ${variables.map((variable) => `${variable}=${printable(env[variable] as string)}`).join(", ")}`;
  const first = firstOf(scheduler, number, env);
  if (first > 1) {
    throw new ShareError(`Expected an array that begins at 0 or 1, got ${text}. Give i/n instead of auto.`);
  }
  const step = scheduler.step === undefined || env[scheduler.step] === undefined ? 1 : number(scheduler.step);
  const total = countOf(scheduler, number, { first, step, asked, text, env });
  const place = (number(index) - first) / step;
  if (!Number.isInteger(place) || place < 0) {
    throw new ShareError(`Expected indices from ${first} in steps of ${step}, got ${text}.`);
  }
  return { name, index: place, count: total, text };
}

/** Where the scheduler does not say it, indices begin at 0. */
function firstOf({ first = 0 }: Scheduler, number: (name: string) => number, env: Environment): number {
  if (typeof first === "number") return first;
  return env[first] === undefined ? 0 : number(first);
}

interface Range {
  readonly first: number;
  readonly step: number;
  readonly asked: number | undefined;
  readonly text: string;
  readonly env: Environment;
}

function countOf({ name, count, last }: Scheduler, number: (name: string) => number, range: Range): number {
  const { first, step, asked, text } = range;
  const { env } = range;
  const spanned =
    last === undefined || env[last] === undefined ? undefined : Math.floor((number(last) - first) / step) + 1;
  const counted = count === undefined || env[count] === undefined ? spanned : number(count);
  if (counted === undefined) {
    if (asked !== undefined) return asked;
    throw new ShareError(`Expected auto/n, as ${name} does not say how many tasks there are, got auto (${text}).`);
  }
  if (spanned === undefined || spanned === counted) return counted;
  throw new ShareError(`Expected an array without gaps, got ${text}.`);
}
