// node scripts/choosing.mjs [--check]: writes the figures and numbers of docs/choosing.md, all of them by the lab. A block begins
// with a comment that says what to run, and everything up to its end is made here. With --check nothing is written: it
// fails where a block is not what the lab makes of it today. Needs the build.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plot } from "asciichart";
import { lab } from "../dist/lab.js";

const FILE = fileURLToPath(new URL("../docs/choosing.md", import.meta.url));

const digits = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(3))) : "beyond floats");
const times = (x) => (Number.isFinite(x) && x !== 0 && (x < 1e-4 || x >= 1e6) ? x.toExponential(1) : digits(x));
const named = ({ scheme, ...options }) =>
  [`\`${scheme}\``, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(", ");

const runs = new Map();
/** One experiment; the same one is not run twice. */
function run(options) {
  const key = JSON.stringify(options);
  if (!runs.has(key)) runs.set(key, lab({ recommendation: false, jacobian: false, ...options }));
  return runs.get(key);
}

const COLUMNS = {
  network: ({ network: { kind, activation, residual, normalization, branchScale } }) =>
    [
      activation,
      ...(kind === "dense" ? [] : [kind]),
      ...(residual && kind !== "attention" ? ["residual"] : []),
      ...(branchScale === 1 ? [] : [`branches times ${digits(branchScale)}`]),
      ...(normalization === "none" ? [] : [`${normalization} norm`]),
    ].join(", "),
  scheme: ({ scheme }) => named(scheme),
  "signals' factor": ({ verdict }) => times(verdict.factorPerLayer.forward),
  "gradients' factor": ({ verdict }) => times(verdict.factorPerLayer.backward),
  "last layer": ({ layers }) => times(layers.at(-1).forward.mean),
  "first gradient": ({ layers }) => times(layers[0].backward.mean),
  correlation: ({ layers }) => digits(layers.at(-1).correlation.mean),
  dead: ({ layers }) => `${Math.round(100 * layers.at(-2).dead)}%`,
  saturated: ({ layers }) => `${Math.round(100 * layers.at(-2).saturated)}%`,
  "condition number": ({ jacobian: { conditionNumber: x } }) => (x < 1e7 ? digits(x) : "above 10,000,000"), // as far as floats see
  chi_1: ({ meanField }) => (meanField === null ? "" : digits(meanField.chi1)),
  verdict: ({ verdict }) => verdict.kind,
};

/** A row for each experiment. */
function table({ rows, columns, all = {} }) {
  const lines = rows.map((row) => columns.map((column) => COLUMNS[column](run({ ...all, ...row }))));
  return [columns, columns.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Logarithms over the layers: of signals, gradients or correlations. */
function curves({ rows, of, all = {} }) {
  const parts = rows.map((row) => {
    const report = run({ ...all, ...row });
    const logs = report.layers.map((layer) => (of === "correlation" ? layer[of].mean : Math.log10(layer[of].mean)));
    const flat = Math.max(...logs) - Math.min(...logs) < 0.2;
    const values = flat ? logs.map(() => logs.reduce((sum, x) => sum + x, 0) / logs.length) : logs;
    const drawn = plot(values, { height: flat ? 1 : 6, format: (x) => x.toFixed(1).padStart(7) });
    return `${COLUMNS.network(report)}, ${named(report.scheme).replaceAll("`", "")}\n${drawn.replace(/ +$/gm, "")}`;
  });
  return ["```text", parts.join("\n\n"), "```"].join("\n");
}

const text = readFileSync(FILE, "utf8");
const made = text.replace(/(<!-- lab (\{[\s\S]*?\}) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, json, end) => {
  const block = JSON.parse(json);
  return `${begin}\n${block.of === undefined ? table(block) : curves(block)}\n\n${end}`;
});
if (!process.argv.includes("--check")) writeFileSync(FILE, made);
else if (made !== text) {
  const at = [...made].findIndex((letter, i) => letter !== text[i]);
  process.stderr.write(
    `docs/choosing.md is not what the lab makes of it; it should read, near ${at}:\n${made.slice(at - 100, at + 300)}\n`,
  );
  process.exitCode = 1;
}
