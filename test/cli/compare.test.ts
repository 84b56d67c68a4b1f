/** `nn-init compare`: its text, its JSON, its page, and its refusals. */
import { existsSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readOwnData } from "../../src/cli/compare.npz.js";
import { longText, remainingText } from "../../src/cli/compare.time.js";
import { folder, nnInit } from "./command.js";
import { npzOf, type TestArray } from "./npz.js";

const work = folder();
const SMALL = ["--depth", "3", "--width", "16", "--steps", "20", "--seeds", "2", "--schemes", "zero,heNormal"];

test("the text has the best start, a table, curves and what was found; the page has the same, with plots", async () => {
  const html = join(work, "compare.html");
  const run = await nnInit(["compare", ...SMALL, "--html", html]);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  for (const text of [
    "dense, 3 layers of 16, relu; on digits: 20 steps of 32 samples by sgd, 2 seeds\n",
    "heNormal is the best start, with ",
    "(standard error ",
    "Before training, the lab called no start of 2 stable, and this one vanishing: it did not predict this.",
    "│ zero     │ zeros    │          0.05 │ symmetric     │",
    "Training loss, step by step",
    "zero, step 0: 100% of the units of layer 1 are equal",
  ]) {
    expect(run.stdout).toContain(text);
  }
  const page = readFileSync(html, "utf8");
  expect(page.match(/<svg role="img"/g)?.length).toBeGreaterThan(10);
  expect(page).toContain("zero: norm of each layer's gradient");
});

test("--json has shares from 0 to 1, and the same numbers with any number of threads", async () => {
  const flags = ["compare", ...SMALL, "--data", "spiral", "--json"];
  const [one, two] = await Promise.all([nnInit([...flags, "--threads", "1"]), nnInit([...flags, "--threads", "2"])]);
  expect(one).toEqual(two);
  const { data, steps, strategies, best, complete } = JSON.parse(one.stdout);
  expect({ data, steps, complete }).toEqual({ data: "spiral", steps: 20, complete: true });
  expect(strategies.map(({ name }: { name: string }) => name)).toEqual(["zero", "heNormal"]);
  const { accuracy, loss, ended } = strategies[0];
  expect(Object.keys(accuracy)).toEqual(["mean", "std"]);
  expect(accuracy.mean).toBeGreaterThan(0.3);
  expect(accuracy.mean).toBeLessThan(0.37);
  expect(loss.mean).toBeCloseTo(Math.log(3), 2);
  expect(Object.keys(ended)).toEqual(["reason", "layer", "step"]);
  expect(best.name).toBe("heNormal");
});

test("an interrupt ends the training; the seeds that are done are printed and written, and the signal is the exit code", async () => {
  const [out, html] = [join(work, "stopped.json"), join(work, "stopped.html")];
  const tiny = ["--depth", "1", "--width", "4", "--steps", "3", "--data", "spiral", "--schemes", "he,zero"];
  const seen: number[] = [];
  const watcher = watch(work, () => {
    if (!existsSync(out) || seen.length > 0) return;
    seen.push(JSON.parse(readFileSync(out, "utf8")).seeds); // whole at any time
    process.emit("SIGTERM", "SIGTERM");
  });
  const run = await nnInit(["compare", ...tiny, "--seeds", "1000", "--json", "--out", out, "--html", html]);
  watcher.close();
  expect(run).toMatchObject({ status: 143, stderr: "" });
  const { seeds, complete, strategies } = JSON.parse(run.stdout);
  expect(seen[0]).toBeGreaterThan(0);
  expect(seeds).toBeGreaterThanOrEqual(seen[0] as number);
  expect(seeds).toBeLessThan(1000);
  expect(complete).toBe(false);
  for (const { runs } of strategies) expect(runs.length).toBeGreaterThanOrEqual(seeds);
  expect(Math.min(...strategies.map(({ runs }: { runs: unknown[] }) => runs.length))).toBe(seeds);
  expect(readFileSync(out, "utf8")).toBe(run.stdout);
  expect(readFileSync(html, "utf8")).toContain("(interrupted)");
  expect(process.listenerCount("SIGTERM")).toBe(0);
});

