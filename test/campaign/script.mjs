// Units that are programs: a check of the repository that writes --json FILE, a test file in Vitest, or another program.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const KEPT = 20_000; // characters of what a program says

/**
 * Runs a program to its end, or ends it and what it has started after a while.
 *
 * @returns its exit code, or undefined where it was ended, and the end of what it said.
 */
export function call(program, args, { env = {}, seconds = 1800, cwd = root } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      said = (said + text).slice(-KEPT);
    });
  }
  const end = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {} // it has ended
  };
  process.once("exit", end);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    end();
  }, seconds * 1000);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: -1, said: error.message }));
    child.on("close", (code) => {
      clearTimeout(limit);
      process.off("exit", end);
      resolve({ code: isLate ? undefined : (code ?? -1), said });
    });
  });
}

/** Runs `node FILE PARTS --json ...` of test/report.mjs: its checks as counts, failures and what was absent. */
export async function runCheck(file, names, options) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-campaign-"));
  const path = join(folder, "report.json");
  try {
    const { code, said } = await call(process.execPath, [file, ...names, "--json", path], options);
    const report = readJson(path);
    if (report === undefined) return { count: 0, failures: [`${ending(code)}: ${said.slice(-1500)}`], absent: [] };
    const texts = (outcome) =>
      report.rows.filter((row) => row.outcome === outcome).map(({ name, text }) => `${name}: ${text}`);
    const failures = texts("failed");
    const absent = texts("absent");
    if (code !== 0 && failures.length + absent.length === 0) failures.push(`${ending(code)}: ${said.slice(-1500)}`);
    return { count: report.rows.reduce((sum, row) => sum + casesOf(row), 0), failures, absent };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A row that counted many cases counts as that many. */
const casesOf = ({ outcome, counts }) => {
  if (outcome !== "passed") return 0;
  return counts === undefined ? 1 : Object.values(counts).reduce((sum, each) => sum + each, 0);
};

const ending = (code) => (code === undefined ? "it was ended, since it took too long" : `exit code ${code}`);

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Runs a test file in Vitest. @returns the number of its tests that pass, and what fails. */
export async function runTests(file, { config = "vitest.slow.config.ts", name, env, seconds } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-campaign-"));
  const path = join(folder, "report.json");
  try {
    const only = name === undefined ? [] : ["-t", name];
    const args = ["run", "--config", config, "--reporter=json", `--outputFile=${path}`, file, ...only];
    const { code, said } = await call(join(root, "node_modules/.bin/vitest"), args, { env, seconds });
    const report = readJson(path);
    if (report === undefined) return { count: 0, failures: [`${ending(code)}: ${said.slice(-1500)}`], absent: [] };
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failures = tests
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join(" ").slice(0, 1500)}`);
    const count = tests.filter(({ status }) => status === "passed").length;
    if (failures.length === 0 && (code !== 0 || count === 0)) failures.push(`${ending(code)}: ${said.slice(-1500)}`);
    return { count, failures, absent: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
