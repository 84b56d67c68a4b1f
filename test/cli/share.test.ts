/** Which files a task writes: what schedulers say in their variables, by their own documents or as seen in a run of theirs. */
import { describe, expect, test } from "vitest";
import { type Environment, parseShare } from "../../src/cli/share.js";

/** Variables, the flag, and the share or what the error says. */
type Row = readonly [what: string, env: Environment, flag: string, expected: string | RegExp];

const slurm = (id: number | string, count: number, min: number, max: number, step = 1): Environment => ({
  SLURM_ARRAY_TASK_ID: `${id}`,
  SLURM_ARRAY_TASK_COUNT: `${count}`,
  SLURM_ARRAY_TASK_MIN: `${min}`,
  SLURM_ARRAY_TASK_MAX: `${max}`,
  SLURM_ARRAY_TASK_STEP: `${step}`,
  ...{ SLURM_PROCID: "0", SLURM_LOCALID: "0" }, // batch scripts have these too (seen in 22.05)
});
const step = (rank: number, size: number): Environment => ({
  SLURM_PROCID: `${rank}`,
  SLURM_STEP_NUM_TASKS: `${size}`,
});
const openMpi = (rank: number, size: number): Environment => ({
  OMPI_COMM_WORLD_RANK: `${rank}`,
  OMPI_COMM_WORLD_SIZE: `${size}`,
});
const torchrun = (rank: number, size: number): Environment => ({ RANK: `${rank}`, WORLD_SIZE: `${size}` });
const pmi = (rank: number, size: number): Environment => ({ PMI_RANK: `${rank}`, PMI_SIZE: `${size}` });
const gridEngine = (id: string, first: string, last: string, stepSize: string): Environment => ({
  ...{ SGE_TASK_ID: id, SGE_TASK_FIRST: first, SGE_TASK_LAST: last, SGE_TASK_STEPSIZE: stepSize },
});
const lsf = (index: number, end: number, by = 1): Environment => ({
  ...{ LSB_JOBINDEX: `${index}`, LSB_JOBINDEX_END: `${end}`, LSB_JOBINDEX_STEP: `${by}` },
});

// sbatch(1), "OUTPUT ENVIRONMENT VARIABLES": COUNT is the total number of tasks in the array, MIN and MAX its least and
// greatest index, STEP its step size; for a list of indices STEP is 1 (seen in 22.05).
const SLURM: readonly Row[] = [
  ["an array from 0", slurm(3, 8, 0, 7), "auto", "3/8"],
  ["an array from 1", slurm(8, 8, 1, 8), "auto", "7/8"],
  ["an array in steps, --array=0-7:3", slurm(6, 3, 0, 6, 3), "auto", "2/3"],
  ["an array in steps from 1, --array=1-7:2", slurm(3, 4, 1, 7, 2), "auto", "1/4"],
  ["an array of one", slurm(0, 1, 0, 0), "auto", "0/1"],
  ["the count that was expected", slurm(3, 8, 0, 7), "auto/8", "3/8"],
  [
    "another count than expected",
    slurm(3, 8, 0, 7),
    "auto/9",
    /expected 9 tasks.*got 8 by Slurm's array: SLURM_ARRAY/i,
  ],
  ["a sparse array, --array=2,7", slurm(7, 2, 2, 7), "auto", /begins at 0 or 1.*SLURM_ARRAY_TASK_MIN=2/],
  ["a sparse array from 0, --array=0,1,5", slurm(1, 3, 0, 5), "auto", /without gaps.*SLURM_ARRAY_TASK_COUNT=3/],
  ["one task of an array submitted again, --array=5", slurm(5, 1, 5, 5), "auto", /begins at 0 or 1.*i\/n instead/],
  ["an index between steps", slurm(4, 3, 0, 6, 3), "auto", /steps of 3.*SLURM_ARRAY_TASK_ID=4/],
  ["an index below the first", slurm(0, 8, 1, 8), "auto", /indices from 1/],
  [
    "an index past the count",
    { SLURM_ARRAY_TASK_ID: "8", SLURM_ARRAY_TASK_COUNT: "8" },
    "auto",
    /from 0 to 7, got 8 by/,
  ],
  ["no count", { SLURM_ARRAY_TASK_ID: "2" }, "auto", /Expected auto\/n.*Slurm's array does not say how many/],
  ["no count, which is given", { SLURM_ARRAY_TASK_ID: "2" }, "auto/4", "2/4"],
  ["a step of no size", slurm(3, 8, 0, 7, 0), "auto", /without gaps|steps of 0/],
];

// srun(1): SLURM_PROCID is the rank, SLURM_STEP_NUM_TASKS the number of processes in the step. A batch script has
// SLURM_PROCID=0 and SLURM_NTASKS, but is one process, and has no SLURM_STEP_NUM_TASKS (seen in 22.05).
const STEPS: readonly Row[] = [
  ["a step", step(1, 2), "auto", "1/2"],
  [
    "a batch script that has not started its step",
    { SLURM_PROCID: "0", SLURM_NTASKS: "2" },
    "auto",
    /SLURM_STEP_NUM_TASKS is not\)/,
  ],
  ["a step of one in an array", { ...slurm(3, 8, 0, 7), ...step(0, 1) }, "auto", "3/8"],
  [
    "a larger step in an array",
    { ...slurm(3, 8, 0, 7), ...step(1, 2) },
    "auto",
    /one scheduler, got two: Slurm's.*srun/,
  ],
  ["a larger step in an array of one", { ...slurm(0, 1, 0, 0), ...step(1, 2) }, "auto", "1/2"],
];

