/** `nn-init compare`: its text, its JSON, its page, and its refusals. */
import { existsSync, readFileSync, watch } from "node:fs";
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

test("an interrupt ends the training; the seeds that are done are printed and written, and the signal is the exit code", async () => {
  const [out, html] = [join(work, "stopped.json"), join(work, "stopped.html")];
  const tiny = ["--depth", "1", "--width", "4", "--steps", "3", "--data", "spiral", "--schemes", "he,zero"];
  const seen: number[] = [];
  const watcher = watch(work, () => {
    if (!existsSync(out) || seen.length > 0) return;
    seen.push(JSON.parse(readFileSync(out, "utf8")).seeds); // whole at any time
    process.emit("SIGTERM", "SIGTERM");
  });
  const run = await nnInit(["compare", ...tiny, "--seeds", "5000", "--json", "--out", out, "--html", html]);
  watcher.close();
  expect(run).toMatchObject({ status: 143, stderr: "" });
  const { seeds, complete, strategies } = JSON.parse(run.stdout);
  expect(seen[0]).toBeGreaterThan(0);
  expect(seeds).toBeGreaterThanOrEqual(seen[0] as number);
  expect(seeds).toBeLessThan(5000);
  expect(complete).toBe(false);
  for (const { runs } of strategies) expect(runs).toHaveLength(seeds);
  expect(readFileSync(out, "utf8")).toBe(run.stdout);
  expect(readFileSync(html, "utf8")).toContain("(interrupted)");
  expect(process.listenerCount("SIGTERM")).toBe(0);
});

describe("refused, as wrong usage:", () => {
  test.each([
    ["an unknown start", ["--schemes", "he,xaviar"], 'perhaps "xavier"'],
    ["a learning rate of 0", ["--lr", "0"], "Expected a number above 0."],
    ["no steps", ["--steps", "0"], "Expected a whole number from 1."],
    ["a network that the data does not fit", ["--data", "spiral", "--network", "attention"], "a multiple of 16"],
    ["a pipe for the JSON", ["--out", "-"], "--json writes to standard output"],
    ["one file for both", ["--out", "same", "--html", "./same"], "another file"],
    ["a start twice", ["--schemes", "he,he"], "different names"],
  ])("%s", async (_, flags, message) => {
    const { status, stdout, stderr } = await nnInit(["compare", ...flags]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