describe("a file of layers", () => {
  const small = ["--steps", "2", "--batch", "8", "--seeds", "1", "--schemes", "he,recommended"];
  const layers = fileURLToPath(new URL("../../examples/layers.json", import.meta.url));

  test("is trained, named in the text and the JSON, and the same with any number of threads", async () => {
    const out = join(work, "layers.result.json");
    const run = await nnInit(["compare", "--network", layers, ...small, "--threads", "2", "--out", out]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("convolution 8, positions, relu, residual(layer normalization, attention), residual(");
    const one = await nnInit(["compare", "--network", layers, ...small, "--json", "--threads", "1"]);
    expect(one).toEqual({ status: 0, stdout: readFileSync(out, "utf8"), stderr: "" });
    const { network, strategies } = JSON.parse(one.stdout);
    expect(network.layers).toHaveLength(8);
    expect(strategies.map(({ scheme }: { scheme: unknown }) => scheme)).toEqual([{ scheme: "heNormal" }, null]);
  });

  test.each([
    ['[{ "layer": "dense", "units": 8, "inputs": 3 }]', [], "network[0] (dense): expected 64 inputs", 1],
    ['[{ "layer": "dense", "units": 8 }', [], "line 1, column 34", 1],
    ['{ "layer": "dense" }', [], "network: expected an array of layers", 1],
    ['[{ "layer": "dense", "units": 8 }]', ["--depth", "3"], "--depth: expected none beside --network", 2],
    ['[{ "layer": "dense", "units": 8 }]', ["--norm", "layer"], "--normalization: expected none beside --network", 2],
    ['[{ "layer": "pool" }]', ["--data", "spiral"], "network[0] (pool): expected data of a multiple of 16", 1],
  ] as const)("refuses %s %j", async (text, flags, message, status) => {
    const file = join(work, "refused.json");
    writeFileSync(file, text);
    const run = await nnInit(["compare", "--network", file, ...small, ...flags]);
    expect(run).toMatchObject({ status, stdout: "" });
    expect(run.stderr).toContain(message);
  });

  test("a file that is not there, and what is neither a kind nor a file, are refused", async () => {
    const missing = await nnInit(["compare", "--network", join(work, "missing.json")]);
    expect(missing.stderr).toContain("no such file");
    const other = await nnInit(["compare", "--network", "layers.txt"]);
    expect(other.stderr).toContain("Expected dense, convolution, attention, or a file whose name ends in .json.");
  });
});

describe("a plan", () => {
  const plan = join(work, "own.json");
  const flags = [
    ...["compare", "--data", "spiral", "--depth", "2", "--width", "8", "--steps", "10", "--seeds", "1"],
    "--json",
  ];
  const ENDS = [
    { role: "head", scheme: "kaimingNormal" },
    { role: "bias", scheme: "zeros" },
    { role: "normalization", scheme: "ones" },
  ];
  const withPlan = (rules: readonly object[], ...others: string[]) => {
    writeFileSync(plan, JSON.stringify({ rules }));
    return nnInit([...flags, "--plan", plan, ...others]);
  };

  test("is one more start, called as its file, with the same weights as the schemes that it names", async () => {
    const rules = [{ role: "weight", scheme: "kaimingNormal", gain: "sqrt(2) * depth / (width - 6)" }, ...ENDS];
    const run = await withPlan(rules, "--schemes", "zero,kaimingNormal", "--norm", "layer", "--threads", "1");
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const [zero, named, planned] = JSON.parse(run.stdout).strategies;
    expect(planned).toMatchObject({ name: "own", scheme: null });
    expect(planned.loss).toEqual(named.loss);
    expect(planned.loss).not.toEqual(zero.loss);
  });

  test.each([
    ["leaves out", [{ role: "weight", scheme: "kaimingNormal" }, ...ENDS.slice(1, 2)], "head"],
    [
      "copies",
      [{ match: "layers.1.bias", copy: "layers.0.bias" }, { role: "weight", scheme: "zeros" }, ...ENDS.slice(0, 2)],
      "layers.1.bias: expected a scheme that draws it",
    ],
    ["computes", [{ role: "weight", scheme: "arange" }, ...ENDS.slice(0, 2)], "layers.0.weight"],
  ])("that %s a parameter is refused by its file, before training", async (_, rules, message) => {
    const { status, stdout, stderr } = await withPlan(rules);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(`nn-init: ${plan}: `);
    expect(stderr).toContain(message);
  });
});

describe("data of an .npz file", () => {
  const path = join(work, "own.npz");
  const SAMPLES = 50;
  /** Sample i has [i, -i], [i / 2, 7], and class i % 2. */
  const samples = Array.from({ length: SAMPLES }, (_, i) => [i, -i, i / 2, 7]);
  const x: TestArray = { descr: "<f4", shape: [SAMPLES, 2, 2], values: Float32Array.from(samples.flat()) };
  const y: TestArray = {
    ...{ descr: "<i8", shape: [SAMPLES] },
    values: BigInt64Array.from(samples, (_, i) => BigInt(i % 2)),
  };
  const read = (arrays: Readonly<Record<string, TestArray>>) => {
    writeFileSync(path, npzOf(arrays));
    return readOwnData(path);
  };
  const whole = read({ x, y });

  test("is cut into parts, class by class, and every sample keeps its features", () => {
    expect(whole).toMatchObject({ name: "own.npz", features: 4, classes: 2 });
    const parts = [whole.training, whole.validation, whole.test];
    expect(parts.map(({ targets }) => targets.length)).toEqual([30, 10, 10]);
    const seen = parts.flatMap(({ inputs, targets }) => {
      expect(Array.from(targets).filter((target) => target === 1)).toHaveLength(targets.length / 2);
      return Array.from(targets, (target, j) => {
        const own = Array.prototype.slice.call(inputs, 4 * j, 4 * j + 4);
        expect(own).toEqual(samples[own[0]]);
        expect(own[0] % 2).toBe(target);
        return own[0];
      });
    });
    expect(seen.sort((a, b) => a - b)).toEqual(samples.map((_, i) => i));
  });

  const column = (k: number) => samples.map((sample) => sample[k] as number);
  const F16 = { descr: "<f2", shape: [SAMPLES], values: Uint16Array.from(samples, (_, i) => (i % 2 ? 0x3c00 : 0)) };
  test.each([
    ["float64", { ...x, descr: "<f8", values: Float64Array.from(samples.flat()) }],
    // The first axis is the fastest one: columns [0, 0], [1, 0], [0, 1], [1, 1] of the last two.
    ["Fortran order", { ...x, fortranOrder: true, values: Float32Array.from([0, 2, 1, 3].flatMap(column)) }],
  ])("is the same as %s", (_, same) => expect(read({ other: y, x: same, y })).toEqual(whole));

  test.each([
    ["|u1", new Uint8Array(SAMPLES)],
    ["|b1", new Uint8Array(SAMPLES)],
    ["|i1", new Int8Array(SAMPLES)],
    ["<u2", new Uint16Array(SAMPLES)],
    ["<i2", new Int16Array(SAMPLES)],
    ["<u4", new Uint32Array(SAMPLES)],
    ["<i4", new Int32Array(SAMPLES)],
  ])("has classes of type %s, also as a column", (descr, values) => {
    expect(read({ x, y: { descr, shape: [SAMPLES, 1], values: values.map((_, i) => i % 2) } })).toEqual(whole);
  });

  test("is a regression where y has floats, of one number or several", () => {
    expect(read({ x, y: F16 })).toMatchObject({ outputs: 1, features: 4 });
    const two = read({ x, y: { descr: "<f8", shape: [SAMPLES, 2], values: new Float64Array(2 * SAMPLES).fill(0.5) } });
    expect(two).toMatchObject({ outputs: 2 });
    expect(Array.from(two.test.targets)).toEqual(new Array(20).fill(0.5));
  });

  test("trains like other data", async () => {
    writeFileSync(path, npzOf({ x, y }));
    const flags = ["--depth", "1", "--width", "4", "--steps", "3", "--seeds", "1", "--schemes", "he", "--json"];
    const run = await nnInit(["compare", "--data", path, "--batch", "30", ...flags]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(run.stdout)).toMatchObject({ data: "own.npz", network: { features: 4, outputs: 2 } });
    const { status, stderr } = await nnInit(["compare", "--data", path, "--batch", "31", ...flags]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "nn-init: --batch: expected at most 30, the samples that there are to train on, got 31\n",
    });
  });

  const missing = Float32Array.from(samples.flat());
  missing[4 * 7 + 2] = Number.NaN;
  const classes = (of: (i: number) => number) => ({
    ...{ descr: "<i4", shape: [SAMPLES] },
    values: Int32Array.from(samples, (_, i) => of(i)),
  });
  test.each<readonly [string, Readonly<Record<string, TestArray>>, string]>([
    ["no y", { x, labels: y }, 'arrays: expected one named y, got ["x", "labels"]'],
    ["a missing value", { x: { ...x, values: missing }, y }, "x[7, 1, 0]: expected a finite number"],
    ...[0x7c00, 0xfc00, 0x7e00].map((pattern): [string, Readonly<Record<string, TestArray>>, string] => [
      `float16 ${pattern.toString(16)}, which is infinite or missing`,
      { x: { ...x, descr: "<f2", values: new Uint16Array(4 * SAMPLES).fill(pattern) }, y },
      "x[0, 0, 0]: expected a finite number",
    ]),
    [
      "too large a number",
      { x: { ...x, descr: "<f8", values: Float64Array.from({ length: 200 }, () => 1e39) }, y },
      "x[0, 0, 0]",
    ],
    ["one axis", { x: { ...y }, y }, "x: shape: expected [samples, features]"],
    ["no sample", { x: { ...x, shape: [0, 4], values: new Uint8Array(0) }, y }, "x: shape"],
    [
      "more features than fit",
      { x: { descr: "|u1", shape: [1, 2 ** 20 + 1], values: new Uint8Array(2 ** 20 + 1) }, y },
      "x: shape: expected at most 1048576",
    ],
    [
      "fewer answers than samples",
      { x, y: { ...y, shape: [40], values: new BigInt64Array(40) } },
      "y: shape: expected [50]",
    ],
    ["classes in two columns", { x, y: { ...y, shape: [50, 2], values: new BigInt64Array(100) } }, "y: shape"],
    ["one class", { x, y: classes(() => 0) }, "y: expected two classes or more"],
    ["classes numbered from 1", { x, y: classes((i) => 1 + (i % 2)) }, "y: expected classes numbered from 0 to 2"],
    ["classes of -1 and 1", { x, y: classes((i) => 2 * (i % 2) - 1) }, "y[0]: expected a class"],
    ["a class that is no number", { x, y: classes((i) => i << 24) }, "y[1]: expected a class"],
    [
      "a class beyond 2^53",
      { x, y: { ...y, values: new BigInt64Array(SAMPLES).fill(2n ** 62n) } },
      "y[0]: expected a class",
    ],
    ["another byte order", { x: { ...x, descr: ">f4" }, y }, "x: type: expected one of"],
    [
      "too few samples",
      { x: { ...x, shape: [2, 100] }, y: { ...y, shape: [2], values: new BigInt64Array([0n, 1n]) } },
      "samples: expected enough of them for training, validation and test data: 4 or more of a class, got 2",
    ],
  ])("is refused with %s, by file and place", (_, arrays, message) => {
    expect(() => read(arrays)).toThrow(`${path}: ${message}`);
  });
});