// mpirun(1) of Open MPI, "Environment Variables": OMPI_COMM_WORLD_RANK and _SIZE. PMI_RANK and PMI_SIZE: Hydra, which
// starts the processes of MPICH and Intel MPI; srun --mpi=pmi2. RANK and WORLD_SIZE: torchrun (Elastic Launch),
// "Environment Variables": the rank of the worker within its group of all workers, and their number.
const WORLDS: readonly Row[] = [
  ["Open MPI", openMpi(2, 4), "auto", "2/4"],
  ["PMI", pmi(3, 4), "auto", "3/4"],
  ["torchrun", torchrun(5, 16), "auto", "5/16"],
  ["one process", openMpi(0, 1), "auto", "0/1"],
  ["mpirun, which srun has started once on each node", { ...step(1, 2), ...openMpi(7, 8) }, "auto", "7/8"],
  ["torchrun, which srun has started once on each node", { ...step(0, 2), ...torchrun(3, 8) }, "auto", "3/8"],
  ["srun --mpi=pmi2, which says it twice", { ...step(1, 2), ...pmi(1, 2) }, "auto", "1/2"],
  ["a world of one inside a larger one", { ...torchrun(0, 1), ...openMpi(2, 4) }, "auto", "2/4"],
  ["a rank without a size", { RANK: "3" }, "auto", /none does \(RANK is set, WORLD_SIZE is not\)/],
  ["a size without a rank", { WORLD_SIZE: "3" }, "auto", /none does/],
  ["a rank past the size", openMpi(4, 4), "auto", /from 0 to 3, got 4 by Open MPI/],
  ["a size of 0", openMpi(0, 0), "auto", /from 1 to 1000000 tasks, got 0/],
];

