// node test/campaign/peers.mjs [jax] [keras]: what the initializers of JAX and Keras draw, beside what the scheme of that name draws
// here: as many values of both, in bins that have equally many of ours. PEERS= names a Python that has requirements.txt.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { init } from "../../dist/index.js";
import { pythonWith } from "../python.mjs";
import { askedParts, reporter } from "../report.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const VALUES = 2 ** 20; // of each, at least
const BINS = 64;
/** Chi-square of 63 degrees of freedom is above this with a probability of 10^-8. */
const MOST = 157;

const SHAPES = [
  [300, 200],
  [3, 3, 16, 40],
  [5, 24, 8],
];
const scaled = (scale, mode, distribution) => ({ scheme: "varianceScaling", scale, mode, distribution, layout: "io" });

/** Of each initializer its arguments there, and the scheme here. */
const CASES = {
  jax: [
    ["glorot_uniform", {}, { scheme: "glorotUniform" }],
    ["glorot_normal", {}, { scheme: "glorotNormal" }],
    ["he_uniform", {}, { scheme: "heUniform" }],
    ["he_normal", {}, { scheme: "heNormal" }],
    ["lecun_uniform", {}, { scheme: "lecunUniform" }],
    ["lecun_normal", {}, { scheme: "lecunNormal" }],
    ["normal", { stddev: 0.02 }, { scheme: "normal", std: 0.02 }],
    ["truncated_normal", { stddev: 0.02 }, { scheme: "truncatedNormal", std: 0.02 }],
    ["uniform", { scale: 0.5 }, { scheme: "uniform", low: 0, high: 0.5 }],
    ["variance_scaling", { scale: 3, mode: "fan_out", distribution: "normal" }, scaled(3, "fan_out", "normal")],
    ["variance_scaling", { scale: 0.5, mode: "fan_in", distribution: "uniform" }, scaled(0.5, "fan_in", "uniform")],
    ["orthogonal", { scale: 1.5 }, { scheme: "orthogonal", gain: 1.5 }],
  ],
  keras: [
    ["GlorotUniform", {}, { scheme: "glorotUniform" }],
    ["GlorotNormal", {}, { scheme: "glorotNormal" }],
    ["HeUniform", {}, { scheme: "heUniform" }],
    ["HeNormal", {}, { scheme: "heNormal" }],
    ["LecunUniform", {}, { scheme: "lecunUniform" }],
    ["LecunNormal", {}, { scheme: "lecunNormal" }],
    ["RandomNormal", { stddev: 0.02 }, { scheme: "normal", std: 0.02 }],
    ["TruncatedNormal", { stddev: 0.02 }, { scheme: "truncatedNormal", std: 0.02 }],
    ["RandomUniform", { minval: -0.1, maxval: 0.3 }, { scheme: "uniform", low: -0.1, high: 0.3 }],
    [
      "VarianceScaling",
      { scale: 3, mode: "fan_out", distribution: "untruncated_normal" },
      scaled(3, "fan_out", "normal"),
    ],
    ["Orthogonal", { gain: 1.5 }, { scheme: "orthogonal", gain: 1.5 }],
  ],
};

/** The chi-square of two samples of equal size. */
function distance(ours, theirs) {
  const sorted = ours.toSorted();
  const edges = Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / BINS)]);
  const [a, b] = [ours, theirs].map((values) => histogram(values, edges));
  return a.reduce((sum, count, i) => sum + (count - b[i]) ** 2 / (count + b[i]), 0);
}

function histogram(values, edges) {
  const counts = new Array(BINS).fill(0);
  for (const x of values) {
    let [low, high] = [0, edges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= x) low = middle + 1;
      else high = middle;
    }
    counts[low] += 1;
  }
  return counts;
}

function drawn(scheme, shape, count, size) {
  const all = new Float32Array(count * size);
  for (let seed = 0; seed < count; seed++) all.set(init(shape, scheme, { seed, name: "w" }), seed * size);
  return all;
}

async function compare(library) {
  const cases = CASES[library].flatMap(([name, given, scheme]) =>
    SHAPES.map((shape) => {
      const size = shape.reduce((all, length) => all * length, 1);
      return { name, given, scheme, shape, size, count: Math.ceil(VALUES / size) };
    }),
  );
  const folder = mkdtempSync(join(tmpdir(), "nn-init-peers-"));
  try {
    const input = JSON.stringify(cases.map(({ name, given, shape, count }) => ({ name, given, shape, count })));
    const python = process.env.PEERS ?? pythonWith(here("requirements.txt"), "campaign");
    const { status, stdout, stderr } = spawnSync(python, [here("peers.py"), library, folder], {
      input,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`peers.py: ${stderr.slice(-1500)}`);
    console.log(`${library} ${stdout.trim()}`);
    for (const [i, { name, scheme, shape, size, count }] of cases.entries()) {
      await check(`${library}, ${name} of ${shape.join(" x ")}`, () => {
        const bytes = readFileSync(join(folder, String(i)));
        const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        if (theirs.length !== count * size) throw new Error(`expected ${count * size} values, got ${theirs.length}`);
        const found = distance(drawn(scheme, shape, count, size), theirs);
        if (!(found < MOST))
          throw new Error(`chi-square of ${BINS} bins: ${found.toFixed(1)}, ${theirs.length} values of each`);
        return `chi-square of ${BINS} bins ${found.toFixed(1)}, ${theirs.length} values of each`;
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const asked = askedParts(Object.keys(CASES));
const { check, end } = reporter();
for (const library of asked.length > 0 ? asked : Object.keys(CASES)) {
  await compare(library);
}
end();
