// What all parts share: the model, the files that one process makes of it, and how programs are installed, run and stopped.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLI, folder, run, sha256, sleep } from "../faults/command.mjs";
import { Absent } from "../report.mjs";

export const RECIPES = fileURLToPath(new URL("../../examples/clusters/", import.meta.url));
/** Where programs are kept that take long to install: outside of the repository. */
export const CACHE = process.env.NN_INIT_CLUSTERS ?? join(homedir(), ".cache/nn-init-clusters");
export const SEED = "42";
export const SIZE = "16MB";

const tensor = (i) => ({ name: `layer.${i}.weight`, shape: [2000, 2000], scheme: "normal", std: 0.02 });
const MODEL = [
  ...Array.from({ length: 15 }, (_, i) => tensor(i)),
  { name: "head.weight", shape: [300, 300], scheme: "orthogonal" },
];

/** A model of 16 files, written by one process: what every scheduler must write. */
export async function prepare() {
  const place = folder();
  const model = join(place, "model.json");
  writeFileSync(model, JSON.stringify(MODEL));
  const one = join(place, "one");
  const begun = performance.now();
  await must(["init", model, "--seed", SEED, "--out", one, "--max-shard-size", SIZE]);
  return { place, model, files: hashesOf(one), duration: performance.now() - begun };
}

const hashesOf = (folder) => new Map(readdirSync(folder).map((name) => [name, sha256(join(folder, name))]));

async function must(args) {
  const end = await run(args, { patience: 600_000 });
  if (end.code !== 0) throw new Error(`nn-init ${args[0]}: ${end.code} ${end.stderr}`);
  return end.stdout;
}

/** What is wrong with a finished folder: nothing if every byte is what one process writes, and audit and verify pass. */
export async function faultsOf(folder, { files }, { audited = true } = {}) {
  const made = existsSync(folder) ? hashesOf(folder) : new Map();
  const wrong = [...new Set([...files.keys(), ...made.keys()])].filter((name) => files.get(name) !== made.get(name));
  if (wrong.length > 0) return [`${folder}: absent, different, or too many: ${wrong.join(", ")}`];
  if (!audited) return [];
  const audit = await run(["audit", folder, "--reproduce"], { patience: 600_000 });
  const verify = await run(["verify", folder], { patience: 600_000 });
  return [audit, verify].filter(({ code }) => code !== 0).map(({ stdout, stderr }) => stdout + stderr);
}

/** The variables that the recipes read. */
export const recipeEnv = ({ model }, out, tasks) => ({
  ...process.env,
  ...{ MODEL: model, SEED, OUT: out, TASKS: String(tasks), SIZE, NN_INIT: `${process.execPath} ${CLI}` },
});

/** A Python with these packages of PyPI, in an environment in the cache. @returns its folder of programs. */
export function python(name, packages) {
  const place = join(CACHE, name);
  const programs = join(place, "bin");
  const list = join(place, "packages.json");
  const wanted = JSON.stringify(packages);
  if (existsSync(list) && readFileSync(list, "utf8") === wanted) return programs;
  const made = spawnSync("python3", ["-m", "venv", "--clear", place], { encoding: "utf8" });
  if (made.status !== 0)
    throw new Absent(`no Python environment can be made: ${firstLine(made.stderr ?? "no python3")}`);
  const pip = spawnSync(join(programs, "pip"), ["install", "--quiet", ...packages], { encoding: "utf8" });
  if (pip.status !== 0)
    throw new Absent(`${packages.join(" ")} cannot be installed from PyPI: ${firstLine(pip.stderr)}`);
  writeFileSync(list, wanted);
  return programs;
}

const firstLine = (text) => text?.trim().split("\n").at(-1) ?? "";

/** Starts a program in the background. `stop` ends it and what it has started: it leads a process group of its own. */
export function background(program, args, { log, ...options }) {
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log], ...options });
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  return { pid: child.pid, ended, stop: (signal = "SIGTERM") => end(-child.pid, ended, signal) };
}

/** Ends a process or a group, by force after a while. */
async function end(pid, ended, signal) {
  const patience = sleep(5000).then(() => "late");
  send(pid, signal);
  if ((await Promise.race([ended, patience])) === "late") send(pid, "SIGKILL");
  await ended;
}

/** @returns whether there was such a process. */
export function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error.code === "ESRCH") return false;
    throw error;
  }
}

/** The text of a file of a process; empty if it has ended. */
export function processFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

export const processes = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const parentOf = (pid) => Number(/^PPid:\s+(\d+)/m.exec(processFile(pid, "status"))?.[1] ?? 0);

export function ancestors(pid) {
  const parent = parentOf(pid);
  return parent > 1 ? [parent, ...ancestors(parent)] : [];
}

/** What a process has started, and what these have. */
export const descendants = (pid) => processes().filter((other) => ancestors(other).includes(pid));

/** Whether a process runs; one that has ended, and that nobody has waited for, does not. */
export function isRunning(pid) {
  const status = processFile(pid, "status");
  return status !== "" && !/^State:\s+[ZX]/m.test(status);
}

/** Runs a program to its end. */
export function call(program, args, { seconds = 600, ...options } = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (text) => (said[name] += text));
  const limit = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ ...said, stderr: error.message, code: -1 }));
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ ...said, code: code ?? signal });
    });
  });
}

/** Waits until something is so. @throws Error if it is not so in time. */
export async function until(what, isSo, seconds = 60) {
  for (const limit = Date.now() + seconds * 1000; Date.now() < limit; await sleep(50)) {
    const found = await isSo();
    if (found) return found;
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** Waits until writers are at files in a folder. @returns their numbers, from the names of their temporary files. */
export async function writersIn(folder, seconds = 120) {
  for (const limit = Date.now() + seconds * 1000; Date.now() < limit; await sleep(1)) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const pids = names.flatMap((name) => /^\.nn-init\.\w+\.\w+\.(\d+)\.\w+\.tmp$/.exec(name)?.[1] ?? []);
    const running = pids.map(Number).filter(isRunning);
    if (running.length > 0) return running;
  }
  throw new Error(`${folder}: no writer within ${seconds} s`);
}
