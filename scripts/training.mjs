// node scripts/training.mjs [--check]: writes the tables of docs/training.md, all of them trained. What lies between the comments
// `<!-- NAME -->` and `<!-- end -->` is replaced. With --check nothing is written, and the script fails if the page is not up to
// date. Needs the build, and some minutes.
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { loadDigits } from "../dist/digits.js";
import { compare, train } from "../dist/train.js";

const FILE = fileURLToPath(new URL("../docs/training.md", import.meta.url));
const STRATEGIES = ["small", "large", "xavier", "he", "orthogonal", "lsuv"];
const TRAINING = { steps: 300, measurements: 12 };
const BEHIND = 0.1; // accuracy: a start that is further behind the best one counts as not having trained
const LEARNED = 0.2; // accuracy: less is near chance, which is 0.1

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

/** The results of one depth: a row for each network, and counts. Each depth is trained in a thread. */
async function trained(depth) {
  // [called stable and trained, called stable and not, not called stable but trained, neither]
  const made = { rows: [], counts: [0, 0, 0, 0], predicted: 0, ended: 0, broken: 0, recovered: 0 };
  for (const shape of NETWORKS) {
    const network = { ...shape, depth, width: 32 };
    const { best, strategies } = await compare({ data, network, strategies: STRATEGIES, seeds: 1, ...TRAINING });
    for (const { name, verdict, accuracy, ended } of strategies) {
      const isStable = verdict.kind === "stable";
      const hasTrained = accuracy.mean >= best.accuracy - BEHIND && accuracy.mean > LEARNED;
      made.counts[(isStable ? 0 : 2) + (hasTrained ? 0 : 1)] += 1;
      if (ended === undefined) continue;
      if (ended.reason === "the loss is not a number") made.broken += 1;
      else {
        made.ended += 1;
        const { test } = train(network, data, { strategy: name, early: false, ...TRAINING });
        if (test.accuracy > LEARNED) made.recovered += 1;
      }
    }
    if (best.predicted) made.predicted += 1;
    const stable = strategies.filter(({ verdict }) => verdict.kind === "stable").map(({ name }) => name);
    const cells = [best.name, percent(best.accuracy), stable.join(", ") || "none", best.predicted ? "yes" : "no"];
    made.rows.push([nameOf(shape, depth), ...cells]);
  }
  return made;
}

if (!isMainThread) {
  parentPort.postMessage(await trained(workerData));
  parentPort.close();
} else await write();

async function write() {
  const all = await Promise.all(
    DEPTHS.map(async (depth) => {
      const [made] = await once(new Worker(new URL(import.meta.url), { workerData: depth }), "message");
      return made;
    }),
  );
  const sum = (of) => all.reduce((total, made) => total + of(made), 0);
  const [ended, broken, recovered] = [
    sum((made) => made.ended),
    sum((made) => made.broken),
    sum((made) => made.recovered),
  ];
  const [right, falseStable, falseBad, rightBad] = [0, 1, 2, 3].map((i) => sum(({ counts }) => counts[i]));
  const rows = all.flatMap((made) => made.rows);
  const starts = right + falseStable + falseBad + rightBad;
  const head = ["network", "best start", "its accuracy", "called stable before training", "predicted"];
  const parts = {
    predicted: [
      `The lab predicted the best start of ${sum((made) => made.predicted)} of ${rows.length} networks. Of the ${starts} starts it called ${right + falseStable} stable, of which`,
      `${right} trained, and ${falseBad + rightBad} not, of which ${rightBad} did not train: it was right about ${percent((right + rightBad) / starts)} of them.`,
      "",
      [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n"),
    ].join("\n"),
    early: `Of these ${starts} runs, ${broken} ended because the loss was not a number, and ${ended} because they could no longer learn. The ${ended} were run
again to the end: ${recovered} of them learned anything.`,
  };
  process.stdout.write(`early: ended ${ended}, recovered ${recovered}\n`);
  const page = readFileSync(FILE, "utf8");
  const updated = page.replace(/(<!-- (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (whole, begin, name, end) =>
    name in parts ? `${begin}\n${parts[name]}\n\n${end}` : whole,
  );
  if (!process.argv.includes("--check")) writeFileSync(FILE, updated);
  else if (updated !== page) {
    process.stderr.write(`docs/training.md is not up to date; now:\n${Object.values(parts).join("\n")}\n`);
    process.exitCode = 1;
  }
}
