// Slurm on this machine: slurmctld and two slurmd, with a munge of their own. An array of eight, and the finishing job; a
// task that is killed, and requeued by hand; a task that is killed, and written by the finishing job's second array; a node
// that is killed, whose tasks Slurm starts again on the other.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { debian } from "../debian.mjs";
import { Absent } from "../report.mjs";
import {
  ancestors,
  call,
  faultsOf,
  isRunning,
  processes,
  processFile,
  RECIPES,
  recipeEnv,
  send,
  until,
  writersIn,
} from "./setting.mjs";

const PORT = 21_300;
const NODES = ["node1", "node2"];

export async function slurm(setting) {
  if (process.getuid() !== 0) throw new Absent("Slurm's daemons start tasks of any user, which only root can");
  debian(["slurm-wlm", "munge"], "slurmctld");
  const counts = {
    nodes: NODES.length,
    arrays: 0,
    "tasks killed": 0,
    requeued: 0,
    "nodes killed": 0,
    "finishing jobs": 0,
  };
  const wrong = [];
  for (const path of [dirname(setting.place), setting.place]) chmodSync(path, 0o755); // munge runs as another user
  const cluster = await startCluster(join(setting.place, "slurm"));
  try {
    for (const scenario of [whole, requeued, repaired, nodeLost]) {
      const out = join(setting.place, `slurm-${scenario.name}`);
      const work = join(setting.place, `slurm-${scenario.name}-logs`);
      mkdirSync(work);
      const submit = async (more = {}) => {
        const env = { ...recipeEnv(setting, out, 8), ...cluster.env, ...more };
        const { code, stderr, stdout } = await call("sh", [join(RECIPES, "slurm/submit.sh")], { env, cwd: work });
        if (code !== 0) throw new Error(`submit.sh: ${stderr}`);
        counts.arrays += 1;
        return Number(/Submitted batch job (\d+)/.exec(stdout)[1]); // the finishing job's
      };
      try {
        await scenario({ cluster, submit, out, counts });
        counts["finishing jobs"] += 1;
        wrong.push(...(await faultsOf(out, setting)));
      } catch (error) {
        wrong.push(`${scenario.name}: ${error.message}\n${cluster.queue()}`);
        cluster.say("scancel", "--user=root");
      }
      rmSync(out, { recursive: true, force: true });
    }
  } finally {
    await cluster.stop();
  }
  return { counts, wrong };
}

async function whole({ cluster, submit }) {
  await cluster.done(await submit());
}

async function requeued({ cluster, submit, out, counts }) {
  const finish = await submit({ RETRIES: "0" });
  await killWriter(out, counts);
  const task = await until("a task has failed", () => cluster.failedTask());
  cluster.say("scontrol", "requeue", task);
  counts.requeued += 1;
  await cluster.done(finish);
}

async function repaired({ cluster, submit, out, counts }) {
  const finish = await submit({ RETRIES: "1" });
  await killWriter(out, counts);
  await cluster.done(finish);
  // The finishing job has submitted another array and another finishing job.
  counts.arrays += 1;
  await cluster.done(cluster.last());
}

async function nodeLost({ cluster, submit, out, counts }) {
  const finish = await submit({ RETRIES: "0" });
  await writersIn(out);
  await until("a writer on node2", () => cluster.processesOf("node2").length > 0);
  counts["nodes killed"] += cluster.killNode("node2");
  await cluster.done(finish);
  counts.requeued += cluster.restarts();
  if (cluster.restarts() === 0) throw new Error("no task of the dead node was started again");
}

async function killWriter(out, counts) {
  const [pid] = await writersIn(out);
  send(pid, "SIGKILL");
  counts["tasks killed"] += 1;
  return pid;
}

