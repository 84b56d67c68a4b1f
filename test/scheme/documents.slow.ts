/**
 * The lines of docs/coming-from.md for PyTorch draw what PyTorch itself draws. Needs python3 with torch (Debian:
 * python3-torch), and fails without it.
 */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { type Independent, isStructured } from "../../src/distribution.js";
import * as nn from "../../src/index.js";
import { COMING_FROM_ROWS, code, evaluate } from "./documents.js";

// Runs each line of code on a weight of [512, 784] and prints which distribution its initializer asked for.
const SCRIPT = `
import json, math, sys, torch
from torch import nn
from torch.nn import init
call = []
def record(kind): return lambda self, *given: call.append([kind, *map(float, given)]) or self
T = torch.Tensor
T.uniform_, T.normal_, T.fill_, T.zero_ = record("uniform"), record("normal"), record("constant"), (lambda self: call.append(["constant", 0.0]) or self)
if hasattr(init, "trunc_normal_"): init.trunc_normal_ = lambda w, mean=0., std=1., a=-2., b=2.: call.append(["truncated", mean, std, a, b])
out = []
for line in json.load(sys.stdin):
    call.clear()
    w = torch.empty(512, 784)
    exec(line)
    out.append(call[-1])
print(json.dumps(out))
`;

const has = (python: string) => spawnSync(python, ["-c", "import torch"]).status === 0;

const distributionOf = (ours: string) => nn.resolve([512, 784], evaluate(code(ours)) as nn.Scheme) as nn.Unsplit;

test("PyTorch draws what docs/coming-from.md says", () => {
  const python = ["python3", "/usr/bin/python3"].find(has);
  if (python === undefined) throw new Error("expected a python3 with torch, got none");
  const rows = COMING_FROM_ROWS.filter(
    ({ heading, ours }) => heading === "PyTorch" && !isStructured(distributionOf(ours)),
  );
  const input = JSON.stringify(rows.map(({ theirs }) => code(theirs)));
  const run = spawnSync(python, ["-c", SCRIPT], { input, encoding: "utf8" });
  expect(run.stderr).toBe("");
  const drawn = JSON.parse(run.stdout) as [string, ...number[]][];
  rows.forEach(({ ours, theirs }, i) => {
    const distribution = distributionOf(ours) as Independent;
    const [kind, ...numbers] = drawn[i] as [string, ...number[]];
    expect(distribution.kind, theirs).toBe(kind);
    const values = numbersOf(distribution);
    numbers.forEach((number, k) => {
      expect(Math.abs(number - (values[k] as number)), theirs).toBeLessThanOrEqual(1e-6 * Math.abs(number));
    });
  });
});

/** The numbers that PyTorch's initializers are called with. */
function numbersOf(distribution: Independent): number[] {
  switch (distribution.kind) {
    case "constant":
      return [distribution.value];
    case "uniform":
      return [distribution.low, distribution.high];
    case "normal":
      return [distribution.mean, distribution.std];
    case "truncated": {
      const { mean, std, low, high } = distribution;
      return [mean, std, mean + std * low, mean + std * high];
    }
  }
}