// AWS Batch, "Job environment variables": the index begins at 0 and is only set in children of an array; the size is the
// parent's. Google Batch, TaskGroup: BATCH_TASK_INDEX is 0 to BATCH_TASK_COUNT - 1. Cloud Run, "Container runtime
// contract": CLOUD_RUN_TASK_INDEX from 0, CLOUD_RUN_TASK_COUNT, set for jobs of one task, too. Kubernetes, Job,
// "Completion mode": JOB_COMPLETION_INDEX is 0 to completions - 1; nothing says the number of completions.
const CLOUDS: readonly Row[] = [
  ["AWS Batch", { AWS_BATCH_JOB_ARRAY_INDEX: "2", AWS_BATCH_JOB_ARRAY_SIZE: "10" }, "auto", "2/10"],
  ["AWS Batch without the size, as it was once", { AWS_BATCH_JOB_ARRAY_INDEX: "2" }, "auto", /auto\/n.*AWS Batch/],
  ["Google Batch", { BATCH_TASK_INDEX: "9", BATCH_TASK_COUNT: "10" }, "auto", "9/10"],
  ["Cloud Run", { CLOUD_RUN_TASK_INDEX: "0", CLOUD_RUN_TASK_COUNT: "3" }, "auto", "0/3"],
  ["Cloud Run, a job of one task", { CLOUD_RUN_TASK_INDEX: "0", CLOUD_RUN_TASK_COUNT: "1" }, "auto", "0/1"],
  ["MPI in one task", { ...openMpi(1, 4), BATCH_TASK_INDEX: "0", BATCH_TASK_COUNT: "1" }, "auto", "1/4"],
  ["Kubernetes", { JOB_COMPLETION_INDEX: "190" }, "auto/191", "190/191"],
  ["Kubernetes without the count", { JOB_COMPLETION_INDEX: "190" }, "auto", /auto\/n.*JOB_COMPLETION_INDEX=190/],
  ["Kubernetes with too small a count", { JOB_COMPLETION_INDEX: "8" }, "auto/8", /from 0 to 7, got 8 by Kubernetes/],
  [
    "torchrun in an Indexed Job",
    { JOB_COMPLETION_INDEX: "1", ...torchrun(3, 8) },
    "auto/4",
    /got two: Kubernetes.*torch/,
  ],
  ["one worker of torchrun in it", { JOB_COMPLETION_INDEX: "1", ...torchrun(0, 1) }, "auto/4", "1/4"],
];

// qsub(1B) of OpenPBS, "Job arrays" (-J): PBS_ARRAY_INDEX; nothing says the range. IBM Spectrum LSF, "Environment variables
// set for job execution": LSB_JOBINDEX, 0 where the job is not an array's, else from 1; LSB_JOBINDEX_END and _STEP.
// qsub(1) of Grid Engine, -t: the ids are from 1; all four variables are "undefined" where the job is not an array's.
const QUEUES: readonly Row[] = [
  ["PBS", { PBS_ARRAY_INDEX: "3" }, "auto/8", "3/8"],
  ["PBS without the count", { PBS_ARRAY_INDEX: "3" }, "auto", /auto\/n.*PBS/],
  ["PBS, an array that begins at 1", { PBS_ARRAY_INDEX: "8" }, "auto/8", /from 0 to 7, got 8 by PBS/],
  ["LSF", lsf(1, 10), "auto", "0/10"],
  ["LSF, the last", lsf(10, 10), "auto", "9/10"],
  ["LSF, in steps, [1-10:3]", lsf(7, 10, 3), "auto", "2/4"],
  ["LSF, no array", lsf(0, 0, 0), "auto", /none does/],
  ["LSF, no array, but a world", { ...lsf(0, 0, 0), ...openMpi(2, 4) }, "auto", "2/4"],
  ["LSF without the end", { LSB_JOBINDEX: "3" }, "auto", /auto\/n.*LSF/],
  ["LSF without the end, which is given", { LSB_JOBINDEX: "3" }, "auto/5", "2/5"],
  ["Grid Engine", gridEngine("1", "1", "6", "1"), "auto", "0/6"],
  ["Grid Engine, in steps, -t 1-10:3", gridEngine("10", "1", "10", "3"), "auto", "3/4"],
  ["Grid Engine, from 2", gridEngine("2", "2", "6", "1"), "auto", /begins at 0 or 1.*SGE_TASK_FIRST=2/],
  ["Grid Engine, no array", gridEngine("undefined", "undefined", "undefined", "undefined"), "auto", /none does/],
];

