// One table of what was run, on one day or on several: a row for each part.
import { withPart } from "../../scripts/marks.mjs";
import { isSame } from "./state.mjs";

/** @param results those that hold, from the first to the last. */
export const rowsOf = (parts, results) =>
  parts.map((part) =>
    rowOf(
      part,
      results.filter((one) => one.part === part.name),
    ),
  );

function rowOf({ name, promise, units }, results) {
  const last = new Map(results.map((one) => [one.unit, one])); // a unit that was run again counts once
  const all = [...last.values()].filter(({ unit }) => units.some((one) => one.name === unit));
  const count = (key) => all.reduce((sum, one) => sum + one[key].length, 0);
  return {
    part: name,
    promise,
    count: all.reduce((sum, one) => sum + one.count, 0),
    of: units[0]?.of ?? "checks",
    units: all.length,
    allUnits: units.length,
    failures: count("failures"),
    absent: count("absent"),
    seconds: all.reduce((sum, one) => sum + one.seconds, 0),
    commits: [...new Set(all.map(({ commit }) => commit))].join(", "),
    days: [...new Set(all.map(({ at }) => at.slice(0, 10)))].sort().join(", "),
  };
}

export const isComplete = ({ units, allUnits, absent }) => units === allUnits && absent === 0;

const MARK = "npm run campaign -- --write:";
const HEAD = ["part", "promises", "done", "units", "failures", "absent", "seconds", "commits", "days"];

const cellsOf = (row) => [
  row.part,
  row.promise,
  row.units === 0 ? "not run" : `${row.count.toLocaleString("en")} ${row.of}`,
  `${row.units} of ${row.allUnits}`,
  String(row.failures),
  String(row.absent),
  row.seconds.toFixed(0),
  row.commits,
  row.days,
];

/** @returns the row of a line of a table in Markdown; undefined for other lines, and for a part that was not run. */
function rowIn(line) {
  const cells = line.split("|").map((cell) => cell.trim());
  const [, part, promise, done, units, failures, absent, seconds, commits, days] = cells;
  const [, count, of] = /^([0-9,]+) (.+)$/.exec(done ?? "") ?? [];
  const [, some, all] = /^([0-9]+) of ([0-9]+)$/.exec(units ?? "") ?? [];
  if (count === undefined || all === undefined) return undefined;
  return {
    ...{ part, promise, count: Number(count.replaceAll(",", "")), of, units: Number(some), allUnits: Number(all) },
    ...{ failures: Number(failures), absent: Number(absent), seconds: Number(seconds), commits, days },
  };
}

/** The table that `withTable` has written: its seed, undefined where there is none, and its rows. */
export function tableIn(text) {
  const part = text.slice(text.indexOf(MARK));
  const [, seed] = /\bSeed ([0-9]+), /.exec(part) ?? [];
  const rows = part.split("\n").map(rowIn);
  return { seed: seed && Number(seed), rows: rows.filter((row) => row !== undefined) };
}

/**
 * Those rows of a table that hold now as they are, of parts of which every unit was run and none failed: on another machine, where
 * the same may have been absent.
 */
export const rowsThatHold = (rows, parts, same = isSame) =>
  rows.filter((row) => {
    const part = parts.find(({ name }) => name === row.part);
    if (part === undefined || part.units.length !== row.allUnits) return false;
    const rests = [...new Set(part.units.flatMap((unit) => unit.rests))];
    return (
      row.units === row.allUnits && row.failures === 0 && row.commits.split(", ").every((commit) => same(commit, rests))
    );
  });

export function textTable(rows) {
  const short = (cells) => cells.filter((_, i) => i !== 1); // what it promises is long
  const all = [short(HEAD), ...rows.map((row) => short(cellsOf(row)))];
  const widths = all[0].map((_, i) => Math.max(...all.map((cells) => cells[i].length)));
  return all
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable(rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...rows.map((row) => line(cellsOf(row)))].join("\n");
}

/** The document with the table of a seed between its marks, and a line that says whether the run is complete. */
export function withTable(text, rows, { seed, isStale = false }) {
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const missing = rows.filter((row) => !isComplete(row)).map(({ part }) => part);
  const state =
    missing.length === 0
      ? "Complete: every unit of every part was run, and nothing was absent."
      : `**Incomplete.** Of these parts some units were not run, or something was absent: ${missing.join(", ")}.`;
  const stale = isStale ? " Some of it was run on files that have changed since." : "";
  const work = `Seed ${seed}, ${(seconds / 3600).toFixed(1)} hours of work.${stale}`;
  return withPart(text, MARK, `${state} ${work}\n\n${markdownTable(rows)}`);
}