test("a comparison that takes long says so once enough steps are made, and what to lower", () => {
  expect(longText(4.9, 10, 10_000)).toBeUndefined(); // too early to know
  expect(longText(5, 100, 2_480)).toBeUndefined(); // 119 s
  expect(longText(5, 100, 2_501)).toMatch(/^about 2 min left, for 2501 steps: lower --steps, .*--seeds/);
  expect(
    [
      [10, 50, 100],
      [60, 1, 26],
      [60, 1, 211],
    ].map(([t, d, n]) => remainingText(t as number, d as number, n as number)),
  ).toEqual(["10 s", "25 min", "3.5 h"]);
});

test("one seed has no standard deviation", async () => {
  const run = await nnInit(["compare", ...SMALL, "--data", "spiral", "--steps", "3", "--seeds", "1"]);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  expect(run.stdout).toMatch(/ 1 seed\n/);
  expect(run.stdout).not.toContain("±");
});

describe("refused, as wrong usage:", () => {
  test.each([
    ["an unknown start", ["--schemes", "he,xaviar"], 'perhaps "xavier"'],
    ["a learning rate of 0", ["--lr", "0"], "Expected a number above 0."],
    ["no steps", ["--steps", "0"], "Expected a whole number from 1."],
    ["data of another kind", ["--data", "own.csv"], "a file whose name ends in .npz"],
    ["a pipe for the JSON", ["--out", "-"], "--json writes to standard output"],
    ["one file for both", ["--out", "same", "--html", "./same"], "another file"],
    [
      "a network that the data does not fit",
      ["--data", "spiral", "--network", "attention"],
      "--data: expected a multiple of 16",
    ],
    ["more seeds than fit in memory", ["--seeds", "1000000000"], "--seeds: expected at most 1000, got 1000000000"],
    [
      "more steps than fit in memory",
      ["--steps", "99999999", "--seeds", "9"],
      "--seeds, --steps: expected at most 134217728 steps",
    ],
    [
      "a scheme without its options",
      ["--schemes", "sparse"],
      "--schemes: expected a scheme that needs no options (sparsity: ",
    ],
    ["a start twice", ["--schemes", "he,he"], "different names"],
  ])("%s", async (_, flags, message) => {
    const { status, stdout, stderr } = await nnInit(["compare", ...flags]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
