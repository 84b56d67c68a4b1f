// npm run campaign: everything that holds a promise of the project and takes longer than npm test, in units of a few minutes, in
// an order that follows from a printed seed.
//
//   npm run campaign -- --minutes 60        goes on where the last run ended, for an hour; what rests on changed files is run again.
//                                           Whole rows of docs/quality.md count, so that machines can take turns
//   npm run campaign -- --seed 7 bits mutation      a run of a seed, and parts of it
//   npm run campaign -- --complete          and fails where anything was absent or not run
//   npm run campaign -- --list              the parts, their promises and their units
//   npm run campaign -- --table --write     the table of all that was run, into docs/quality.md, without running anything
//
// --new begins a run from a new seed, --again runs units once more that failed or were absent, --unit TEXT only those with the text
// in their name. --stale adds to the table what was run on files that have changed since, here or as docs/quality.md says. What was
// run is kept in NN_INIT_CAMPAIGN (~/.cache/nn-init-campaign). Exits with 1 on a failure; what is absent is printed, and fails
// only --complete.

import { randomInt } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Absent } from "../report.mjs";
import { partsOf } from "./parts.mjs";
import { commitOf, everyResult, holding, openRun, seedOf, shuffled, unitName } from "./state.mjs";
import { isComplete, rowsOf, rowsThatHold, tableIn, textTable, withTable } from "./table.mjs";

const USUAL_MINUTES = 3; // of a unit that was never run
const DOCUMENT = new URL("../../docs/quality.md", import.meta.url);
const readDocument = () => readFileSync(DOCUMENT, "utf8");

const flag = { type: "boolean", default: false };
const text = { type: "string" };
const { values: flags, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ minutes: text, seed: text, unit: text },
    ...{ complete: flag, list: flag, table: flag, stale: flag, write: flag, new: flag, again: flag, big: flag },
  },
});

function numberOf(name, least) {
  if (flags[name] === undefined) return undefined;
  const value = Number(flags[name]);
  if (!(value >= least)) throw new Error(`--${name}: expected a number from ${least}, got ${flags[name]}`);
  return value;
}

const minutes = numberOf("minutes", 0) ?? Number.POSITIVE_INFINITY;
const written = tableIn(readDocument());
const last = flags.new ? undefined : (everyResult().at(-1)?.seed ?? written.seed);
const seed = numberOf("seed", 0) ?? last ?? randomInt(2 ** 31);
const every = partsOf({ big: flags.big });
const holds = holding(every);
/** What was run on another machine, or here before the results were lost. */
const elsewhere = seed === written.seed ? rowsThatHold(written.rows, every) : [];
const unknown = asked.filter((name) => !every.some((part) => part.name === name));
if (unknown.length > 0)
  throw new Error(`expected names of parts (${every.map(({ name }) => name).join(", ")}), got ${unknown.join(", ")}`);
const parts = asked.length > 0 ? every.filter(({ name }) => asked.includes(name)) : every;

if (flags.list) {
  for (const { name, promise, units } of parts)
    console.log(`${name} (${units.length} units): ${promise}\n  ${units.map((one) => one.name).join("; ")}`);
} else {
  if (!flags.table) await runUnits();
  report();
}

/** Minutes that a unit takes, from what it took before, on any commit. */
function estimates() {
  const known = new Map(everyResult().map(({ part, unit, seconds }) => [unitName(part, unit), seconds / 60]));
  return ({ part, name }) => known.get(unitName(part, name)) ?? USUAL_MINUTES;
}

async function runUnits() {
  const commit = commitOf();
  const run = openRun({ commit, seed });
  console.log(`commit ${commit}, seed ${seed}, kept in ${run.file}`);
  const results = resultsNow();
  const isDone = ({ part, name }) => {
    const last = results.findLast((one) => one.part === part && one.unit === name);
    if (last !== undefined) return !flags.again || last.failures.length + last.absent.length === 0;
    return elsewhere.some((row) => row.part === part && !(flags.again && row.absent > 0));
  };
  const units = parts
    .flatMap(({ name, units }) => units.map((unit) => ({ ...unit, part: name })))
    .filter((unit) => !isDone(unit) && unit.name.includes(flags.unit ?? ""));
  const minutesOf = estimates();
  const begun = performance.now();
  const left = () => minutes - (performance.now() - begun) / 60_000;
  let ran = 0;
  for (const unit of shuffled(units, seed, ({ part, name }) => unitName(part, name))) {
    if (minutesOf(unit) > left()) continue;
    run.add(await runUnit(unit));
    ran += 1;
  }
  if (ran < units.length)
    console.log(`${units.length - ran} units are left, which would not have ended within ${minutes} minutes`);
}

async function runUnit({ part, name, run }) {
  const begun = performance.now();
  const own = seedOf(seed, unitName(part, name));
  let outcome;
  try {
    outcome = await run(own);
  } catch (error) {
    const isAbsent = error instanceof Absent;
    outcome = { count: 0, failures: isAbsent ? [] : [String(error.stack)], absent: isAbsent ? [error.message] : [] };
  }
  const seconds = (performance.now() - begun) / 1000;
  const { count, failures, absent } = outcome;
  const what = failures.length > 0 ? "FAILED" : absent.length > 0 ? "absent" : "passed";
  console.log(`${what.padEnd(7)} ${part}, ${name}: ${count.toLocaleString("en")} (${seconds.toFixed(1)} s)`);
  for (const each of absent) console.log(`  absent: ${each.slice(0, 300)}`);
  for (const each of failures) console.log(`  FAILED: ${each.slice(0, 1500)}`);
  return { part, unit: name, count, failures, absent, seconds };
}

/** What was run from the seed and holds. */
function resultsNow() {
  return everyResult().filter((one) => one.seed === seed && holds(one));
}

function report() {
  const results = flags.stale ? everyResult().filter((one) => one.seed === seed) : resultsNow();
  const others = flags.stale && seed === written.seed ? written.rows : elsewhere;
  const rows = rowsOf(parts, results).map((row) => {
    const other = others.find(({ part }) => part === row.part);
    return other !== undefined && other.units > row.units && row.failures === 0 ? other : row;
  });
  console.log(textTable(rows));
  const failures = rows.reduce((sum, row) => sum + row.failures, 0);
  const missing = rows.filter((row) => !isComplete(row)).length;
  console.log(`${rows.length - missing} rows complete, ${missing} not; ${failures} failures`);
  if (flags.write) writeFileSync(DOCUMENT, withTable(readDocument(), rows, { seed, isStale: flags.stale }));
  if (failures > 0 || results.length + elsewhere.length === 0 || (flags.complete && missing > 0)) process.exitCode = 1;
}
