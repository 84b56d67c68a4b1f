/** `nn-init lab`: its text, its JSON, its page, and its refusals. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { labPage } from "../../src/cli/lab.html.js";
import { labText } from "../../src/cli/lab.text.js";
import { labBeside, labParts } from "../../src/lab/lab.js";
import { checkedExperiment } from "../../src/lab/options.js";
import { CLAIMS, isWorthThread } from "../../src/lab/parts.js";
import { type LabOptions, lab, type MeanField, parseActivation } from "../../src/lab.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const SMALL = ["--depth", "10", "--width", "32", "--samples", "16"];

describe("the text", () => {
  test("has verdict, plots, layers and the recommended scheme beside the one asked about", async () => {
    const run = await nnInit(["lab", ...SMALL, "--scheme", "glorotUniform"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const text of [
      "dense, 10 layers of 32 units, relu; 16 samples, 3 seeds\nglorotUniform\n",
      "\nVANISHING: ",
      "log10 of the gradient variance",
      "┼",
      "condition number",
      "chi_1 is 0.5 (ordered)",
      "Recommended: heNormal",
      "With the recommended scheme:\nSTABLE: ",
    ]) {
      expect(run.stdout).toContain(text);
    }
  });

  test("says where the recommended scheme is the one that was run", async () => {
    const { stdout } = await nnInit(["lab", ...SMALL]);
    expect(stdout).toContain("\nheNormal\n\nSTABLE: ");
    expect(stdout).toContain("This is the scheme above.");
  });

  test("has no recommendation with --no-recommendation", async () => {
    const { stdout } = await nnInit(["lab", ...SMALL, "--scheme", "glorotUniform", "--no-recommendation"]);
    expect(stdout).not.toContain("ecommended");
  });
});

test("normalization, its place and biases are flags, which the text names", async () => {
  const flags = [
    "--residual",
    "--normalization",
    "batch",
    "--normalization-at",
    "post",
    "--bias-variance",
    "0.25",
    "--no-recommendation",
  ];
  const { status, stdout } = await nnInit(["lab", ...SMALL, ...flags]);
  expect(status).toBe(0);
  expect(stdout).toContain(
    "relu; residual; batch normalization after each residual addition; biases of variance 0.25; 16 samples",
  );
  const json = JSON.parse((await nnInit(["lab", ...SMALL, ...flags, "--json"])).stdout);
  expect(json.network).toMatchObject({ normalization: "batch", normalizationAt: "post", biasVariance: 0.25 });
  expect(json.jacobian).toBeNull();
});

test.each([
  ["tends to a value", ["--scheme", "heNormal"], "variance tends to 1.9"],
  ["vanishes", ["--scheme", "glorotUniform"], "variance vanishes, chi_1 is 0.5 (ordered)"],
  ["explodes", ["--scheme", "normal", "--std", "1"], "variance explodes, chi_1 is 16 (chaotic)"],
])("theory says where the variance %s", async (_, flags, text) => {
  const { stdout } = await nnInit(["lab", ...SMALL, ...flags, "--no-recommendation"]);
  expect(stdout).toContain(`Mean-field theory: ${text}`);
});

test("theory says of an unstable fixed point that signals leave it, in the text and on the page", () => {
  const report = lab({ depth: 2, width: 8, samples: 4, seeds: 1, recommendation: false });
  const meanField = { ...(report.meanField as MeanField), fixedPoint: 1, stable: false };
  expect(labText({ ...report, meanField }, undefined)).toContain(
    "variance 1 is a fixed point that signals leave, chi_1",
  );
  expect(labPage({ ...report, meanField })).toContain("1, which signals leave");
});

test("--json is what the library says", async () => {
  const flags = ["--activation", "tanh", "--residual", "--normalization", "rms", "--json"];
  const { stdout } = await nnInit(["lab", ...SMALL, "--scheme", '{"scheme":"normal","std":0.1}', ...flags]);
  const json = JSON.parse(stdout);
  const own = lab({
    depth: 10,
    width: 32,
    samples: 16,
    scheme: { scheme: "normal", std: 0.1 },
    activation: "tanh",
    residual: true,
    normalization: "rms",
  });
  expect(json).toEqual(JSON.parse(JSON.stringify(own)));
  expect(Object.keys(json.verdict)).toEqual(["kind", "factorPerLayer", "growth", "sentence"]);
  const byFlags = await nnInit(["lab", ...SMALL, "--scheme", "normal", "--std", "0.1", ...flags]);
  expect(byFlags.stdout).toBe(stdout);
});

describe("a second thread", () => {
  const scheme = "glorotUniform";
  const options = { ...parseActivation("max(0, x)"), depth: 4, width: 256, samples: 512, seeds: 1, scheme } as const; // 4 parts
  const flags = ["--depth", "4", "--width", "256", "--samples", "512", "--seeds", "1", "--scheme", scheme];
  const NONE = new Int32Array(CLAIMS);

  test("takes parts of the work, and the report is the same", async () => {
    const whole = lab(options);
    const all = labParts(options, NONE.slice());
    expect([...all.keys()]).toEqual([0, 1, 2, 3]);
    const seen: string[] = [];
    const shared = await labBeside(
      { ...options, onProgress: (done, total) => seen.push(`${done}/${total}`) },
      async (claims) => {
        claims.fill(2);
        return new Map([...all].slice(0, 2));
      },
    );
    expect(shared).toEqual(whole);
    expect(seen).toEqual(["3/4", "4/4"]);
    const { stdout } = await nnInit(["lab", ...flags, "--formula", "max(0, x)", "--json"]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(whole)));
  });

  test("is not started for little work, nor for networks that should not be in memory twice", async () => {
    const never = () => Promise.reject(new Error("started"));
    const few = { ...options, samples: 510 };
    expect(await labBeside(few, never)).toEqual(lab(few));
    const worth = (given: LabOptions) => isWorthThread(checkedExperiment({ ...options, ...given }), 2);
    expect([worth({}), worth({ samples: 510 })]).toEqual([true, false]);
    expect([worth({ depth: 4000 }), worth({ depth: 5000 })]).toEqual([true, false]); // 2.1 and 2.6 GB
  });
});

test("--html writes a page that stands alone", async () => {
  const page = join(work, "lab.html");
  const args = ["lab", ...SMALL, "--activation", "tanh", "--scheme", "lecunNormal", "--html", page];
  expect(await nnInit(args)).toMatchObject({ status: 0, stderr: "" });
  const html = readFileSync(page, "utf8");
  expect(html.match(/<figure/g)?.length).toBe(8);
  expect(html).toContain("lecunNormal: <span");
  expect(html).toContain("chaos (above 1) of tanh");
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(html).toContain("prefers-color-scheme: dark");
  const least = ["lab", "--depth", "2", "--width", "4", "--samples", "2", "--seeds", "1", "--html"];
  expect((await nnInit([...least, page])).stderr).toContain("exists; --force replaces it");
  expect((await nnInit([...least, work, "--force"])).stderr).toMatch(/cannot write .*: it is a folder\n$/);
  writeFileSync(page, "");
  expect((await nnInit([...least, page, "--force"])).status).toBe(0);
  expect(readFileSync(page, "utf8")).toContain("<svg");
  // Nothing to plot is no error: everything is 0.
  expect((await nnInit([...least, page, "--scheme", "zeros", "--force"])).status).toBe(0);
});

test.each<[string, string[], RegExp]>([
  ["an unknown activation", ["--activation", "reelu"], /perhaps "relu"/],
  ["an unknown scheme", ["--scheme", "hee"], /scheme: expected one of/],
  ["a scheme that is no JSON", ["--scheme", "{x"], /--scheme/],
  ["a depth of 0", ["--depth", "0"], /--depth.*from 1/],
  ["a fractional width", ["--width", "1.5"], /--width/],
  ["a word for a number", ["--branch-scale", "x"], /--branch-scale.*number/],
  ["an unknown normalization", ["--normalization", "group"], /--normalization/],
  ["an unknown place of normalization", ["--normalization-at", "mid"], /--normalization-at/],
  ["a word for a variance", ["--bias-variance", "x"], /--bias-variance.*number/],
  ["a variance below 0", ["--bias-variance=-1"], /^nn-init: --bias-variance: expected a number not below 0, got -1\n$/],
  ["an odd number of samples", ["--samples", "3"], /^nn-init: --samples: expected an even number/],
  ["a slope of relu", ["--slope", "1"], /^nn-init: --slope: expected activation "leakyRelu" next to it/],
  ["a place without a normalization", ["--normalization-at", "post"], /^nn-init: --normalization-at: expected "pre"/],
  [
    "a scheme of other layers",
    ["--scheme", "deltaOrthogonal"],
    /^nn-init: --scheme: expected one for a layer of shape/,
  ],
  [
    "a network that is too large",
    ["--depth", "100000", "--width", "10000"],
    /^nn-init: --depth, --width, --samples: expected a network whose signals/,
  ],
])("%s is wrong usage: exit code 2", async (_, args, message) => {
  const run = await nnInit(["lab", ...args]);
  expect(run).toMatchObject({ status: 2, stdout: "" });
  expect(run.stderr).toMatch(message);
});

test("a signal that becomes too large is plotted as far as it goes", async () => {
  const run = await nnInit([..."lab --scheme normal --std 1 --depth 100 --width 32 --seeds 1 --samples 8".split(" ")]);
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(/log10 of the signal variance, layers 1 to \d+; elsewhere it is 0 or too large\n/);
});

describe("a formula", () => {
  test("stands for the activation function", async () => {
    const flags = [...SMALL, "--seeds", "1", "--scheme", "glorotUniform", "--formula", "x * sigmoid(x)"];
    const { status, stdout, stderr } = await nnInit(["lab", ...flags, "--json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const report = JSON.parse(stdout);
    const built = lab({ activation: "silu", depth: 10, width: 32, samples: 16, seeds: 1, scheme: "glorotUniform" });
    expect(report.network.activation).toBe("x * sigmoid(x)");
    expect(report.layers[9].forward.mean).toBeCloseTo(built.layers[9]?.forward.mean as number, 8);
    expect(report.recommendation.run.verdict.kind).toBe(built.recommendation?.run?.verdict.kind);
    const own = { ...parseActivation("max(0, x)"), depth: 3, width: 8, samples: 4, seeds: 1 };
    expect(labPage(lab(own))).toContain("max(0, x)");
  });

  test("is refused where it is none, and nothing of it is run", async () => {
    const one = await nnInit(["lab", ...SMALL, "--formula", "1 / x"]);
    expect(one.stderr).toMatch(/^nn-init: --formula: /);
    const { status, stderr } = await nnInit(["lab", ...SMALL, "--formula", "process.exit(3)"]);
    expect(status).toBe(2);
    expect(stderr).toContain('--formula "process.exit(3)": expected one of the functions abs');
  });
});

test("--port is for --open", async () => {
  const { status, stderr } = await nnInit(["lab", "--port", "1"]);
  expect(status).toBe(2);
  expect(stderr).toContain("--port: give --open too");
});
