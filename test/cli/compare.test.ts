/** `nn-init compare`: its text, its JSON, its page, and its refusals. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, nnInit } from "./command.js";

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
    "Before training, the lab called no start of 2 stable, and this one vanishing: it did not foretell this.",
    "│ zero     │ zeros    │          0.05 │ symmetric     │",
    "Training loss, step by step",
    "zero, step 0: 100% of the units of layer 1 are equal",
  ]) {
    expect(run.stdout).toContain(text);
  }
  const page = readFileSync(html, "utf8");
  expect(page.match(/<svg role="img"/g)?.length).toBeGreaterThan(10);
  expect(page).toContain("zero: norm of each layer&#39;s gradient".replace("&#39;", "'"));
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

test("one seed has no standard deviation", async () => {
  const run = await nnInit(["compare", ...SMALL, "--seeds", "1"]);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  expect(run.stdout).toMatch(/ 1 seed\n/);
  expect(run.stdout).not.toContain("±");
});

describe("refused, as wrong usage:", () => {
  test.each([
    ["an unknown start", ["--schemes", "he,xaviar"], 'perhaps "xavier"'],
    ["a learning rate of 0", ["--lr", "0"], "Expected a number above 0."],
    ["no steps", ["--steps", "0"], "Expected a whole number from 1."],
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