const DISAGREEMENTS: readonly Row[] = [
  ["nothing", {}, "auto", /SLURM_ARRAY_TASK_ID.*JOB_COMPLETION_INDEX.*RANK.*none does. Give i\/n instead/],
  ["nothing, but a count", {}, "auto/8", /none does/],
  [
    "an array of one in an array",
    { BATCH_TASK_INDEX: "0", BATCH_TASK_COUNT: "1", ...slurm(1, 8, 0, 7) },
    "auto",
    "1/8",
  ],
  [
    "an array in an array of one",
    { BATCH_TASK_INDEX: "2", BATCH_TASK_COUNT: "4", ...slurm(0, 1, 0, 0) },
    "auto",
    "2/4",
  ],
  ["two arrays of one", { BATCH_TASK_INDEX: "0", BATCH_TASK_COUNT: "1", ...slurm(0, 1, 0, 0) }, "auto", "0/1"],
  ["two arrays", { JOB_COMPLETION_INDEX: "1", ...slurm(1, 8, 0, 7) }, "auto/8", /got two: Slurm's array: .*; and Kube/],
  ["an array and a world", { ...slurm(1, 8, 0, 7), ...openMpi(1, 4) }, "auto", /got two: Slurm's array.*Open MPI/],
  ["a word for an index", { JOB_COMPLETION_INDEX: "one" }, "auto/8", /whole number in JOB_COMPLETION_INDEX, got "one"/],
  ["an empty index", { PBS_ARRAY_INDEX: "" }, "auto/8", /whole number in PBS_ARRAY_INDEX, got ""/],
  ["a negative index", { PBS_ARRAY_INDEX: "-1" }, "auto/8", /whole number in PBS_ARRAY_INDEX, got "-1"/],
  ["a fraction", { PBS_ARRAY_INDEX: "1.5" }, "auto/8", /whole number/],
  ["a number without end", { PBS_ARRAY_INDEX: "9".repeat(400) }, "auto/8", /^.{0,200}$/],
  ["control characters", { PBS_ARRAY_INDEX: "\u001b[31m" }, "auto/8", /^[ -~]*$/],
  ["a count too large", openMpi(3, 1_000_001), "auto", /from 1 to 1000000 tasks, got 1000001/],
];

describe.each([
  ["Slurm's arrays", SLURM],
  ["Slurm's steps", STEPS],
  ["worlds", WORLDS],
  ["clouds", CLOUDS],
  ["other queues", QUEUES],
  ["nothing, two schedulers, absurd values", DISAGREEMENTS],
] as const)("%s", (_, rows) => {
  test.each(rows)("%s", (_, env, flag, expected) => {
    if (expected instanceof RegExp) expect(() => parseShare(flag, env)).toThrow(expected);
    else expect(textOf(parseShare(flag, env))).toBe(expected);
  });
});

const textOf = ({ index, count }: { index: number; count: number }) => `${index}/${count}`;

test("every task of an array gets another share", () => {
  for (const [first, by] of [
    [0, 1],
    [1, 1],
    [0, 3],
    [1, 4],
  ] as const) {
    const last = first + 7 * by;
    const ids = Array.from({ length: 8 }, (_, i) => first + i * by);
    const shares = ids.map((id) => parseShare("auto", slurm(id, 8, first, last, by)));
    expect(shares.map(textOf)).toEqual(ids.map((_, i) => `${i}/8`));
  }
});

test.each([
  ["0/1", "0/1"],
  ["17/418", "17/418"],
  ["007/010", "7/10"],
  ["999999/1000000", "999999/1000000"],
])("%s is a share, whatever the scheduler says", (flag, expected) => {
  expect(textOf(parseShare(flag, { JOB_COMPLETION_INDEX: "x", ...openMpi(1, 4) }))).toBe(expected);
});

test.each([
  "8/8",
  "9/8",
  "0/0",
  "-1/8",
  "1/-8",
  "1.5/8",
  "1/8/2",
  "1",
  "/8",
  "1/",
  "",
  "auto/",
  "auto/x",
  "AUTO",
  " 0/1",
])("%j is none", (flag) => {
  expect(() => parseShare(flag, slurm(3, 8, 0, 7))).toThrow(/^Expected /);
});

test("launchers that name different processes are refused, with both; srun starts launchers, and is left out", () => {
  const both = { ...torchrun(1, 2), ...openMpi(3, 8) };
  expect(() => parseShare("auto", both)).toThrow(
    /Expected one .*got two: torchrun: RANK=1, WORLD_SIZE=2; and Open MPI/,
  );
  expect(parseShare("auto", { ...openMpi(3, 8), ...torchrun(3, 8) })).toEqual({ index: 3, count: 8 });
  expect(parseShare("auto", { ...pmi(1, 4), ...step(2, 8) })).toEqual({ index: 1, count: 4 });
});

test.each(["auto/0", "1/1000001", "0/9999999999"])("%s: the count is out of range", (flag) => {
  expect(() => parseShare(flag, { JOB_COMPLETION_INDEX: "0" })).toThrow(/^Expected /);
});
