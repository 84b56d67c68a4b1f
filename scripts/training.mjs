// node scripts/training.mjs [--check]: writes the tables of docs/training.md, all of them trained. What lies between the comments
// `<!-- NAME -->` and `<!-- end -->` is replaced. With --check nothing is written, and the script fails if the page is not up to
// date. Needs the build, and some minutes.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadDigits } from "../dist/digits.js";
import { compare, train } from "../dist/train.js";

const FILE = fileURLToPath(new URL("../docs/training.md", import.meta.url));
const STRATEGIES = ["small", "large", "xavier", "he", "orthogonal", "lsuv"];
const TRAINING = { steps: 300, measurements: 12 };
const BEHIND = 0.1; // accuracy: a start that is further behind the best one counts as not having trained

/** 44 networks: each of these, in each of these depths. */
const DEPTHS = [4, 12, 24, 48];
const NETWORKS = [
  { activation: "relu" },
  { activation: "tanh" },
  { activation: "gelu" },
  { activation: "leakyRelu" },
  { activation: "softsign" },
  { activation: "selu" },
  { activation: "relu", normalization: "layer" },
  { activation: "relu", normalization: "batch" },
  { activation: "relu", residual: true },
  { activation: "tanh", residual: true },
  { activation: "relu", residual: true, normalization: "layer" },
];

const data = loadDigits();
const percent = (share) => `${Math.round(100 * share)}%`;
const nameOf = ({ activation, residual, normalization }, depth) =>
  [
    `${depth} ${activation}`,
    ...(residual ? ["residual"] : []),
    ...(normalization ? [`${normalization} norm`] : []),
  ].join(", ");

/** Right and wrong: [called stable and trained, called stable and not, not called stable but trained, neither]. */
const counts = [0, 0, 0, 0];
let [foretold, networks] = [0, 0];
const early = { ended: 0, broken: 0, recovered: 0 };
const rows = [];
for (const depth of DEPTHS) {
  for (const shape of NETWORKS) {
    const network = { ...shape, depth, width: 32 };
    const { best, strategies } = await compare({ data, network, strategies: STRATEGIES, seeds: 1, ...TRAINING });
    for (const { verdict, accuracy } of strategies) {
      const [isStable, hasTrained] = [
        verdict.kind === "stable",
        accuracy.mean >= best.accuracy - BEHIND && accuracy.mean > 0.2,
      ];
      counts[(isStable ? 0 : 2) + (hasTrained ? 0 : 1)] += 1;
    }
    networks += 1;
    if (best.foretold) foretold += 1;
    const stable = strategies.filter(({ verdict }) => verdict.kind === "stable").map(({ name }) => name);
    rows.push([
      nameOf(shape, depth),
      best.name,
      percent(best.accuracy),
      stable.join(", ") || "none",
      best.foretold ? "yes" : "no",
    ]);
    for (const { name, ended } of strategies) {
      if (ended === undefined) continue;
      if (ended.reason === "the loss is not a number") {
        early.broken += 1;
        continue;
      }
      early.ended += 1;
      const { test } = train(network, data, { strategy: name, early: false, ...TRAINING });
      if (test.accuracy > 0.2) early.recovered += 1;
    }
    if (process.env.VERBOSE) process.stderr.write(`${rows.at(-1).join(" | ")}\n`);
  }
}

const table = (head, body) =>
  [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const [right, falseStable, falseBad, rightBad] = counts;
const starts = right + falseStable + falseBad + rightBad;
const PARTS = {
  foretold: [
    `The lab foretold the best start of ${foretold} of ${networks} networks. Of the ${starts} starts it called ${right + falseStable} stable, of which ${right}`,
    `trained, and ${falseBad + rightBad} not, of which ${rightBad} did not train: it was right about ${percent((right + rightBad) / starts)} of them.`,
    "",
    table(["network", "best start", "its accuracy", "called stable before training", "foretold"], rows),
  ].join("\n"),
  early:
    `Of these ${starts} runs, ${early.broken} ended because the loss was not a number, and ${early.ended} because they were hopeless. The ${early.ended} were run\n` +
    `again to the end: ${early.recovered} of them learned anything.`,
};

process.stdout.write(`early: ended ${early.ended}, recovered ${early.recovered}\n`);
const page = readFileSync(FILE, "utf8");
const updated = page.replace(/(<!-- (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (all, begin, name, end) =>
  name in PARTS ? `${begin}\n${PARTS[name]}\n\n${end}` : all,
);
if (!process.argv.includes("--check")) writeFileSync(FILE, updated);
else if (updated !== page) {
  process.stderr.write(`docs/training.md is not up to date; now:\n${Object.values(PARTS).join("\n")}\n`);
  process.exitCode = 1;
}
