// One table of what was run, on one day or on several: a row for each part, commit and seed.
import { withPart } from "../../scripts/marks.mjs";

/** @returns rows, with what is left of each part in the run that `now` names. */
export function rowsOf(parts, results) {
  const rows = [];
  for (const { name, promise, units } of parts) {
    const done = results.filter((one) => one.part === name);
    const runs = new Set(done.map(({ commit, seed }) => `${commit} ${seed}`));
    if (runs.size === 0) rows.push(rowOf({ name, promise, units }, []));
    for (const run of runs)
      rows.push(
        rowOf(
          { name, promise, units },
          done.filter((one) => `${one.commit} ${one.seed}` === run),
        ),
      );
  }
  return rows;
}

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
    seed: results.at(-1)?.seed ?? "",
    commit: results.at(-1)?.commit ?? "",
    day: results.at(-1)?.at.slice(0, 10) ?? "",
  };
}

export const isComplete = ({ units, allUnits, absent }) => units === allUnits && absent === 0;

const HEAD = ["part", "promises", "done", "units", "failures", "absent", "seconds", "seed", "commit", "day"];

const cellsOf = (row) => [
  row.part,
  row.promise,
  row.units === 0 ? "not run" : `${row.count.toLocaleString("en")} ${row.of}`,
  `${row.units} of ${row.allUnits}`,
  String(row.failures),
  String(row.absent),
  row.seconds.toFixed(0),
  String(row.seed),
  row.commit,
  row.day,
];

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

/** The document with the table between its marks, and a line that says whether the run is complete. */
export function withTable(text, rows) {
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const missing = rows.filter((row) => !isComplete(row)).map(({ part }) => part);
  const state =
    missing.length === 0
      ? "Complete: every unit of every part was run, and nothing was absent."
      : `**Incomplete.** Of these parts some units were not run, or something was absent: ${[...new Set(missing)].join(", ")}.`;
  const work = `${(seconds / 3600).toFixed(1)} hours of work.`;
  return withPart(text, "npm run campaign -- --write:", `${state} ${work}\n\n${markdownTable(rows)}`);
}
