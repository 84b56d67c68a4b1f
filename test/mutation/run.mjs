// What becomes of mutants: each meets the tests that reach it, until one of them fails.
import { fork } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bundleOf, harness, NOT_BUNDLED } from "./bundle.mjs";
import { instrument } from "./instrument.mjs";

const LIMIT = 3000; // milliseconds of a test, beside four times what the longest takes without a mutant
const HEAP = 1500; // MiB of a process
const USES = 40; // of a process

/**
 * @param root the folder of the repository. @param files what is mutated. @param tests files that must notice it.
 * @param kept a file whose lines keep what the tests took and met, of just these files and tests.
 * @returns `statuses(isAsked, path)`: these mutants with their `status`: Killed, Timeout (which is noticed), Survived, or
 *   NoCoverage where no test meets it; lines of a file keep them, so that a run that was ended goes on; and `end()`.
 */
export async function mutationRun({ root, files, tests, kept }) {
  const { mutants, texts } = await instrument(root, files);
  const folder = mkdtempSync(join(root, "build/mutation-")); // packages are found from there
  const bundles = new Map();
  const worker = workerIn(root, folder, bundles);
  const end = () => {
    worker.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    writeFileSync(join(folder, "harness.mjs"), await harness(root));
    for (const test of tests) bundles.set(test, await bundleOf(root, test, texts));
    const { ask } = worker;
    const known = new Map(linesOf(kept).map((suite) => [suite.test, suite]));
    const suites = await inTurn(tests, async (test) => {
      const suite = known.get(test) ?? (await measured(ask, test));
      if (!known.has(test)) appendFileSync(kept, `${JSON.stringify(suite)}\n`);
      return suiteOf(suite);
    });
    return {
      end,
      statuses(isAsked, path) {
        const known = new Map(linesOf(path).map(({ mutant, status }) => [mutant, status]));
        return inTurn(mutants.filter(isAsked), async (mutant) => {
          const name = nameOf(mutant);
          if (known.has(name)) return { ...mutant, status: known.get(name) };
          const status = mutant.status ?? (await fateOf(ask, mutant, suites));
          appendFileSync(path, `${JSON.stringify({ mutant: name, status })}\n`);
          return { ...mutant, status };
        });
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** Names a mutant in its file, whatever the other files hold. */
const nameOf = ({ location: { start, end }, mutatorName, replacement }) =>
  [start.line, start.column, end.line, end.column, mutatorName, replacement].join(" ");

const linesOf = (path) =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    : [];

async function inTurn(list, run) {
  const results = [];
  for (const one of list) results.push(await run(one));
  return results;
}

/** What a file of tests takes without a mutant, and which mutants its tests meet. */
async function measured(ask, test) {
  const { taken, milliseconds, ...first } = await ask(test, undefined, { isReport: true });
  const unbundled = Object.keys(first.failed).filter((name) => first.failed[name] === NOT_BUNDLED);
  const usable = ([name]) => !unbundled.includes(name);
  const wrongOf = ({ errors, failed }) => [
    ...errors,
    ...Object.entries(failed)
      .filter(usable)
      .map((one) => one.join(": ")),
  ];
  const times = Object.entries(taken).filter(usable);
  const quickFirst = times.toSorted(([, a], [, b]) => a - b);
  let wrong = wrongOf(first);
  for (const order of wrong.length > 0 ? [] : [quickFirst, times]) {
    const wanted = order.map(([name]) => name);
    const known = [...wanted, ...unbundled];
    const { met, metAlways, ...again } = await ask(test, "all", { wanted, known, isReport: true });
    wrong = wrongOf(again);
    if (wrong.length > 0) continue; // a test needs those before it
    const start = milliseconds - sumOf(times.map(([, time]) => time));
    return { test, known, taken: Object.fromEntries(order), met, metAlways, start };
  }
  throw new Error(`${test} fails without a mutant: ${wrong.join("\n")}`);
}

const sumOf = (numbers) => numbers.reduce((sum, each) => sum + each, 0);

const suiteOf = ({ metAlways, met, ...suite }) => ({
  ...{ ...suite, kills: 0, tries: 0 },
  always: new Set(metAlways),
  met: new Map(Object.entries(met).map(([name, ids]) => [name, new Set(ids)])),
});

async function fateOf(ask, mutant, suites) {
  const stem = basename(mutant.file, ".ts");
  const met = suites
    .map((suite) => ({ suite, ...wantedOf(suite, mutant.id) }))
    .filter(({ wanted }) => wanted.length > 0)
    .map((one) => ({ ...one, worth: chanceOf(one.suite, stem) / one.milliseconds }))
    .toSorted((a, b) => b.worth - a.worth);
  for (const { suite, wanted, longest } of met) {
    const options = { wanted, known: suite.known };
    const { hasFailed, isLate } = await ask(suite.test, mutant.id, options, LIMIT + 4 * longest);
    suite.tries += 1;
    if (!hasFailed) continue;
    suite.kills += 1;
    return isLate ? "Timeout" : "Killed";
  }
  return met.length === 0 ? "NoCoverage" : "Survived";
}

/** The tests of a file that meet a mutant: all, where it is met while they are described. */
function wantedOf({ taken, always, met, start }, id) {
  const names = Object.keys(taken);
  const wanted = always.has(id) ? names : names.filter((name) => met.get(name)?.has(id));
  const times = wanted.map((name) => taken[name]);
  return { wanted, milliseconds: start + sumOf(times), longest: Math.max(start, ...times) };
}

/** How likely a file of tests notices a mutant, from those before; one of the name of the mutated file is likely to. */
const chanceOf = ({ test, kills, tries }, stem) =>
  basename(test).startsWith(`${stem}.`) ? 1 : (kills + 1) / (tries + 2);

/**
 * Runs bundles in a process, each as a module of its own. A run that takes too long, or ends the process, has failed, and the
 * next one has a new process. Before a process ends that has run many, the tests that failed last must pass in it without a mutant.
 *
 * @param bundles by files of tests.
 */
function workerIn(root, folder, bundles) {
  let child;
  let last; // tests that failed
  let uses = 0;
  let count = 0; // of bundles

  const end = () => {
    child?.removeAllListeners();
    child?.kill("SIGKILL");
    child = undefined;
    last = undefined;
  };

  function begin() {
    const execArgv = [`--max-old-space-size=${HEAP}`];
    child = fork(join(folder, "harness.mjs"), { cwd: root, execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    uses = 0;
  }

  function answer(message, limit) {
    return new Promise((resolve) => {
      let said = "";
      let late;
      const wait = () => {
        clearTimeout(late);
        if (limit !== undefined) late = setTimeout(() => done({ hasFailed: true, isLate: true }), limit);
      };
      const hear = (text) => {
        said = (said + text).slice(-2000);
      };
      const done = (result) => {
        clearTimeout(late);
        child.stderr.off("data", hear);
        child.removeAllListeners();
        if (result.isLate || result.isOver) end();
        resolve(result);
      };
      child.stderr.on("data", hear);
      child.on("message", (answer) => (answer.isProgress ? wait() : done(answer)));
      child.once("exit", (code) => done({ hasFailed: true, isOver: true, errors: [`exit code ${code}: ${said}`] }));
      child.send(message);
      wait();
    });
  }

  async function tryOnce(test, id, options, limit) {
    count += 1;
    const bundle = join(folder, `${count}.mjs`);
    writeFileSync(bundle, bundles.get(test)(id));
    const result = await answer({ ...options, bundle }, limit);
    rmSync(bundle);
    return result;
  }

  async function ask(test, id, options, limit) {
    if (uses === USES) {
      const { hasFailed, errors, failed } = last === undefined ? {} : await tryOnce(last.test, undefined, last);
      if (hasFailed)
        throw new Error(`${last.test} fails without a mutant after others: ${JSON.stringify({ errors, failed })}`);
      end();
    }
    if (child === undefined) begin();
    uses += 1;
    const result = await tryOnce(test, id, options, limit);
    if (child !== undefined && result.hasFailed) last = { ...options, test };
    return result;
  }

  return { ask, end };
}
