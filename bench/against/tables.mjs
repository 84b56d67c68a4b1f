// The tables of docs/speed.md and README.md, from what `npm run bench:against -- --json FILE` writes:
// node bench/against/tables.mjs FILE puts them between the marks of both pages.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hasPart, withPart } from "../../scripts/marks.mjs";

const DISTRIBUTIONS = ["uniform", "normal", "truncated"];

/** What the README shows of all libraries. */
const SHORT = [
  ...["nn-init", "nn-init, scalar", "Math.random", "TensorFlow.js", "jax-js", "NumPy, SFC64", "PyTorch"],
  ...["PyTorch, compiled", "JAX, threefry", "Keras on TensorFlow", "TensorFlow", "MLX", "OpenCV", "MKL, ARS5"],
];

/** A row for each library: its rates, and how many times as fast nn-init was in the same turns. */
export function tableOf({ rows, size }, names = Object.keys(rows)) {
  const lines = names
    .filter((name) => rows[name] !== undefined)
    .map((name) => `| ${name} | ${DISTRIBUTIONS.map((each) => cellOf(rows[name][each], size)).join(" | ")} |`);
  return ["| | uniform | normal | truncated |", "|---|---|---|---|", ...lines].join("\n");
}

function cellOf(time, size) {
  if (time === undefined) return "";
  const { best, ours } = time;
  const ratio = best / ours;
  const digits = ratio < 2 ? 2 : 1;
  return `${(size / best / 1e9).toFixed(3)} G/s${best === ours ? "" : ` (${ratio.toFixed(digits)}x)`}`;
}

/** Where, and of which versions. */
const captionOf = ({ machine, versions, absent }) =>
  [`${machine}. ${Object.values(versions).join(", ")}.`, ...absent.map((line) => `Absent: ${line}.`)].join("\n");

/** @returns the page, with what stands between its marks as it was measured. A run that was ended has fewer tables. */
export function withTables(page, result) {
  const parts = Object.fromEntries(Object.entries(result.tables).map(([mark, table]) => [mark, tableOf(table)]));
  if (result.tables.small !== undefined) parts.short = tableOf(result.tables.small, SHORT);
  return Object.entries({ ...parts, caption: captionOf(result) })
    .map(([name, part]) => [`against ${name}`, part])
    .filter(([mark]) => hasPart(page, mark)) // each page shows some of them
    .reduce((text, [mark, part]) => withPart(text, mark, part), page);
}

/** Writes both pages. */
export function writeTables(result) {
  for (const name of ["docs/speed.md", "README.md"]) {
    const file = fileURLToPath(new URL(`../../${name}`, import.meta.url));
    writeFileSync(file, withTables(readFileSync(file, "utf8"), result));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeTables(JSON.parse(readFileSync(process.argv[2], "utf8")));
