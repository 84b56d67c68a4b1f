/** The campaign's books: what is kept of a run, the order of units, the table, and how checks report. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
// @ts-expect-error plain JavaScript, shared with the command
import { partsOf } from "./parts.mjs";
// @ts-expect-error likewise
import { root } from "./script.mjs";
// @ts-expect-error likewise
import { everyResult, holding, isSame, openRun, readResults, seedOf, shuffled } from "./state.mjs";
// @ts-expect-error likewise
import { isComplete, markdownTable, rowsOf, rowsThatHold, tableIn, withTable } from "./table.mjs";

const folder = () => mkdtempSync(join(tmpdir(), "campaign-"));
const matchesGlob = (glob: string, file: string) =>
  new RegExp(`^${glob.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(file);

interface Part {
  units: { rests: string[] }[];
}
const unit = (name: string, rests: string[] = []) => ({ name, of: "values", rests });
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
    { part: "bits", count: 20, of: "values", units: 2, allUnits: 2, failures: 0, absent: 1, seconds: 4 },
    { part: "page", count: 0, units: 0, allUnits: 1 },
  ]);
  expect(rows.map(isComplete)).toEqual([false, false]);
  expect(rowsOf(PARTS, [result("bits", "a"), failed])[0]).toMatchObject({ count: 3, failures: 1 });
});

test("a row has every commit and day that its units were run on", () => {
  const later = result("bits", "b", { commit: "c2", at: "2026-01-09T00:00:00.000Z" });
  expect(rowsOf(PARTS, [result("bits", "a"), result("bits", "b"), later])).toMatchObject([
    { commits: "c1, c2", days: "2026-01-02, 2026-01-09", units: 2 },
    { commits: "", days: "", units: 0 },
  ]);
});

test("a result holds as long as the files are the same that its unit rests on", () => {
  const same = vi.fn((commit: string, rests: string[]) => commit === "old" && rests[0] === "assembly");
  const parts = [{ name: "bits", units: [unit("a", ["assembly"]), unit("b", ["src"])] }];
  const holds = holding(parts, "now", same);
  const held = (name: string, commit: string) => holds({ part: "bits", unit: name, commit });
  expect([held("a", "now"), held("a", "old"), held("b", "old"), held("a", "older")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([held("a", "old"), same.mock.calls.length]).toEqual([true, 3]); // git is asked once
  expect([held("c", "now"), held("c", "old")]).toEqual([false, false]); // there is no such unit any more
  expect(holding(parts, "now+", () => false)({ part: "bits", unit: "a", commit: "now+" })).toBe(false); // edited again?
});

test("git says whether files are the same", () => {
  const place = folder();
  const git = (...args: string[]) => spawnSync("git", args, { cwd: place, encoding: "utf8" }).stdout.trim();
  git("init", "-q");
  writeFileSync(join(place, "a"), "1");
  git("add", ".");
  git("-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "one");
  const first = git("rev-parse", "HEAD");
  const same = (commit: string, ...rests: string[]) => isSame(commit, rests, place);
  expect([same(first, "a"), same(`${first}+`, "a"), same("0".repeat(40), "a")]).toEqual([true, false, false]);
  writeFileSync(join(place, "a"), "2");
  expect([same(first, "a"), same(first, "b"), same(first, ".", ":!a")]).toEqual([false, true, true]);
});

test("each unit rests on files that are there", () => {
  const files = spawnSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).stdout.split("\n");
  const paths = new Set<string>(
    partsOf({ big: true }).flatMap(({ units }: Part) => units.flatMap(({ rests }) => rests)),
  );
  const isThere = (path: string) =>
    path.includes("*")
      ? files.some((file) => matchesGlob(path, file))
      : files.some((file) => file === path || file.startsWith(path.replace(/\/?$/, "/")));
  expect([...paths].filter((path) => !isThere(path.replace(/^:!/, "")))).toEqual([]);
});

test("the document has the table between its marks, and says whether the run was complete", () => {
  const text = "before\n<!-- npm run campaign -- --write: -->\nold\n<!-- end of the campaign's table -->\nafter\n";
  const whole = [result("bits", "a", { seconds: 3600 }), result("bits", "b"), result("page", "all")];
  const complete = withTable(text, rowsOf(PARTS, whole), { seed: 7 });
  expect(complete).toContain("Complete: every unit of every part was run");
  expect(complete).toContain("Seed 7, 1.0 hours of work");
  expect(complete).toContain("| bits | equal bits | 20 values | 2 of 2 | 0 | 0 | 3602 | c1 | 2026-01-02 |");
  const incomplete = withTable(complete, rowsOf(PARTS, whole.slice(1)), { seed: 7, isStale: true });
  expect(incomplete).toMatch(/\*\*Incomplete\.\*\*.*: bits\./);
  expect(incomplete).not.toContain("Complete:");
  expect([complete, incomplete].map((page) => page.includes("files that have changed since"))).toEqual([false, true]);
  expect(incomplete.split("| part |")).toHaveLength(2);
  expect(incomplete.endsWith("\nafter\n")).toBe(true);
  expect(() => withTable("no marks", [], { seed: 7 })).toThrow("expected the marks");
  expect(markdownTable([]).split("\n")).toHaveLength(2);
});

test("complete rows of the document count on another machine, as long as they hold", () => {
  const text = "Seed 5, name x\n<!-- npm run campaign -- --write: -->\n<!-- end of the campaign's table -->\n";
  const parts = [
    { name: "bits", promise: "equal bits", units: [unit("a", ["assembly"]), unit("b", ["src"])] },
    { name: "page", promise: "works", units: [unit("all", ["web"])] },
    { name: "slow", promise: "holds", units: [unit("all", ["src"])] },
  ];
  const results = [result("bits", "a", { count: 1e10 }), result("bits", "b", { commit: "c2" }), result("page", "all")];
  const rows = rowsOf(parts, results);
  const { seed, rows: read } = tableIn(withTable(text, rows, { seed: 7 }));
  expect(seed).toBe(7);
  expect(read).toEqual(rows.slice(0, 2)); // what was not run has no row
  const asked: unknown[] = [];
  const same = (commit: string, rests: string[]) => {
    asked.push([commit, rests]);
    return commit === "c1";
  };
  expect(rowsThatHold(read, parts, same)).toEqual([rows[1]]);
  expect(asked).toEqual([
    ["c1", ["assembly", "src"]],
    ["c2", ["assembly", "src"]],
    ["c1", ["web"]],
  ]);
  const held = (row: object) => rowsThatHold([{ ...read[0], ...row }], parts, () => true).length;
  expect([
    held({}),
    held({ units: 1 }),
    held({ allUnits: 3, units: 3 }),
    held({ failures: 1 }),
    held({ absent: 1 }),
  ]).toEqual([1, 0, 0, 0, 1]);
  expect(held({ part: "gone" })).toBe(0);
  expect(tableIn(text)).toEqual({ seed: undefined, rows: [] });
});

test("a run goes on where it was killed, also within a line", () => {
  const place = folder();
  const run = openRun({ folder: place, commit: "c1", seed: 7 });
  run.add({ part: "bits", unit: "a", count: 1, failures: [], absent: [], seconds: 1 });
  appendFileSync(run.file, '{"part":"bits","unit":"b","cou');
  expect(readResults(run.file)).toMatchObject([{ part: "bits", unit: "a", commit: "c1", seed: 7 }]);
  openRun({ folder: place, commit: "c1", seed: 7 }).add({ part: "bits", unit: "c" });
  expect(readResults(run.file)).toMatchObject([{ unit: "a" }, { unit: "c" }]);
  expect(readResults(join(place, "none.jsonl"))).toEqual([]);
  openRun({ folder: place, commit: "c2", seed: 9 }).add({ part: "bits", unit: "d" });
  expect(everyResult(place)).toMatchObject([{ unit: "a" }, { unit: "c" }, { unit: "d", seed: 9 }]);
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
