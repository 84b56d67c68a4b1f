// Runs bundles of tests by @vitest/runner, as messages ask: `bundle`, its path; `wanted`, the names of tests that run, in their
// order, with those that are not `known`; `isReport`, whether all of them run, instead of those up to the first failure. The
// answer, after a message for each test, says what each test took, what failed, and which mutants were met.
import { pathToFileURL } from "node:url";
import * as assertions from "@vitest/expect";
import * as tests from "@vitest/runner";
import { fn } from "@vitest/spy";

const MUTANTS = 2 ** 16; // of a folder, at most
const noted = new Uint8Array(MUTANTS);
globalThis.__met__ = noted;

function makeExpect() {
  const { chai, JestExtend, JestChaiExpect, JestAsymmetricMatchers } = assertions;
  for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
  const expect = (value, message) => chai.expect(value, message);
  Object.assign(expect, chai.expect, globalThis[assertions.ASYMMETRIC_MATCHERS_OBJECT]);
  assertions.setState({ assertionCalls: 0 }, expect);
  globalThis[assertions.GLOBAL_EXPECT] = expect;
  return expect;
}

const replaced = new Map();
const notBundled = () => {
  throw new Error(NOT_BUNDLED);
};
const vi = {
  fn,
  stubGlobal(name, value) {
    if (!replaced.has(name)) replaced.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  },
  unstubAllGlobals() {
    for (const [name, before] of replaced) {
      if (before === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, before);
    }
    replaced.clear();
  },
  resetModules() {}, // each bundle is new
  ...{ doMock: notBundled, doUnmock: notBundled },
};
globalThis.__vitest__ = { ...tests, expect: makeExpect(), vi };

const nameOf = (task) => (task.suite === undefined ? task.name : `${nameOf(task.suite)} > ${task.name}`);
const flat = (tasks) => tasks.flatMap((task) => (task.type === "test" ? [task] : flat(task.tasks)));
const isBad = (task) => task.result?.state === "fail" || (task.tasks ?? []).some(isBad);

/** Leaves out the tests that are not asked for, and puts the others in order. */
function choose(files, { wanted, known }) {
  const place = new Map(wanted.map((name, i) => [name, i]));
  const isKnown = new Set(known);
  for (const test of flat(files)) {
    const name = nameOf(test);
    if (isKnown.has(name) && !place.has(name)) test.mode = "skip";
  }
  const placeOf = (task) => Math.min(...flat([task]).map((test) => place.get(nameOf(test)) ?? -1));
  for (const { tasks } of files) tasks.sort((a, b) => placeOf(a) - placeOf(b));
}

/** Mutants that were met since the last call. */
function takeNotes(ids) {
  for (let id = noted.indexOf(1); id >= 0; id = noted.indexOf(1, id)) {
    ids.add(String(id));
    noted[id] = 0;
  }
}

async function run({ bundle, isReport, ...asked }) {
  const [taken, failed, met] = [{}, {}, {}];
  const metAlways = new Set();
  const runner = {
    config: {
      root: process.cwd(),
      sequence: { hooks: "stack", setupFiles: "list" },
      ...{ setupFiles: [], tags: [], retry: 0, maxConcurrency: 1, passWithNoTests: true, allowOnly: true },
      ...{ testTimeout: 3_600_000, hookTimeout: 3_600_000 }, // who has started this process ends it
    },
    importFile: (path) => import(pathToFileURL(path).href),
    onCollected(files) {
      if (asked.wanted !== undefined) choose(files, asked);
    },
    onBeforeRunTask(test) {
      if (isReport) takeNotes(metAlways);
      else if (Object.keys(failed).length > 0) test.mode = "skip";
    },
    onAfterRunTask(test) {
      process.send({ isProgress: true });
      const name = nameOf(test);
      if (isReport) {
        met[name] ??= new Set();
        takeNotes(met[name]);
      }
      taken[name] = (taken[name] ?? 0) + (test.result?.duration ?? 0);
      if (test.result?.state === "fail") failed[name] = test.result.errors?.[0]?.message ?? "";
    },
  };
  const began = performance.now();
  const files = await tests.startTests([bundle], runner);
  takeNotes(metAlways);
  return {
    ...{ taken, failed, milliseconds: performance.now() - began },
    hasFailed: files.some(isBad),
    errors: files.flatMap(({ result }) => (result?.errors ?? []).map(({ message, stack }) => stack ?? message)),
    met: Object.fromEntries(Object.entries(met).map(([name, ids]) => [name, [...ids]])),
    metAlways: [...metAlways],
  };
}

process.on("message", async (asked) => process.send(await run(asked)));
