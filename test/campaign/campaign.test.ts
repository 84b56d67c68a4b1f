/** The campaign's books: what is kept of a run, the order of units, the table, and how checks report. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the command
import { everyResult, lastSeed, openRun, readResults, seedOf, shuffled } from "./state.mjs";
// @ts-expect-error likewise
import { isComplete, markdownTable, rowsOf, withTable } from "./table.mjs";

const folder = () => mkdtempSync(join(tmpdir(), "campaign-"));
const unit = (name: string) => ({ name, of: "values" });
const PARTS = [
  { name: "bits", promise: "equal bits", units: [unit("a"), unit("b")] },
  { name: "page", promise: "works", units: [{ name: "all", of: "checks" }] },
];
const result = (part: string, name: string, given: object = {}) => ({
  ...{ part, unit: name, count: 10, failures: [], absent: [], seconds: 2 },
  ...{ commit: "c1", seed: 7, at: "2026-01-02T03:04:05.000Z" },
  ...given,
});

test("a unit that was run twice counts once, as it ended last; parts that were not run have a row", () => {
  const failed = result("bits", "a", { count: 3, failures: ["element 5 differs"] });
  const rows = rowsOf(PARTS, [failed, result("bits", "a"), result("bits", "b", { absent: ["a compiler"] })]);
  expect(rows).toMatchObject([
    { part: "bits", count: 20, of: "values", units: 2, allUnits: 2, failures: 0, absent: 1, seconds: 4, seed: 7 },
    { part: "page", count: 0, units: 0, allUnits: 1 },
  ]);
  expect(rows.map(isComplete)).toEqual([false, false]);
  expect(rowsOf(PARTS, [result("bits", "a"), failed])[0]).toMatchObject({ count: 3, failures: 1 });
});

test("runs of several days, commits and seeds are rows of one table", () => {
  const later = result("bits", "b", { commit: "c2", seed: 8, at: "2026-01-09T00:00:00.000Z" });
  const both = [result("bits", "a"), result("bits", "b"), later];
  expect(rowsOf(PARTS, both).map((row: Record<string, unknown>) => [row.commit, row.seed, row.day, row.units])).toEqual(
    [
      ["c1", 7, "2026-01-02", 2],
      ["c2", 8, "2026-01-09", 1],
      ["", "", "", 0],
    ],
  );
});

test("the document has the table between its marks, and says whether the run was complete", () => {
  const text = "before\n<!-- npm run campaign -- --write: -->\nold\n<!-- end of the campaign's table -->\nafter\n";
  const whole = [result("bits", "a", { seconds: 3600 }), result("bits", "b"), result("page", "all")];
  const complete = withTable(text, rowsOf(PARTS, whole));
  expect(complete).toContain("Complete: every unit of every part was run");
  expect(complete).toContain("1.0 hours of work");
  expect(complete).toContain("| bits | equal bits | 20 values | 2 of 2 | 0 | 0 | 3602 | 7 | c1 | 2026-01-02 |");
  const incomplete = withTable(complete, rowsOf(PARTS, whole.slice(1)));
  expect(incomplete).toMatch(/\*\*Incomplete\.\*\*.*: bits\./);
  expect(incomplete).not.toContain("Complete:");
  expect(incomplete.split("| part |")).toHaveLength(2);
  expect(incomplete.endsWith("\nafter\n")).toBe(true);
  expect(() => withTable("no marks", [])).toThrow("expected the marks");
  expect(markdownTable([]).split("\n")).toHaveLength(2);
});

test("a run goes on where it was killed, also within a line", () => {
  const place = folder();
  const run = openRun({ folder: place, commit: "c1", seed: 7 });
  expect(run.results()).toEqual([]);
  run.add({ part: "bits", unit: "a", count: 1, failures: [], absent: [], seconds: 1 });
  appendFileSync(run.file, '{"part":"bits","unit":"b","cou');
  expect(run.results()).toMatchObject([{ part: "bits", unit: "a", commit: "c1", seed: 7 }]);
  expect(readResults(join(place, "none.jsonl"))).toEqual([]);
  openRun({ folder: place, commit: "c2", seed: 9 }).add({ part: "bits", unit: "b" });
  expect(everyResult(place)).toHaveLength(2);
  expect([lastSeed("c1", place), lastSeed("c2", place), lastSeed("c3", place)]).toEqual([7, 9, undefined]);
});

test("the order of units follows from the seed, and so does the seed of each", () => {
  const names = Array.from({ length: 50 }, (_, i) => `unit ${i}`);
  const order = (seed: number) => shuffled(names, seed, (name: string) => name);
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
  expect(order(1)).not.toEqual(names);
  expect(order(1).toSorted()).toEqual(names.toSorted());
  const seeds = new Set(names.map((name) => seedOf(1, name)));
  expect(seeds.size).toBe(50);
  for (const seed of seeds) expect(Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
});

/** What a check of these lines prints, exits with, and writes. */
function check(lines: string, ...args: string[]) {
  const report = fileURLToPath(new URL("../report.mjs", import.meta.url));
  const file = join(folder(), "report.json");
  const script = `import { Absent, askedParts, reporter } from ${JSON.stringify(report)}; const asked = askedParts(["a", "b"]);
    const { check, tally, end } = reporter((error) => error.message); ${lines}`;
  const argv = ["--input-type=module", "-e", script, "--", "script", ...args, "--json", file];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  return { status, stdout, stderr, json: () => JSON.parse(readFileSync(file, "utf8")) };
}

test("a check that passes, and one that is absent: exit code 0, and a file with both", () => {
  const { status, stdout, json } = check(
    `await tally("a", () => ({ counts: { kept: 3, lost: 0 }, wrong: [], absent: ["root"] }));
     await check("b", () => { throw new Absent("no compiler"); }); end();`,
    "a",
  );
  expect(stdout).toMatch(
    /^passed {2}a: kept 3, lost 0; 0 wrong \(.*\)\nabsent {2}a: root\nabsent {2}b: no compiler\n1 passed, 0 failed, 2 absent\n$/,
  );
  expect(status).toBe(0);
  expect(json()).toMatchObject({
    passed: 1,
    failed: 0,
    absent: 2,
    rows: [{ name: "a", counts: { kept: 3, lost: 0 } }, {}, {}],
  });
});

test("what is wrong, nothing that passed, and names that are not known are exit code 1", () => {
  const wrong = check(
    'await tally("a", () => ({ counts: { kept: 3 }, wrong: ["byte 7"] })); await check("b", () => "x"); end();',
  );
  expect([wrong.status, wrong.json().failed, wrong.stdout]).toEqual([1, 1, expect.stringContaining("byte 7")]);
  expect(check('await check("a", () => undefined); end();').status).toBe(1);
  expect(check('await check("a", () => "x"); end({ isEnough: false });').status).toBe(1);
  const unknown = check("end();", "c");
  expect([unknown.status, unknown.stderr]).toEqual([
    1,
    expect.stringContaining("expected names of parts (a, b), got c"),
  ]);
});
