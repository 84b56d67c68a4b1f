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

/**
 * Runs a program that writes a report in JSON, to the file that `argsOf` is given.
 *
 * @param resultOf what the report says: `count`, `failures` and `absent`.
 * @returns the result. It has a failure where there is no report, or where the program fails and its report does not say why.
 */
async function reported(program, argsOf, options, resultOf) {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-campaign-"));
  const path = join(folder, "report.json");
  try {
    const { code, said } = await call(program, argsOf(path), options);
    const report = readJson(path);
    const result = report === undefined ? { count: 0, failures: [], absent: [] } : resultOf(report);
    const { count, failures, absent } = result;
    const isExplained = failures.length > 0 || absent.length > 0 || (code === 0 && count > 0);
    return isExplained ? result : { ...result, failures: [`${ending(code)}: ${said.slice(-1500)}`] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ending = (code) => (code === undefined ? "it was ended, since it took too long" : `exit code ${code}`);

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Runs `node FILE PARTS --json ...` of test/report.mjs: its checks as counts, failures and what was absent. */
export const runCheck = (file, names, options) =>
  reported(
    process.execPath,
    (path) => [file, ...names, "--json", path],
    options,
    ({ rows }) => {
      const texts = (outcome) =>
        rows.filter((row) => row.outcome === outcome).map(({ name, text }) => `${name}: ${text}`);
      const count = rows.reduce((sum, row) => sum + casesOf(row), 0);
      return { count, failures: texts("failed"), absent: texts("absent") };
    },
  );

/** A row that counted many cases counts as that many. Seconds are text, and are no cases. */
const casesOf = ({ outcome, counts }) => {
  if (outcome !== "passed") return 0;
  return counts === undefined
    ? 1
    : Object.values(counts)
        .filter(Number.isInteger)
        .reduce((sum, each) => sum + each, 0);
};

/** Runs a test file in Vitest. @returns the number of its tests that pass, and what fails. */
export function runTests(file, { config = "vitest.slow.config.ts", name, env, seconds } = {}) {
  const only = name === undefined ? [] : ["-t", name];
  const argsOf = (path) => ["run", "--config", config, "--reporter=json", `--outputFile=${path}`, file, ...only];
  return reported(join(root, "node_modules/.bin/vitest"), argsOf, { env, seconds }, ({ testResults }) => {
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failures = tests
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join(" ").slice(0, 1500)}`);
    return { count: tests.filter(({ status }) => status === "passed").length, failures, absent: [] };
  });
}
