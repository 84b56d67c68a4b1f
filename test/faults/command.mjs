// Runs the built command in processes of their own, with a limit of time, and judges how they end.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
export const PATIENCE = 1000 * Number(process.env.PATIENCE ?? 10); // milliseconds until a run counts as hanging

export const folder = () => mkdtempSync(join(tmpdir(), "nn-init-faults-"));
export const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const litter = (place) => readdirSync(place).filter((name) => name.endsWith(".tmp"));

/** Numbers that follow from a seed, in [0, 1): mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns the process, and a promise of how it ends. */
export function start(args, { cwd, env, patience = PATIENCE, node = [] } = {}) {
  const child = spawn(process.execPath, [...node, CLI, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => {
    const run = { stdout: "", stderr: "", hung: false };
    for (const name of ["stdout", "stderr"]) {
      child[name].on("data", (bytes) => {
        if (run[name].length < 2 ** 20) run[name] += bytes;
      });
    }
    const limit = setTimeout(() => {
      run.hung = true;
      child.kill("SIGKILL");
    }, patience);
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ ...run, code, signal });
    });
  });
  return { child, ended };
}

export const run = (args, options) => start(args, options).ended;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What is wrong with a run's end, whatever it was given: nothing, if it did what it was asked or refused in its own words. */
export function faultOf({ code, signal, stdout, stderr, hung }) {
  if (hung) return `hung for ${PATIENCE / 1000} s`;
  if (signal !== null) return `ended by ${signal}`;
  if (![0, 1, 2].includes(code)) return `exit code ${code}`;
  if (/\n\s+at |call stack|heap|is not a function|Cannot read prop|undefined \(reading/.test(stderr))
    return `a bug's message: ${stderr}`;
  if (CONTROLS.test(stderr)) return `control characters: ${JSON.stringify(stderr)}`;
  const isFailedAudit = code === 1 && /^\d+ failed/m.test(stdout);
  if (code !== 0 && stderr === "" && !isFailedAudit) return `exit code ${code} without a message`;
  if (stderr.length > 5000) return `a message of ${stderr.length} characters`;
  return undefined;
}

/** Calls `each` for 0 to count - 1, two at a time. */
export async function times(count, each) {
  let next = 0;
  const worker = async () => {
    while (next < count) await each(next++);
  };
  await Promise.all([worker(), worker()]);
}
