// Ray: a cluster of two nodes on this machine; a task that is killed, which Ray tries again; a node that is killed, whose
// tasks run again on the other.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  background,
  call,
  descendants,
  faultsOf,
  processFile,
  python,
  RECIPES,
  recipeEnv,
  SEED,
  SIZE,
  send,
  until,
  writersIn,
} from "./setting.mjs";

const PORT = 21_380;
const ADDRESS = `127.0.0.1:${PORT}`;
const QUIET = { RAY_USAGE_STATS_ENABLED: "0", RAY_DISABLE_IMPORT_WARNING: "1" };

export async function ray(setting) {
  const programs = python("ray", ["ray==2.60.0"]);
  const counts = { nodes: 2, tasks: 0, "tasks killed": 0, "nodes killed": 0 };
  const wrong = [];
  const nodes = [];
  const log = openSync(join(setting.place, "ray.log"), "a");
  const start = (args) => {
    const common = ["--block", "--num-cpus=2", "--object-store-memory=80000000", "--disable-usage-stats"];
    nodes.push(
      background(join(programs, "ray"), ["start", ...args, ...common], { log, env: { ...process.env, ...QUIET } }),
    );
    return nodes.at(-1);
  };
  try {
    const place = join(setting.place, "ray");
    mkdirSync(place);
    start(["--head", `--port=${PORT}`, "--include-dashboard=false", `--temp-dir=${place}`]);
    await alive(programs, 1);
    const second = start([`--address=${ADDRESS}`]);
    await alive(programs, 2);
    for (const harm of [killTask, (out) => killNode(out, second)]) {
      const out = join(setting.place, "ray-out");
      const running = write(setting, programs, out);
      await Promise.race([harm(out), running]);
      const { code, stdout, stderr } = await running;
      if (code !== 0) wrong.push(`init.py: ${code} ${stdout}${stderr}`);
      wrong.push(...(await faultsOf(out, setting)));
      counts.tasks += 8;
      counts[harm === killTask ? "tasks killed" : "nodes killed"] += 1;
      rmSync(out, { recursive: true, force: true });
    }
    await alive(programs, 1);
  } catch (error) {
    wrong.push(`${error.stack}\n${readFileSync(join(setting.place, "ray.log"), "utf8").slice(-1500)}`);
  } finally {
    for (const node of nodes) await stop(node);
    closeSync(log);
  }
  return { counts, wrong };
}

/** Waits until so many nodes are alive, as Ray says. */
async function alive(programs, count) {
  const script = `
import ray, sys
ray.init(address="${ADDRESS}", log_to_driver=False)
print(sum(node["Alive"] for node in ray.nodes()))
`;
  await until(
    `${count} nodes of Ray are alive`,
    async () => (await call(join(programs, "python"), ["-c", script])).stdout.trim() === String(count),
    180,
  );
}

function write(setting, programs, out) {
  const flags = ["--model", setting.model, "--seed", SEED, "--out", out, "--max-shard-size", SIZE, "--tasks", "8"];
  const env = { ...recipeEnv(setting, out, 8), ...QUIET, RAY_ADDRESS: ADDRESS };
  return call(join(programs, "python"), [join(RECIPES, "ray/init.py"), ...flags], { env, cwd: setting.place });
}

async function killTask(out) {
  const [pid] = await writersIn(out);
  send(pid, "SIGKILL");
}

/** Kills a node, with all its processes, while a writer runs on it. */
async function killNode(out, node) {
  await until("a writer on the second node", () => {
    const below = descendants(node.pid);
    return below.some((pid) => processFile(pid, "cmdline").includes(`--out\0${out}`)) && below;
  });
  for (const pid of [node.pid, ...descendants(node.pid)]) send(pid, "SIGKILL");
}

async function stop(node) {
  const below = descendants(node.pid);
  await node.stop();
  for (const pid of below) send(pid, "SIGKILL"); // Ray gives its processes groups of their own
}
