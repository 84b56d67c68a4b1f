// node scripts/choosing.mjs [--check]: writes the tables and curves of docs/choosing.md, all of them measured by the lab.
// A comment `<!-- lab {...} -->` says what to run; everything from there to `<!-- end -->` is replaced. With --check nothing
// is written, and the script fails if the page is not up to date. Needs the build.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plot } from "asciichart";
import { lab } from "../dist/lab.js";

const FILE = fileURLToPath(new URL("../docs/choosing.md", import.meta.url));

const rounded = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(3))) : "beyond floats");
const size = (x) => (Number.isFinite(x) && x !== 0 && (x < 1e-4 || x >= 1e6) ? x.toExponential(1) : rounded(x));
const percent = (share) => `${Math.round(100 * share)}%`;
const schemeText = ({ scheme, ...options }) =>
  [`\`${scheme}\``, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(", ");

const reports = new Map();
/** The lab's report on one network. Equal networks are run once. */
function run(options) {
  const key = JSON.stringify(options);
  if (!reports.has(key)) reports.set(key, lab({ recommendation: false, jacobian: false, ...options }));
  return reports.get(key);
}

/** What each column shows of a report. */
const COLUMNS = {
  network: ({ network: { kind, activation, residual, normalization, normalizationAt, branchScale } }) =>
    [
      activation,
      ...(kind === "dense" ? [] : [kind]),
      ...(residual && kind !== "attention" ? ["residual"] : []),
      ...(branchScale === 1 ? [] : [`branches times ${rounded(branchScale)}`]),
      ...(normalization === "none" ? [] : [`${normalization} norm${normalizationAt === "post" ? " after" : ""}`]),
    ].join(", "),
  scheme: ({ scheme }) => schemeText(scheme),
  layers: ({ network: { depth } }) => String(depth),
  "signals' factor": ({ verdict }) => size(verdict.factorPerLayer.forward),
  "gradients' factor": ({ verdict }) => size(verdict.factorPerLayer.backward),
  "signals in all": ({ verdict }) => size(verdict.growth.forward),
  "gradients in all": ({ verdict }) => size(verdict.growth.backward),
  "last layer": ({ layers }) => size(layers.at(-1).forward.mean),
  correlation: ({ layers }) => rounded(layers.at(-1).correlation.mean),
  dead: ({ layers }) => percent(layers.at(-2).dead),
  saturated: ({ layers }) => percent(layers.at(-2).saturated),
  // Single precision resolves condition numbers up to about 1e7.
  "condition number": ({ jacobian: { conditionNumber } }) =>
    conditionNumber < 1e7 ? rounded(conditionNumber) : "above 10,000,000",
  chi_1: ({ meanField }) => (meanField === null ? "" : rounded(meanField.chi1)),
  verdict: ({ verdict }) => verdict.kind,
};

/** A table with a row for each network; `all` holds the options that the rows share. */
function table({ rows, columns, all = {} }) {
  const lines = rows.map((row) => columns.map((column) => COLUMNS[column](run({ ...all, ...row }))));
  return [columns, columns.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const FLAT = 0.2; // a curve that varies less is drawn as a level line at its mean

/** A curve for each network: the base-10 logarithm of the variance of signals ("forward") or gradients ("backward"). */
function curves({ rows, of, all = {} }) {
  const parts = rows.map((row) => {
    const report = run({ ...all, ...row });
    const logs = report.layers.map((layer) => Math.log10(layer[of].mean));
    const flat = Math.max(...logs) - Math.min(...logs) < FLAT;
    const values = flat ? logs.map(() => logs.reduce((sum, x) => sum + x, 0) / logs.length) : logs;
    const drawn = plot(values, { height: flat ? 1 : 6, format: (x) => x.toFixed(1).padStart(7) });
    const title = `${COLUMNS.network(report)}, ${schemeText(report.scheme).replaceAll("`", "")}`;
    return `${title}\n${drawn.replace(/ +$/gm, "")}`;
  });
  return ["```text", parts.join("\n\n"), "```"].join("\n");
}

const page = readFileSync(FILE, "utf8");
const updated = page.replace(/(<!-- lab (\{[\s\S]*?\}) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, json, end) => {
  const block = JSON.parse(json);
  return `${begin}\n${block.of === undefined ? table(block) : curves(block)}\n\n${end}`;
});
if (!process.argv.includes("--check")) writeFileSync(FILE, updated);
else if (updated !== page) {
  const at = [...updated].findIndex((letter, i) => letter !== page[i]);
  const near = updated.slice(Math.max(0, at - 100), at + 300);
  process.stderr.write(`docs/choosing.md is not up to date; the lab now gives, near character ${at}:\n${near}\n`);
  process.exitCode = 1;
}