/** Starts the daemons. Their files lie in one folder, and `stop` ends those whose numbers they left there. */
async function startCluster(place) {
  for (const name of ["state", "log", "run", "munge", ...NODES]) mkdirSync(join(place, name), { recursive: true });
  const file = join(place, "slurm.conf");
  writeFileSync(file, configOf(place));
  const env = { SLURM_CONF: file };
  const say = (program, ...args) => {
    const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  const pidOf = (name) => Number(readFileSync(join(place, name), "utf8"));
  const daemons = ["run/node1.pid", "run/node2.pid", "run/slurmctld.pid", "munge/munged.pid"];
  const stop = async () => {
    const pids = daemons.flatMap((name) => attempt(() => pidOf(name)) ?? []);
    for (const pid of pids) send(pid, "SIGTERM");
    await until("the daemons end", () => !pids.some(isRunning), 10).catch(() =>
      pids.map((pid) => send(pid, "SIGKILL")),
    );
  };
  try {
    startMunge(place, say);
    say("slurmctld", "-f", file);
    for (const node of NODES) say("slurmd", "-f", file, "-N", node);
    await until("two nodes are idle", () => attempt(() => say("sinfo", "-h", "-t", "idle", "-o", "%D")) === "2");
  } catch (error) {
    await stop();
    throw error;
  }
  const fields = (line) => Object.fromEntries(line.split(" ").map((pair) => pair.split("=", 2)));
  const jobs = (...id) =>
    say("scontrol", "-o", "show", "job", ...id)
      .split("\n")
      .map(fields);
  return {
    ...{ env, say, stop, processesOf },
    queue: () => `${attempt(() => say("squeue"))}\n${attempt(() => say("sinfo"))}`,
    /** Waits for a job that must succeed. */
    async done(id, seconds = 180) {
      const [{ JobState, ExitCode }] = await until(`job ${id} ends`, () => hasEnded(jobs(id)) && jobs(id), seconds);
      if (JobState !== "COMPLETED") throw new Error(`job ${id}: ${JobState} ${ExitCode}`);
    },
    /** The last task that has failed, as ARRAY_INDEX. */
    failedTask() {
      const { ArrayJobId, ArrayTaskId } = jobs().findLast(({ JobState }) => JobState === "FAILED") ?? {};
      return ArrayJobId && `${ArrayJobId}_${ArrayTaskId}`;
    },
    /** How many tasks of the last array have been started again. */
    restarts() {
      const last = Math.max(...jobs().map(({ ArrayJobId = 0 }) => Number(ArrayJobId)));
      return jobs().filter(({ ArrayJobId, Restarts }) => Number(ArrayJobId) === last && Number(Restarts) > 0).length;
    },
    last: () => Math.max(...jobs().map(({ JobId }) => Number(JobId))),
    killNode(node) {
      const pids = [pidOf(`run/${node}.pid`), ...processesOf(node)];
      for (const pid of pids) send(pid, "SIGKILL");
      return 1;
    },
  };
}

const hasEnded = ([{ JobState }]) => /^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY)/.test(JobState);

/** What Slurm runs on a node: tasks know the node's name, and lie below the process that watches over their step. */
function processesOf(node) {
  const tasks = processes().filter((pid) => processFile(pid, "environ").includes(`\0SLURMD_NODENAME=${node}\0`));
  const steps = tasks.flatMap(ancestors).filter((pid) => processFile(pid, "comm").startsWith("slurmstepd"));
  return [...new Set([...steps, ...tasks])];
}

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Munge signs what the daemons tell each other. It refuses folders and keys that others may write. */
function startMunge(place, say) {
  const user = { uid: Number(say("id", "-u", "munge")), gid: Number(say("id", "-g", "munge")) };
  const folder = join(place, "munge");
  const key = join(folder, "key");
  writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  for (const path of [folder, key]) chownSync(path, user.uid, user.gid);
  const paths = ["key-file=key", "socket=sock", "pid-file=munged.pid", "log-file=log", "seed-file=seed"];
  const flags = paths.map((pair) => `--${pair.replace("=", `=${folder}/`)}`);
  const { status, stderr } = spawnSync("munged", [...flags, "--force"], { encoding: "utf8", ...user });
  if (status !== 0) throw new Error(`munged: ${stderr}`);
}

const configOf = (place) => `
ClusterName=test
SlurmctldHost=${hostname().split(".")[0]}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=${PORT}
AuthType=auth/munge
# A requeued job waits for twice the life of a credential.
AuthInfo=socket=${place}/munge/sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=${place}/state
SlurmdSpoolDir=${place}/%n
SlurmctldPidFile=${place}/run/slurmctld.pid
SlurmdPidFile=${place}/run/%n.pid
SlurmctldLogFile=${place}/log/slurmctld.log
SlurmdLogFile=${place}/log/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,sched_min_interval=100000,bf_interval=1,batch_sched_delay=0
ReturnToService=2
SlurmdTimeout=10
MinJobAge=600
KillWait=2
InactiveLimit=0
SlurmdParameters=config_overrides
${NODES.map(
  (node, i) =>
    `NodeName=${node} NodeAddr=127.0.0.1 NodeHostname=${hostname().split(".")[0]} Port=${PORT + 1 + i} CPUs=2 RealMemory=4096`,
).join("\n")}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
